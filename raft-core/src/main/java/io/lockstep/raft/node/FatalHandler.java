package io.lockstep.raft.node;

/**
 * Ends the process of a node that must not go on: its disk failed, or an invariant does not hold.
 * Called at most once in the life of a node, on the thread that found out. By then nothing new is
 * acknowledged.
 */
@FunctionalInterface
public interface FatalHandler {
  /**
   * Reports why.
   *
   * @param where the part of the node that failed, for people
   */
  void fatal(String where, Throwable cause);
}
