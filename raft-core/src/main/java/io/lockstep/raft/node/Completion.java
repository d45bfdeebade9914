package io.lockstep.raft.node;

import io.lockstep.raft.Outcome;

/**
 * Where the fate of one proposal is reported: exactly one call, which must not block. It comes on a
 * loop of the node; or, when the queue is full, on the caller's own thread before the asking method
 * returns.
 *
 * @param <R> the state machine's result
 */
public interface Completion<R> {
  /**
   * The command was applied at {@code index} and is visible to readers of this node.
   *
   * @param timing where its time went
   */
  void applied(long index, R result, Timing timing);

  /**
   * The command did not come through; {@code outcome} says what may be concluded. Never {@code
   * Committed}.
   */
  void failed(Outcome outcome);
}
