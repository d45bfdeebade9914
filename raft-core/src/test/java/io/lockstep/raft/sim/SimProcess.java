package io.lockstep.raft.sim;

/**
 * One life of a node's process, as its loops see it: it can be stopped for a while, and it ends.
 */
final class SimProcess {
  /** Counts the lives of this node. */
  final long life;

  private final int node;
  private boolean alive = true;
  private long stoppedUntil;

  SimProcess(int node, long life) {
    this.node = node;
    this.life = life;
  }

  int node() {
    return node;
  }

  boolean alive() {
    return alive;
  }

  void end() {
    alive = false;
  }

  /** Nothing of it runs before {@code time}; its clock goes on. */
  void stopUntil(long time) {
    stoppedUntil = Math.max(stoppedUntil, time);
  }

  /** The earliest time at or after {@code time} at which it can run. */
  long runnable(long time) {
    return Math.max(time, stoppedUntil);
  }
}
