package io.lockstep.raft.sim;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Hunts planted bugs from seed 1 on, one after the other, and prints a row of the table in {@code
 * docs/simulator.md} for each.
 */
final class HuntCommand {
  /** Of each thread: a bug that hides for longer is as good as not found. */
  private static final long NANOS_MAX = TimeUnit.MINUTES.toNanos(5);

  private final int threads;
  private final PrintStream out;
  private double seconds;
  private double longest;
  private int found;
  private int missed;

  HuntCommand(int threads, PrintStream out) {
    this.threads = threads;
    this.out = out;
  }

  /** Hunts each of {@code bugs}, planted in runs of {@code scenario}. */
  void hunt(Scenario scenario, List<PlantedBug> bugs) {
    for (PlantedBug bug : bugs) {
      Hunt hunt = Hunt.of(scenario, bug, 1, Long.MAX_VALUE, threads, NANOS_MAX);
      seconds += hunt.seconds();
      longest = Math.max(longest, hunt.seconds());
      report(scenario, hunt);
    }
  }

  private void report(Scenario scenario, Hunt hunt) {
    if (hunt.found() == null) {
      missed++;
      out.printf(Locale.ROOT, "%s hides for %.0f s%n", hunt.bug().name(), hunt.seconds());
      return;
    }
    long seed = Objects.requireNonNull(hunt.found()).seed();
    out.println(BugTable.row(hunt.bug(), seed, hunt.seconds()));
    RunReport without = scenario.run(seed);
    if (!hunt.asRecorded() || !without.passed()) {
      missed++;
      out.println("  broke: " + hunt.property() + "; without it: " + without.violation());
    } else {
      found++;
    }
  }

  /** Prints the sum; the exit code. */
  int end() {
    out.printf(
        Locale.ROOT,
        "%d bugs found, %d not, in %.1f s of processor time, the longest in %.1f s; commit %s%n",
        found,
        missed,
        seconds,
        longest,
        System.getProperty("lockstep.commit", "not known"));
    return missed == 0 ? 0 : 1;
  }
}
