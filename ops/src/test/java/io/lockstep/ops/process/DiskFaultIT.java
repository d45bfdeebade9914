package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What real nodes do when the disk fails a force, and when it is full. */
@Execution(ExecutionMode.SAME_THREAD)
class DiskFaultIT {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final String LARGE = "x".repeat(100_000);

  @Test
  void aFailingForceStopsTheNodeAtOnceAndLosesNothing(@TempDir Path directory) throws Exception {
    Tools.require("strace", "strace");
    Tools.requireRoot();
    try (LocalCluster cluster = LocalCluster.started(3, directory);
        AckedWriters writers = new AckedWriters(cluster, 4, 10)) {
      Awaitility.await("load").atMost(ANSWER).until(() -> writers.acknowledged() > 50);
      LocalNode leader = cluster.leader();
      Process strace =
          new ProcessBuilder(
                  "strace",
                  "-f",
                  "-q",
                  "-o",
                  "/dev/null",
                  "-e",
                  "trace=fdatasync,fsync,msync",
                  "-e",
                  "inject=fdatasync,fsync,msync:error=EIO",
                  "-p",
                  "" + leader.pid())
              .inheritIO()
              .start();
      try {
        assertEquals(70, leader.awaitExit(Duration.ofSeconds(10)), leader::logTail);
      } finally {
        strace.destroyForcibly();
      }
      long before = writers.acknowledged();
      Awaitility.await("the others go on")
          .atMost(Duration.ofSeconds(20))
          .until(() -> writers.acknowledged() > before + 50);
      leader.start().awaitReady(Duration.ofSeconds(30));
      writers.stop();
      cluster.awaitEqualHashes();
      for (LocalNode node : cluster.nodes) {
        assertEquals(List.of(), writers.violations(node));
      }
    }
  }

  @Test
  void aFullDiskRefusesGrowthKeepsWhatItPromisedAndRecovers(@TempDir Path directory)
      throws Exception {
    Tools.require("mount", "mount");
    Tools.requireRoot();
    LocalCluster cluster = LocalCluster.of(1, directory);
    LocalNode node = cluster.nodes.getFirst();
    node.argument("--segment-mib", "12");
    Files.createDirectories(node.data);
    if (Tools.run("mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", node.data.toString()) != 0) {
      Tools.skip("needs the right to mount a tmpfs");
    }
    try (cluster) {
      cluster.startAll();
      fillUntilRefused(cluster, node);
    } finally {
      Tools.run("umount", "-l", node.data.toString());
    }
  }

  private static void fillUntilRefused(LocalCluster cluster, LocalNode node) throws Exception {
    Http.Answer lock =
        Http.send(
            "POST",
            node.uri("/v1/locks/held:acquire"),
            "{\"ttl\":\"600s\",\"owner\":\"me\"}",
            ANSWER);
    assertEquals(200, lock.status(), lock.body());
    List<String> written = new ArrayList<>();
    Http.Answer last = lock;
    for (int i = 0; i < 1_500 && last.status() != 507; i++) {
      String key = "/v1/kv/big/" + i;
      last = Http.send("PUT", node.uri(key), LARGE, ANSWER);
      if (last.status() == 201) {
        written.add(key);
      }
    }
    assertEquals(507, last.status(), "growth is refused: " + last.body() + "\n" + node.logTail());
    assertTrue(last.notApplied(), last.body());
    assertTrue(written.size() > 30, "some fitted: " + written.size());
    assertEquals(
        200,
        Http.send("POST", node.uri("/v1/leases/" + lock.text("lease") + ":renew"), "", ANSWER)
            .status(),
        "a renewal goes through");
    assertEquals(
        200,
        Http.send("DELETE", node.uri(written.removeFirst()), "", ANSWER).status(),
        "so does a delete");
    assertTrue(node.alive(), "the node stays");
    assertEquals(0, Tools.run("mount", "-o", "remount,size=300m", node.data.toString()));
    Awaitility.await("growth is accepted again\n" + node.logTail())
        .atMost(Duration.ofSeconds(20))
        .until(() -> Http.send("PUT", node.uri("/v1/kv/again"), LARGE, ANSWER).status() == 201);
    node.kill9();
    cluster.startAll();
    for (String key : written) {
      assertEquals(LARGE, Http.get(node.uri(key + "?raw"), ANSWER).body(), key);
    }
  }
}
