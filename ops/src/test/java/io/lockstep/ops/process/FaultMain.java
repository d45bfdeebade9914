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
      Usage: lockstep-faults [--kind KINDS] [--seconds N] [--nodes 3|5] [--seed S]

        --kind     KIND, several at once with +, one after the other with a comma (default: each)
        --seconds  how long each comes and goes (default 10)
        --nodes    3 or 5 (default 3)
        --seed     what is left to chance follows from it (default 1)

      Ends with status 1 if the contract was violated, a history was not decided, or clients were
      not answered before, between and after the strikes.
      Kinds:\
      """;

  private List<List<FaultKind>> runs = Arrays.stream(FaultKind.values()).map(List::of).toList();
  private long seconds = 10;
  private int nodes = 3;
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
        case "--nodes" -> nodes = Integer.parseInt(value);
        case "--seed" -> seed = Long.parseLong(value);
        default -> throw new IllegalArgumentException("no option " + name + "; see --help");
      }
    }
    if (nodes != 3 && nodes != 5) {
      throw new IllegalArgumentException("--nodes is 3 or 5, not " + nodes);
    }
  }

  private static List<FaultKind> kinds(String text) {
    return Arrays.stream(text.split("\\+")).map(FaultKind::of).toList();
  }

  private boolean runAll() throws Exception {
    List<String> failures = new ArrayList<>();
    for (List<FaultKind> kinds : runs) {
      String line = runOne(kinds);
      System.out.println(line);
      if (!line.endsWith(": " + FaultReport.HELD)) {
        failures.add(line);
      }
    }
    System.out.println(runs.size() - failures.size() + " of " + runs.size() + " held");
    failures.forEach(System.out::println);
    return failures.isEmpty();
  }

  private String runOne(List<FaultKind> kinds) throws Exception {
    Path directory = Files.createTempDirectory("lockstep-faults");
    try (FaultyCluster cluster = FaultyCluster.of(nodes, directory, seed)) {
      for (FaultKind kind : kinds) {
        kind.prepare(cluster);
      }
      cluster.start();
      return runOn(cluster, kinds);
    } catch (TestAbortedException skipped) {
      return kinds + " skipped: " + skipped.getMessage();
    } catch (Exception | AssertionError failed) {
      failed.printStackTrace();
      return kinds + " failed: " + failed;
    } finally {
      delete(directory);
    }
  }

  private String runOn(FaultyCluster cluster, List<FaultKind> kinds) throws Exception {
    try {
      return new FaultRun(cluster, kinds, Duration.ofSeconds(seconds), seed).run().toString();
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
