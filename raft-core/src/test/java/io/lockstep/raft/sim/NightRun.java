package io.lockstep.raft.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A long run over seeds that nobody has seen yet: most of the first scenario, every eighth of the
 * second. Says once a minute how far it is, and of each violation at once what it takes to see it
 * again.
 */
final class NightRun {
  private static final int EACH = 8;
  private static final int VIOLATIONS_MAX = 20;
  private static final int REPORTS_WAITING_MAX = 1_000;

  private final List<Scenario> scenarios;
  private final int threads;
  private final long progressNanos;
  private final PrintStream out;
  private final BlockingQueue<Heard> reports = new ArrayBlockingQueue<>(REPORTS_WAITING_MAX);
  private final FaultTally faults = new FaultTally();
  private final long[] runs;
  private long events;
  private long operations;
  private long processorNanos;
  private final List<String> violations = new ArrayList<>();
  private long beginNanos;
  private volatile boolean over;

  /** {@code scenarios} are one or two. */
  NightRun(List<Scenario> scenarios, int threads, long progressNanos, PrintStream out) {
    this.scenarios = scenarios;
    this.threads = threads;
    this.progressNanos = progressNanos;
    this.out = out;
    runs = new long[scenarios.size()];
  }

  private sealed interface Heard {
    /** A run, the processor time it took, and its description when it failed. */
    record Ran(int scenario, RunReport report, long nanos, @Nullable String described)
        implements Heard {}

    /** A worker has ended. */
    record Ended() implements Heard {}
  }

  /**
   * Runs the seeds from {@code first} to {@code last}, or as many as there is time for.
   *
   * @return the exit code
   */
  int run(long first, long last, long nanos) throws InterruptedException {
    out.printf(Locale.ROOT, "seeds from %d on, commit %s%n", first, commit());
    beginNanos = System.nanoTime();
    AtomicLong next = new AtomicLong(first);
    for (int i = 0; i < threads; i++) {
      Thread.ofPlatform().name("night").start(() -> work(next, last, beginNanos + nanos));
    }
    long progressAt = beginNanos + progressNanos;
    int working = threads;
    while (working > 0) {
      Heard heard = reports.poll(progressAt - System.nanoTime(), TimeUnit.NANOSECONDS);
      switch (heard) {
        case Heard.Ran ran -> add(ran);
        case Heard.Ended _ -> working--;
        case null -> {
          progress("");
          progressAt += progressNanos;
        }
      }
    }
    progress("in all: ");
    return violations.isEmpty() ? 0 : 1;
  }

  private static String commit() {
    return System.getProperty("lockstep.commit", "not known");
  }

  private void work(AtomicLong next, long last, long endNanos) {
    try {
      long seed = next.getAndIncrement();
      while (seed <= last && !over && System.nanoTime() - endNanos < 0) {
        int which = scenarios.size() > 1 && seed % EACH == 0 ? 1 : 0;
        Scenario scenario = scenarios.get(which);
        long begin = ProcessorTime.nanos();
        RunReport report = scenario.run(seed);
        long taken = ProcessorTime.nanos() - begin;
        String described = report.passed() ? null : SimSuite.describe(scenario, report);
        reports.put(new Heard.Ran(which, report, taken, described));
        seed = next.getAndIncrement();
      }
      reports.put(new Heard.Ended());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void add(Heard.Ran ran) {
    runs[ran.scenario()]++;
    events += ran.report().events();
    operations += ran.report().operations();
    faults.add(ran.report().faults());
    processorNanos += ran.nanos();
    if (ran.described() != null) {
      violations.add(ran.report().seed() + ": " + ran.report().violation());
      out.println(ran.described());
      over |= violations.size() >= VIOLATIONS_MAX;
    }
  }

  private void progress(String what) {
    double seconds = (System.nanoTime() - beginNanos) / 1e9;
    StringBuilder text = new StringBuilder(what);
    for (int i = 0; i < runs.length; i++) {
      text.append(String.format(Locale.ROOT, "%,d %s, ", runs[i], scenarios.get(i).name()));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%.1f M events in %.0f s, %.1f M a minute of a core, %,d operations, %d violations; "
                + "faults: %s",
            events / 1e6,
            seconds,
            events / 1e6 * 60 / (processorNanos / 1e9),
            operations,
            violations.size(),
            faults));
    out.println(text);
  }
}
