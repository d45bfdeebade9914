package io.lockstep.raft.node;

import io.lockstep.raft.Outcome;

/**
 * Where the fate of one read is reported: exactly one call, which must not block. It comes on a
 * loop of the node; or, when the queue is full, on the caller's own thread before the asking method
 * returns.
 */
public interface ReadCompletion {
  /**
   * The published state now holds everything that was acknowledged, anywhere, before the read was
   * asked for.
   */
  void current(long index);

  /**
   * Not confirmed: {@code NotLeader} or {@code Overloaded}. Asking again is a new read and does no
   * harm.
   */
  void failed(Outcome outcome);
}
