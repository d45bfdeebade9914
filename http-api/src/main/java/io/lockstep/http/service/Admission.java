package io.lockstep.http.service;

import io.lockstep.raft.node.RaftHandle;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets requests in while the bounds allow. Thread-safe. */
final class Admission {
  private final int max;
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile boolean stalled;
  private volatile boolean shuttingDown;

  Admission(int max) {
    this.max = max;
  }

  /** Whether one more of this lane is let in; if so it must {@link #leave} once. */
  boolean enter(Lane lane) {
    if (stalled && lane.grows()) {
      return false;
    }
    if (outstanding.incrementAndGet() <= lane.bound(max)) {
      return true;
    }
    outstanding.decrementAndGet();
    return false;
  }

  void leave() {
    outstanding.decrementAndGet();
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
