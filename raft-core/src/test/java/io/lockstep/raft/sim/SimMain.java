package io.lockstep.raft.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the simulator from a shell.
 *
 * <pre>
 *   --seed N        one run, traced line by line
 *   --seeds A..B    all runs from A to B
 *   --level NAME    the kind of run
 *   --without FAULT without a class of fault; may be repeated
 *   --bug NAME      with a planted bug
 *   --quiet         no trace
 *   --threads N     2 unless said otherwise
 * </pre>
 *
 * Ends with 1 when a run failed.
 */
public final class SimMain {
  private final List<Scenario> scenarios;
  private final PrintStream out;
  private Scenario scenario;
  private PlantedBug bug = PlantedBug.NONE;
  private final List<Fault> without = new ArrayList<>();
  private long first = 1;
  private long last = 1;
  private boolean quiet;
  private int threads = 2;

  /** The first of {@code scenarios} is the default. */
  public SimMain(List<Scenario> scenarios, PrintStream out) {
    this.scenarios = scenarios;
    this.out = out;
    scenario = scenarios.getFirst();
  }

  public static void main(String[] args) {
    System.exit(new SimMain(List.of(new RaftScenario()), System.out).run(args));
  }

  /** Returns the exit code. */
  public int run(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--quiet")) {
        quiet = true;
      } else if (i + 1 < args.length) {
        take(args[i], args[++i]);
      } else {
        throw new IllegalArgumentException("unknown argument " + args[i]);
      }
    }
    return first == last ? one() : many();
  }

  private void take(String name, String value) {
    switch (name) {
      case "--seed" -> last = first = Long.parseLong(value);
      case "--seeds" -> {
        String[] ends = value.split("\\.\\.", 2);
        first = ends.length == 2 ? Long.parseLong(ends[0]) : 1;
        last = Long.parseLong(ends[ends.length - 1]);
      }
      case "--level" ->
          scenario =
              scenarios.stream()
                  .filter(s -> s.name().equals(value))
                  .findFirst()
                  .orElseThrow(() -> new IllegalArgumentException("no level " + value));
      case "--without" -> without.add(Fault.valueOf(value));
      case "--bug" ->
          bug =
              scenario.bugs().stream()
                  .filter(b -> b.name().equals(value))
                  .findFirst()
                  .orElseThrow(() -> new IllegalArgumentException("no bug " + value));
      case "--threads" -> threads = Integer.parseInt(value);
      default -> throw new IllegalArgumentException("unknown argument " + name);
    }
  }

  private int one() {
    RunReport report = run(first, quiet ? null : out);
    out.println(line(report));
    return report.passed() ? 0 : 1;
  }

  private int many() {
    Scenario asAsked =
        new Scenario() {
          @Override
          public String name() {
            return scenario.name();
          }

          @Override
          public RunReport run(
              RunSettings settings, PlantedBug planted, @Nullable Appendable echo) {
            return SimMain.this.run(settings.seed(), echo);
          }

          @Override
          public List<PlantedBug> bugs() {
            return scenario.bugs();
          }
        };
    SimSuite suite = SimSuite.of(asAsked, first, last - first + 1, threads, this::show);
    out.println(suite.summary());
    return suite.failed().isEmpty() ? 0 : 1;
  }

  private void show(RunReport report) {
    if (!report.passed() || !quiet) {
      out.println(line(report));
    }
  }

  private RunReport run(long seed, @Nullable Appendable echo) {
    FaultPlan plan = RunSettings.of(seed).plan();
    for (Fault fault : without) {
      plan = plan.without(fault);
    }
    return scenario.run(RunSettings.of(seed, plan), bug, echo);
  }

  private static String line(RunReport report) {
    String figures =
        "seed %d: %d events, %d operations, %d faults, %d ms, digest %016x, %s"
            .formatted(
                report.seed(),
                report.events(),
                report.operations(),
                report.faults(),
                report.nanos() / 1_000_000,
                report.digest(),
                report.plan());
    return report.passed() ? figures : figures + "\n  FAILED " + report.violation();
  }
}
