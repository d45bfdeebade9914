package io.lockstep.raft.node;

import java.time.Duration;
import java.util.PriorityQueue;

/** A clock that only moves when told to, and loops that run on it, all on the calling thread. */
final class VirtualTime implements NodeClock {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long made;

  private record Event(long at, long number, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  @Override
  public long nanoTime() {
    return now;
  }

  /** A loop whose tasks each begin {@code latency} after they were given. */
  Loop loop(Duration latency) {
    return new Loop() {
      @Override
      public void execute(Runnable task) {
        add(latency.toNanos(), task);
      }

      @Override
      public void executeAfter(long delayNanos, Runnable task) {
        add(delayNanos + latency.toNanos(), task);
      }
    };
  }

  private void add(long delayNanos, Runnable task) {
    events.add(new Event(now + delayNanos, made++, task));
  }

  /** Runs all that falls due within {@code span}, and ends at its end. */
  void pass(Duration span) {
    long end = now + span.toNanos();
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event next = events.remove();
      now = next.at();
      next.task().run();
    }
    now = end;
  }

  void passMillis(long millis) {
    pass(Duration.ofMillis(millis));
  }
}
