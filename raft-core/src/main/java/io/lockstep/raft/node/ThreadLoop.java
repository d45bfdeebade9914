package io.lockstep.raft.node;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A {@link Loop} on one platform thread of its own, which parks while there is nothing to do. A
 * task that throws ends the loop and the node: its state is not to be trusted any more.
 *
 * <p>The queue is bounded. Those who use a loop put their work into bounded queues of their own and
 * leave one task here to find it, so only a broken caller can reach the bound, and that is fatal. A
 * task that was not taken is not run.
 */
public final class ThreadLoop implements Loop {
  private static final int TASKS_MAX = 1 << 16;
  private static final int TASKS_PER_ROUND = 256;

  private final String name;
  private final NodeClock clock;
  private final FatalHandler fatal;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicBoolean failed = new AtomicBoolean();
  private volatile boolean parked;
  private volatile boolean stopping;

  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long timersMade;

  private record Timer(long dueNanos, long number, Runnable task) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      long earlier = dueNanos - other.dueNanos;
      return Long.signum(earlier != 0 ? earlier : number - other.number);
    }
  }

  /**
   * Makes the loop; nothing runs before {@link #start}.
   *
   * @param name of the thread
   * @param fatal called once, when a task throws or too many wait
   */
  public ThreadLoop(String name, NodeClock clock, FatalHandler fatal) {
    this.name = name;
    this.clock = clock;
    this.fatal = fatal;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /** Starts the thread. Called once. */
  public void start() {
    thread.start();
  }

  /** Ends the loop after the task at hand. What waits, and what comes later, is not run. */
  public void stop() {
    stopping = true;
    LockSupport.unpark(thread);
  }

  /** Waits until the thread has ended, at most so long; returns whether it has. Not for loops. */
  public boolean awaitEnd(Duration atMost) throws InterruptedException {
    return thread.join(atMost);
  }

  @Override
  public void execute(Runnable task) {
    if (queued.incrementAndGet() > TASKS_MAX) {
      queued.decrementAndGet();
      fail(new IllegalStateException("more than " + TASKS_MAX + " tasks wait"));
      return;
    }
    tasks.add(task);
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void executeAfter(long delayNanos, Runnable task) {
    long due = clock.nanoTime() + delayNanos;
    if (Thread.currentThread() == thread) {
      addTimer(due, task);
    } else {
      execute(() -> addTimer(due, task));
    }
  }

  /** Tasks that wait to be run. */
  public int queued() {
    return queued.get();
  }

  private void addTimer(long dueNanos, Runnable task) {
    timers.add(new Timer(dueNanos, timersMade++, task));
  }

  private void run() {
    try {
      while (!stopping) {
        boolean worked = runDueTimers();
        worked |= runTasks();
        if (!worked) {
          park();
        }
      }
    } catch (Throwable failure) {
      fail(failure);
    }
  }

  private void fail(Throwable failure) {
    stopping = true;
    if (failed.compareAndSet(false, true)) {
      fatal.fatal(name, failure);
    }
  }

  private boolean runDueTimers() {
    Timer next = timers.peek();
    if (next == null || next.dueNanos() - clock.nanoTime() > 0) {
      return false;
    }
    timers.remove();
    next.task().run();
    return true;
  }

  private boolean runTasks() {
    Runnable task;
    int run = 0;
    while (run < TASKS_PER_ROUND && !stopping && (task = tasks.poll()) != null) {
      queued.decrementAndGet();
      task.run();
      run++;
    }
    return run > 0;
  }

  /** A task added after the look at the queue finds {@code parked} set and so wakes the thread. */
  private void park() {
    parked = true;
    Timer next = timers.peek();
    if (tasks.isEmpty() && !stopping) {
      if (next == null) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, next.dueNanos() - clock.nanoTime());
      }
    }
    parked = false;
  }
}
