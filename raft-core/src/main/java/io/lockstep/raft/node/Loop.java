package io.lockstep.raft.node;

/**
 * A thread that runs tasks one after the other, or the simulator's stand-in for one. Tasks must not
 * block, except on the loop that owns the disk.
 */
public interface Loop {
  /** Runs {@code task} on this loop, after those given before. Callable from any thread. */
  void execute(Runnable task);

  /**
   * Runs {@code task} on this loop, not before {@code delayNanos} have passed. Callable from any
   * thread.
   */
  void executeAfter(long delayNanos, Runnable task);
}
