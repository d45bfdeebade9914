package io.lockstep.http.service;

import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.HolderInfo;
import org.jspecify.annotations.Nullable;

/** What became of a submitted request: the whole of what its client may conclude. */
public sealed interface Answer {
  /** It went through the log; the state machine's result says what it did. */
  record Done(Applied applied) implements Answer {}

  /** Nothing happened, and nothing will. */
  record NotApplied(Refusal refusal) implements Answer {}

  /**
   * A wait for a lock passed without a grant, and the place in the queue is given up.
   *
   * @param holder who held the lock then, null when nobody did
   * @param queueLength how many still waited
   */
  record WaitPassed(@Nullable HolderInfo holder, long queueLength) implements Answer {}

  /** It may take effect or have taken effect, or not. */
  record Unknown() implements Answer {}
}
