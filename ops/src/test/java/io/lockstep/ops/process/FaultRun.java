package io.lockstep.ops.process;

import io.lockstep.ops.process.FaultKind.Fault;
import io.lockstep.raft.sim.check.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One run of real nodes under one kind of fault, or several at once: clients work, the fault comes
 * and goes, and in the end all that anybody heard must be what the contract allows, and all nodes
 * must have the same state. It counts only if clients were answered before the first strike, after
 * each, and after the last.
 */
final class FaultRun {
  private static final int ANSWERS_BEFORE_AND_AFTER = 200;
  private static final int ANSWERS_BETWEEN = 50;
  private static final int HOLD_MILLIS_MIN = 1_000;
  private static final int HOLD_MILLIS_MAX = 3_000;
  private static final Path FAILURES = Path.of("target", "faults");

  private final FaultyCluster cluster;
  private final List<FaultKind> kinds;
  private final Duration length;
  private final long seed;
  private final int size;
  private final CountDownLatch never = new CountDownLatch(1);
  private int strikes;

  /**
   * Plans one.
   *
   * @param cluster started, and prepared for these kinds
   * @param length how long the fault comes and goes
   */
  FaultRun(FaultyCluster cluster, List<FaultKind> kinds, Duration length, long seed) {
    this.cluster = cluster;
    this.kinds =
        kinds.stream().sorted(Comparator.comparing(kind -> !kind.changesMembers())).toList();
    this.length = length;
    this.size = cluster.nodes.size();
    this.seed = seed;
  }

  FaultReport run() throws Exception {
    String name = kinds.stream().map(FaultKind::label).collect(Collectors.joining("+"));
    try (FaultClients clients = new FaultClients(cluster::asked, name + "-" + seed, seed)) {
      History history = clients.history;
      long before = clients.awaitAnswered(ANSWERS_BEFORE_AND_AFTER);
      long from = System.nanoTime();
      do {
        strikeOnce();
        cluster.awaitReady();
        clients.awaitAnswered(ANSWERS_BETWEEN);
      } while (System.nanoTime() - from < length.toNanos());
      long after = clients.awaitAnswered(ANSWERS_BEFORE_AND_AFTER);
      Duration gap = history.longestGap(from, System.nanoTime());
      clients.stop();
      return new FaultReport(
          kinds,
          size,
          seed,
          strikes,
          history.begunCount(),
          history.answeredCount(),
          history.unknownCount(),
          gap,
          before,
          after,
          verdict(history));
    }
  }

  private void strikeOnce() throws Exception {
    List<Fault> faults = new ArrayList<>();
    try {
      for (FaultKind kind : kinds) {
        faults.add(kind.strike(cluster));
      }
      strikes++;
      int hold = HOLD_MILLIS_MIN + cluster.random.nextInt(HOLD_MILLIS_MAX - HOLD_MILLIS_MIN);
      if (never.await(hold, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody ends a strike early");
      }
    } finally {
      for (Fault fault : faults.reversed()) {
        fault.heal();
      }
    }
  }

  private String verdict(History history) throws IOException {
    try {
      LocalCluster.awaitEqualHashes(cluster.asked());
      history.check();
      return FaultReport.HELD;
    } catch (Violation violation) {
      return violation.getMessage() + "; see " + keep(history, violation);
    }
  }

  private Path keep(History history, Violation violation) throws IOException {
    Files.createDirectories(FAILURES);
    Path file =
        FAILURES.resolve(
            kinds.stream().map(FaultKind::label).collect(Collectors.joining("+"))
                + "-"
                + seed
                + ".txt");
    List<String> lines = new ArrayList<>(List.of(violation.toString(), ""));
    history.operations().forEach(operation -> lines.add(operation.toString()));
    lines.add("");
    lines.add(cluster.logs());
    Files.write(file, lines);
    return file.toAbsolutePath();
  }
}
