package io.lockstep.raft.sim;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What lease reads assume of clocks: runs within the bound, where no read may be stale, and beyond
 * it, where a stale one must be found, or else the first says nothing.
 */
final class LeaseCommand {
  /** What a stale read breaks. */
  static final Set<String> STALE =
      Set.of(
          "a read sees all that was answered before it",
          "what is confirmed at a moment holds all answered before it");

  private final int threads;
  private final PrintStream out;

  LeaseCommand(int threads, PrintStream out) {
    this.threads = threads;
    this.out = out;
  }

  /** Runs {@code count} seeds from {@code first} on, both ways; the exit code. */
  int run(long first, long count) {
    boolean safe = within(first, count);
    boolean needed = beyond(first, count);
    out.println("commit " + System.getProperty("lockstep.commit", "not known"));
    return safe && needed ? 0 : 1;
  }

  private boolean within(long first, long count) {
    LeaseScenario scenario = LeaseScenario.withinTheBound();
    SimSuite suite = SimSuite.of(scenario, first, count, threads, r -> {});
    out.println(line(scenario, suite));
    if (!suite.failed().isEmpty()) {
      out.println(suite.firstFailure(scenario));
    }
    return suite.failed().isEmpty() && scenario.reads() > 0;
  }

  /** Ends after some stale reads. */
  private boolean beyond(long first, long count) {
    LeaseScenario scenario = LeaseScenario.beyondTheBound();
    SimSuite suite = SimSuite.of(scenario, first, count, threads, r -> {});
    out.println(line(scenario, suite));
    Optional<RunReport> found =
        suite.failed().stream()
            .filter(LeaseCommand::isStale)
            .min(Comparator.comparingLong(RunReport::seed));
    found.ifPresent(run -> out.println("  seed " + run.seed() + ": " + run.violation()));
    return found.isPresent();
  }

  static boolean isStale(RunReport report) {
    return report.violation() != null && STALE.contains(report.violation().property());
  }

  private static String line(LeaseScenario scenario, SimSuite suite) {
    return String.format(
        Locale.ROOT,
        "%s: clocks up to %d %% wrong; %,d runs, %,d reads by lease, %.1f M events; %d runs with a"
            + " violation",
        scenario.name(),
        scenario.driftPpmMax() / 10_000,
        suite.runs(),
        scenario.reads(),
        suite.events() / 1e6,
        suite.failed().size());
  }
}
