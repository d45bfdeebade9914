package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Real nodes are killed at any instruction, under load: no acknowledged write is lost, every
 * restart is clean. {@code -Dkills=1000} for the long run.
 */
@Execution(ExecutionMode.SAME_THREAD)
class KillUnderLoadIT {
  private static final int KILLS = Integer.getInteger("kills", 6);
  private static final int WRITES_BETWEEN_KILLS = 50;

  @Test
  void killsOfRandomNodesLoseNoAcknowledgedWrite(@TempDir Path directory) throws Exception {
    long seed = 20_261_121;
    Random random = new Random(seed);
    try (LocalCluster cluster = LocalCluster.started(3, directory);
        AckedWriters writers = new AckedWriters(cluster, 6)) {
      for (int kill = 1; kill <= KILLS; kill++) {
        awaitProgress(writers, kill, cluster);
        LocalNode victim = cluster.nodes.get(random.nextInt(3));
        victim.kill9();
        awaitProgress(writers, kill, cluster);
        victim.start().awaitReady(Duration.ofSeconds(30));
      }
      awaitProgress(writers, KILLS + 1, cluster);
      writers.stop();
      cluster.awaitEqualHashes();
      for (LocalNode node : cluster.nodes) {
        assertEquals(List.of(), writers.violations(node), "seed " + seed);
      }
      assertTrue(writers.acknowledged() >= 2L * KILLS * WRITES_BETWEEN_KILLS, "least throughput");
    }
  }

  /** The load must really go on: a run without writes would prove nothing. */
  private static void awaitProgress(AckedWriters writers, int kill, LocalCluster cluster) {
    long goal = writers.acknowledged() + WRITES_BETWEEN_KILLS;
    Awaitility.await("writes go on, kill " + kill + "\n" + cluster.logs())
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> writers.acknowledged() >= goal);
  }
}
