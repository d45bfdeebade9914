package io.lockstep.http.service;

import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeClock;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** A clock and a loop that move only when a test says so. */
final class VirtualTime implements Loop, NodeClock {
  private record Task(long atNanos, long number, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long nowNanos = 1_000_000_000L;
  private long added;

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public void execute(Runnable task) {
    executeAfter(0, task);
  }

  @Override
  public void executeAfter(long delayNanos, Runnable task) {
    tasks.add(new Task(nowNanos + delayNanos, added++, task));
  }

  /** The moment in so many milliseconds. */
  long in(long millis) {
    return nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Lets so much time pass and runs all that is due on the way. */
  void pass(long millis) {
    long end = in(millis);
    while (!tasks.isEmpty() && tasks.peek().atNanos() <= end) {
      Task next = tasks.remove();
      nowNanos = Math.max(nowNanos, next.atNanos());
      next.action().run();
    }
    nowNanos = end;
  }
}
