package io.lockstep.ops.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** Runs faults against real nodes: {@code bin/lockstep-faults}. */
public final class FaultMain {
  private static final String USAGE =
      """
      Usage: lockstep-faults [--kind KINDS] [--seconds N] [--nodes 3|5|3,5] [--observers N]
                             [--seed S]

        --kind       KIND, several at once with +, one after the other with a comma (default: each)
        --seconds    how long each comes and goes (default 10)
        --nodes      how many voters: 3 or 5, or one after the other with a comma (default 3)
        --observers  how many observers clients ask besides (default 0)
        --seed       what is left to chance follows from it (default 1)

      Prints a line for each run, and a table of all at the end. Ends with status 1 if the contract
      was violated, a history was not decided, or clients were not answered before, between and
      after the strikes.
      Kinds:\
      """;

  private List<List<FaultKind>> runs = Arrays.stream(FaultKind.values()).map(List::of).toList();
  private long seconds = 10;
  private List<Integer> sizes = List.of(3);
  private int observers;
  private long seed = 1;

  private FaultMain() {}

  public static void main(String[] arguments) throws Exception {
    FaultMain main = new FaultMain();
    try {
      main.read(List.of(arguments));
    } catch (IllegalArgumentException wrong) {
      System.err.println("lockstep-faults: " + wrong.getMessage());
      System.exit(2);
    }
    System.exit(main.runAll() ? 0 : 1);
  }

  private void read(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i);
      if (name.equals("--help") || name.equals("-h")) {
        System.out.println(
            USAGE + " " + Arrays.stream(FaultKind.values()).map(FaultKind::label).toList());
        System.exit(0);
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(name + " needs a value; see --help");
      }
      String value = arguments.get(i + 1);
      switch (name) {
        case "--kind" -> runs = Arrays.stream(value.split(",")).map(FaultMain::kinds).toList();
        case "--seconds" -> seconds = Long.parseLong(value);
        case "--nodes" -> sizes = Arrays.stream(value.split(",")).map(FaultMain::size).toList();
        case "--observers" -> observers = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        default -> throw new IllegalArgumentException("no option " + name + "; see --help");
      }
    }
  }

  private static int size(String text) {
    if (!text.equals("3") && !text.equals("5")) {
      throw new IllegalArgumentException("--nodes is 3 or 5, not " + text);
    }
    return Integer.parseInt(text);
  }

  private static List<FaultKind> kinds(String text) {
    return Arrays.stream(text.split("\\+")).map(FaultKind::of).toList();
  }

  private boolean runAll() throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    for (int size : sizes) {
      for (List<FaultKind> kinds : runs) {
        outcomes.add(runOne(size, kinds));
        System.out.println(outcomes.getLast().line());
      }
    }
    long held = outcomes.stream().filter(Outcome::held).count();
    System.out.println();
    System.out.println(FaultReport.head());
    outcomes.forEach(outcome -> System.out.println(outcome.row()));
    System.out.println();
    System.out.println(held + " of " + outcomes.size() + " held");
    return held == outcomes.size();
  }

  /** What one run came to, as a line and as a row of the table. */
  private record Outcome(boolean held, String line, String row) {
    static Outcome of(FaultReport report) {
      return new Outcome(report.held(), report.toString(), report.row());
    }

    /** Of a run that came to no end. */
    static Outcome none(int size, List<FaultKind> kinds, String why) {
      String row = "| " + kinds + " | " + size + " | | | | | | | " + why + " |";
      return new Outcome(false, kinds + " at " + size + " nodes " + why, row);
    }
  }

  private Outcome runOne(int size, List<FaultKind> kinds) throws Exception {
    Path directory = Files.createTempDirectory("lockstep-faults");
    try (FaultyCluster cluster = FaultyCluster.of(size, directory, seed)) {
      for (FaultKind kind : kinds) {
        kind.prepare(cluster);
      }
      cluster.start();
      for (int i = 1; i <= observers; i++) {
        cluster.observer("o" + i);
      }
      return Outcome.of(runOn(cluster, kinds));
    } catch (TestAbortedException skipped) {
      return Outcome.none(size, kinds, "skipped: " + skipped.getMessage());
    } catch (Exception | AssertionError failed) {
      failed.printStackTrace();
      return Outcome.none(size, kinds, "failed: " + failed);
    } finally {
      delete(directory);
    }
  }

  private FaultReport runOn(FaultyCluster cluster, List<FaultKind> kinds) throws Exception {
    try {
      return new FaultRun(cluster, kinds, Duration.ofSeconds(seconds), seed).run();
    } catch (Exception | AssertionError failed) {
      System.err.println(cluster.logs());
      throw failed;
    }
  }

  private static void delete(Path tree) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(tree)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
