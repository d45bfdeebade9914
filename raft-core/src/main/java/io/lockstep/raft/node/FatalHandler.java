package io.lockstep.raft.node;

/**
 * Ends the process of a node that must not go on: its disk failed, or an invariant does not hold.
 * Called on the thread that found out, at most once by a {@link RaftNode} and by each {@link
 * ThreadLoop}. By then nothing new is acknowledged.
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
