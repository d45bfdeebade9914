package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real nodes under faults, all that clients heard recorded and checked; one of those that they ask
 * is an observer. The build runs the kinds named here, on one cluster after the other; {@code
 * bin/lockstep-faults} runs all, for longer.
 */
@Isolated("a run counts only above a least throughput")
class FaultSuiteIT {
  private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("faults.seconds", 10));
  private static final long SEED = Long.getLong("faults.seed", 1);
  private static FaultyCluster cluster;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    cluster = FaultyCluster.started(3, directory, SEED);
    cluster.observer("o1");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "KILL_LEADER",
        "PAUSE_LEADER",
        "LEADER_IN_MINORITY",
        "FLAPPING_LINK",
        "REPLACE_MEMBER",
      })
  void clientsHearOnlyWhatTheContractAllows(FaultKind kind) throws Exception {
    report(new FaultRun(cluster, List.of(kind), LENGTH, SEED).run());
  }

  @ParameterizedTest
  @EnumSource(names = "POWER_CUT_OF_ALL")
  void soTheyDoWhenEveryNodeLosesItsPower(FaultKind kind, @TempDir Path directory)
      throws Exception {
    try (FaultyCluster own = FaultyCluster.of(3, directory, SEED)) {
      kind.prepare(own);
      own.start();
      report(new FaultRun(own, List.of(kind), LENGTH, SEED).run());
    }
  }

  private static void report(FaultReport report) {
    System.out.println(report);
    assertTrue(report.held(), report::toString);
  }
}
