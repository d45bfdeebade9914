package io.lockstep.raft.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** A clock that only moves when told to, and loops that run on it, all on the calling thread. */
final class VirtualTime implements NodeClock {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long made;

  private record Event(long at, long number, VirtualLoop loop, Runnable task)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
    }
  }

  private final class VirtualLoop implements Loop {
    private final long latencyNanos;
    private boolean busy;

    VirtualLoop(long latencyNanos) {
      this.latencyNanos = latencyNanos;
    }

    @Override
    public void execute(Runnable task) {
      executeAfter(0, task);
    }

    @Override
    public void executeAfter(long delayNanos, Runnable task) {
      events.add(new Event(now + delayNanos + latencyNanos, made++, this, task));
    }

    void run(Runnable task) {
      busy = true;
      try {
        task.run();
      } finally {
        busy = false;
      }
    }
  }

  @Override
  public long nanoTime() {
    return now;
  }

  /** A loop whose tasks each begin {@code latency} after they were given. */
  Loop loop(Duration latency) {
    return new VirtualLoop(latency.toNanos());
  }

  /**
   * Runs all that falls due within {@code span}, and ends at its end. A task may itself call this:
   * then the other loops work beside it, and its own waits.
   */
  void pass(Duration span) {
    long end = now + span.toNanos();
    List<Event> waiting = new ArrayList<>();
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event next = events.remove();
      if (next.loop().busy) {
        waiting.add(next);
      } else {
        now = Math.max(now, next.at());
        next.loop().run(next.task());
      }
    }
    events.addAll(waiting);
    now = Math.max(now, end);
  }

  /** Lets time pass in which no task runs, as while the process is stopped. */
  void pause(Duration span) {
    now += span.toNanos();
  }

  void passMillis(long millis) {
    pass(Duration.ofMillis(millis));
  }
}
