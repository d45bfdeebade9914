package io.lockstep.raft.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time and what is going to happen in it. Events of one moment come in an order that the
 * seed decides. One thread runs it all.
 *
 * <p>An event takes no time: what takes time comes before its event, as a force does before the
 * task that reports it. So no code ever sees what has not happened yet, not even through shared
 * memory.
 */
public final class Simulation {
  private final Chance tieBreak;
  private final Trace trace;
  private long[] times = new long[1_024];
  private long[] ties = new long[1_024];
  private @Nullable Runnable[] tasks = new Runnable[1_024];
  private int size;
  private long now;
  private long events;

  public Simulation(long seed, @Nullable Appendable echo) {
    tieBreak = Chance.of(seed, "tie-break");
    trace = new Trace(echo);
  }

  public Trace trace() {
    return trace;
  }

  /** Nanoseconds since the run began. */
  public long now() {
    return now;
  }

  /** Events run so far. */
  public long events() {
    return events;
  }

  /** Runs {@code task} at {@code time}, or now if that has passed. */
  public void at(long time, Runnable task) {
    if (size == times.length) {
      int capacity = size * 2;
      times = Arrays.copyOf(times, capacity);
      ties = Arrays.copyOf(ties, capacity);
      tasks = Arrays.copyOf(tasks, capacity);
    }
    siftUp(size++, Math.max(time, now), tieBreak.nextLong(), task);
  }

  /** Runs {@code task} when {@code nanos} have passed. */
  public void after(long nanos, Runnable task) {
    at(now + nanos, task);
  }

  /** Runs the next event; false when there is none up to {@code until}, which is then the time. */
  public boolean step(long until) {
    if (size == 0 || times[0] > until) {
      now = Math.max(now, until);
      return false;
    }
    Runnable task = tasks[0];
    now = times[0];
    removeFirst();
    events++;
    if (task != null) {
      task.run();
    }
    return true;
  }

  private void removeFirst() {
    size--;
    long time = times[size];
    long tie = ties[size];
    Runnable task = tasks[size];
    tasks[size] = null;
    if (size > 0) {
      siftDown(time, tie, task);
    }
  }

  private void siftUp(int from, long time, long tie, Runnable task) {
    int at = from;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (!before(time, tie, parent)) {
        break;
      }
      move(parent, at);
      at = parent;
    }
    put(at, time, tie, task);
  }

  private void siftDown(long time, long tie, @Nullable Runnable task) {
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && before(times[child + 1], ties[child + 1], child)) {
        child++;
      }
      if (before(time, tie, child)) {
        break;
      }
      move(child, at);
      at = child;
    }
    put(at, time, tie, task);
  }

  private boolean before(long time, long tie, int other) {
    return time != times[other] ? time < times[other] : tie < ties[other];
  }

  private void move(int from, int to) {
    times[to] = times[from];
    ties[to] = ties[from];
    tasks[to] = tasks[from];
  }

  private void put(int at, long time, long tie, @Nullable Runnable task) {
    times[at] = time;
    ties[at] = tie;
    tasks[at] = task;
  }
}
