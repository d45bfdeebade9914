package io.lockstep.raft.sim;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 *   --hunt          looks for a seed for each planted bug, or for that of --bug
 *   --leases N      lease reads alone: so many runs with clocks within the bound, where none may
 *                   fail, and beyond it, where one must
 *   --night TIME    as many runs as there is time for: 8h, 30m, 45s; from a seed that the time of
 *                   day gives, or from that of --seeds on
 * </pre>
 *
 * Ends with 1 when a run failed, or a bug was not found.
 */
public final class SimMain {
  private static final long PROGRESS_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final List<Scenario> scenarios;
  private final PrintStream out;
  private @Nullable Scenario level;
  private @Nullable String bug;
  private final List<Fault> without = new ArrayList<>();
  private long first;
  private long last = Long.MAX_VALUE;
  private boolean quiet;
  private boolean hunt;
  private long leases;
  private long nightNanos;
  private int threads = 2;

  /** The first of {@code scenarios} is the default. */
  public SimMain(List<Scenario> scenarios, PrintStream out) {
    this.scenarios = scenarios;
    this.out = out;
  }

  public static void main(String[] args) throws InterruptedException {
    System.exit(new SimMain(List.of(new RaftScenario()), System.out).run(args));
  }

  /** Returns the exit code. */
  public int run(String[] args) throws InterruptedException {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--quiet")) {
        quiet = true;
      } else if (args[i].equals("--hunt")) {
        hunt = true;
      } else if (i + 1 < args.length) {
        take(args[i], args[++i]);
      } else {
        throw new IllegalArgumentException("unknown argument " + args[i]);
      }
    }
    if (hunt) {
      return hunt();
    }
    if (leases > 0) {
      return new LeaseCommand(threads, out).run(Math.max(1, first), leases);
    }
    if (nightNanos > 0) {
      return night();
    }
    return first == last ? one() : many();
  }

  private void take(String name, String value) {
    switch (name) {
      case "--seed" -> last = first = Long.parseLong(value);
      case "--seeds" -> {
        String[] ends = value.split("\\.\\.", 2);
        first = ends.length == 2 ? Long.parseLong(ends[0]) : 1;
        String end = ends[ends.length - 1];
        last = end.isEmpty() ? Long.MAX_VALUE : Long.parseLong(end);
      }
      case "--level" ->
          level =
              scenarios.stream()
                  .filter(s -> s.name().equals(value))
                  .findFirst()
                  .orElseThrow(() -> new IllegalArgumentException("no level " + value));
      case "--without" -> without.add(Fault.valueOf(value));
      case "--bug" -> bug = value;
      case "--threads" -> threads = Integer.parseInt(value);
      case "--leases" -> leases = Long.parseLong(value);
      case "--night" -> nightNanos = nanos(value);
      default -> throw new IllegalArgumentException("unknown argument " + name);
    }
  }

  private static long nanos(String time) {
    int end = time.length() - 1;
    double amount = Double.parseDouble(time.substring(0, end));
    long unit =
        switch (time.charAt(end)) {
          case 'h' -> TimeUnit.HOURS.toNanos(1);
          case 'm' -> TimeUnit.MINUTES.toNanos(1);
          case 's' -> TimeUnit.SECONDS.toNanos(1);
          default -> throw new IllegalArgumentException("not a time like 8h, 30m or 45s: " + time);
        };
    return (long) (amount * unit);
  }

  private Scenario scenario() {
    return level == null ? scenarios.getFirst() : level;
  }

  private List<Scenario> levels() {
    return level == null ? scenarios : List.of(level);
  }

  private List<PlantedBug> bugs(Scenario scenario) {
    return scenario.bugs().stream().filter(b -> bug == null || b.name().equals(bug)).toList();
  }

  private int hunt() {
    HuntCommand command = new HuntCommand(threads, out);
    levels().forEach(scenario -> command.hunt(scenario, bugs(scenario)));
    return command.end();
  }

  private int night() throws InterruptedException {
    long from = first > 0 ? first : System.currentTimeMillis() * 1_000;
    List<Scenario> runs = levels().stream().map(s -> s.with(PlantedBug.NONE, without)).toList();
    return new NightRun(runs, threads, PROGRESS_NANOS, out).run(from, last, nightNanos);
  }

  private Scenario asAsked() {
    Scenario scenario = scenario();
    PlantedBug planted = PlantedBug.NONE;
    if (bug != null) {
      planted =
          bugs(scenario).stream()
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no bug " + bug));
    }
    return scenario.with(planted, without);
  }

  private int one() {
    RunReport report = asAsked().run(RunSettings.of(first), PlantedBug.NONE, quiet ? null : out);
    out.println(line(report));
    return report.passed() ? 0 : 1;
  }

  private int many() {
    long count = last == Long.MAX_VALUE ? Long.MAX_VALUE / 2 : last - first + 1;
    SimSuite suite = SimSuite.of(asAsked(), first, count, threads, this::show);
    out.println(suite.summary());
    return suite.failed().isEmpty() ? 0 : 1;
  }

  private void show(RunReport report) {
    if (!report.passed() || !quiet) {
      out.println(line(report));
    }
  }

  private static String line(RunReport report) {
    String figures =
        "seed %d: %d events, %d operations, %d ms, digest %016x, %s; faults: %s"
            .formatted(
                report.seed(),
                report.events(),
                report.operations(),
                report.nanos() / 1_000_000,
                report.digest(),
                report.plan(),
                report.faults());
    return report.passed() ? figures : figures + "\n  FAILED " + report.violation();
  }
}
