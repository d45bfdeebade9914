package io.lockstep.http.service;

import io.lockstep.raft.node.RaftHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Lets requests in while the bounds allow. Thread-safe. */
final class Admission {
  private final int max;
  private final long bytesMax;
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicLong outstandingBytes = new AtomicLong();
  private volatile boolean stalled;
  private volatile boolean shuttingDown;

  Admission(int max, long bytesMax) {
    this.max = max;
    this.bytesMax = bytesMax;
  }

  /**
   * Whether one more of this lane and size is let in; if so it must {@link #leave} once. What does
   * not grow the state is small, and not refused for its size.
   */
  boolean enter(Lane lane, int bytes) {
    if (stalled && lane.grows()) {
      return false;
    }
    boolean fits = outstanding.incrementAndGet() <= lane.bound(max);
    fits &= outstandingBytes.addAndGet(bytes) <= bytesMax || !lane.grows();
    if (!fits) {
      leave(bytes);
    }
    return fits;
  }

  void leave(int bytes) {
    outstanding.decrementAndGet();
    outstandingBytes.addAndGet(-bytes);
  }

  int outstanding() {
    return outstanding.get();
  }

  /** A leader that commits nothing is full, whatever the count says. */
  void stalled(boolean nothingMoves) {
    stalled = nothingMoves;
  }

  boolean isStalled() {
    return stalled;
  }

  void shutDown() {
    shuttingDown = true;
  }

  boolean isShuttingDown() {
    return shuttingDown;
  }

  /** Whether {@code raft}'s disk has room for a request of this lane. */
  static boolean hasRoom(RaftHandle<?> raft, Lane lane) {
    return !lane.grows()
        || switch (raft.room()) {
          case AMPLE -> true;
          case RESERVE, NONE -> false;
        };
  }
}
