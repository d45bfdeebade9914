package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGTERM hands leadership over and stops the node within five seconds; what it acknowledged stays.
 */
class GracefulStopIT {
  @Test
  void aLeaderThatIsToldToStopHandsOverFirst(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory);
        AckedWriters writers = new AckedWriters(cluster, 4)) {
      Awaitility.await("load")
          .atMost(Duration.ofSeconds(20))
          .until(() -> writers.acknowledged() > 50);
      LocalNode leader = cluster.leader();
      leader.signal("TERM");
      int status = leader.awaitExit(Duration.ofSeconds(5));
      assertTrue(status == 0 || status == 143, "exit status " + status);
      LocalNode next = cluster.leader();
      assertTrue(next != leader, "another node leads");
      assertTrue(leader.logText().contains("handed leadership"), leader::logTail);
      long before = writers.acknowledged();
      Awaitility.await("writes go on")
          .atMost(Duration.ofSeconds(20))
          .until(() -> writers.acknowledged() > before + 50);
      writers.stop();
      leader.start().awaitReady(Duration.ofSeconds(30));
      for (LocalNode node : cluster.nodes) {
        assertEquals(List.of(), writers.violations(node));
      }
    }
  }
}
