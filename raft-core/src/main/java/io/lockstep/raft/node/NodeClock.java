package io.lockstep.raft.node;

/**
 * A node's monotonic clock. Only differences of its values mean anything. Callable from any thread.
 */
public interface NodeClock {
  long nanoTime();
}
