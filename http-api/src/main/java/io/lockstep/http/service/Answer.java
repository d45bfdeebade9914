package io.lockstep.http.service;

import io.lockstep.kv.command.LockName;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.raft.node.Timing;
import org.jspecify.annotations.Nullable;

/** What became of a submitted request: the whole of what its client may conclude. */
public sealed interface Answer {
  /**
   * It went through the log; the state machine's result says what it did.
   *
   * @param timing where the time of its own entry went, as the node that led has measured it; what
   *     it waited for after that, such as a lock, is not in it
   */
  record Done(Applied applied, Timing timing) implements Answer {}

  /** Nothing happened, and nothing will. */
  record NotApplied(Refusal refusal) implements Answer {}

  /**
   * A wait for a lock passed without a grant, and the place in the queue is given up.
   *
   * @param of which of several locks was in the way; null when one was asked for
   * @param holder who held the lock then, null when nobody did
   * @param queueLength how many still waited
   * @param opensInMillis until a delay ends that holds the lock up; 0 for none
   * @param timing of the entry that took the place in the queue
   */
  record WaitPassed(
      @Nullable LockName of,
      @Nullable HolderInfo holder,
      long queueLength,
      long opensInMillis,
      Timing timing)
      implements Answer {}

  /** It may take effect or have taken effect, or not. */
  record Unknown() implements Answer {}
}
