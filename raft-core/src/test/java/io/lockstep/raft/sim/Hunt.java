package io.lockstep.raft.sim;

import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The search for the first seed that shows a planted bug. It does not depend on how many threads
 * search: every seed before the one that is found was run, and passed.
 *
 * @param found the run that failed; null when none did
 * @param seconds of processor time that it took, of all threads together
 */
public record Hunt(PlantedBug bug, @Nullable RunReport found, double seconds) {
  /** For ever, as far as a search goes. */
  public static final long NO_LIMIT = TimeUnit.DAYS.toNanos(365);

  /**
   * Runs the seeds from {@code first} to {@code last} until one fails.
   *
   * @param nanosMax of processor time for each thread
   */
  public static Hunt of(
      Scenario scenario, PlantedBug bug, long first, long last, int threads, long nanosMax) {
    AtomicLong spent = new AtomicLong();
    AtomicLong next = new AtomicLong(first);
    ConcurrentSkipListMap<Long, RunReport> failed = new ConcurrentSkipListMap<>();
    Runnable search =
        () -> {
          long seed = next.getAndIncrement();
          while (seed <= last && failed.isEmpty() && ProcessorTime.nanos() < nanosMax) {
            RunReport report = scenario.run(RunSettings.of(seed), bug, null);
            if (!report.passed()) {
              failed.put(seed, report);
            }
            seed = next.getAndIncrement();
          }
          spent.addAndGet(ProcessorTime.nanos());
        };
    List<Thread> searchers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      searchers.add(Thread.ofPlatform().name("hunt").start(search));
    }
    searchers.forEach(Hunt::await);
    Map.Entry<Long, RunReport> smallest = failed.firstEntry();
    return new Hunt(bug, smallest == null ? null : smallest.getValue(), spent.get() / 1e9);
  }

  private static void await(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The property that the found run broke; null when none was found. */
  public @Nullable String property() {
    Violation violation = found == null ? null : found.violation();
    return violation == null ? null : violation.property();
  }

  /** Whether a run was found and broke what the bug is known to break. */
  public boolean asRecorded() {
    String property = property();
    return property != null && bug.breaks().contains(property);
  }

  /** For people: what was found. */
  @Override
  public String toString() {
    return found == null
        ? bug.name() + " hides"
        : bug.name() + ": seed " + Objects.requireNonNull(found).seed() + ", " + property();
  }
}
