package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader that was stopped, replaced, and woken answers no linearizable read with what it still
 * holds.
 */
class PausedLeaderIT {
  private static final int ROUNDS = 3;
  private static final int WAITING_READS = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String LEASE_READS = "lockstep_raft_lease_reads_total";
  private static final String LAST = "/v1/kv/paused/" + (ROUNDS - 1) + "?raw";

  @Test
  void aWokenLeaderServesNothingOld(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      for (int round = 0; round < ROUNDS; round++) {
        pauseReplaceWake(cluster, round);
      }
      cluster.awaitEqualHashes();
    }
  }

  /** Its lease has run out by the time that it is replaced, and not by its own account only. */
  @Test
  void norWhenItServedByItsLease(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      leaseReads(cluster, true);
      for (int round = 0; round < ROUNDS; round++) {
        awaitReadsByLease(cluster.leader());
        pauseReplaceWake(cluster, round);
      }
      leaseReads(cluster, false);
      long before = Figures.sum(cluster.nodes, LEASE_READS);
      assertEquals("new", Http.get(cluster.leader().uri(LAST), PATIENCE).body());
      assertEquals(before, Figures.sum(cluster.nodes, LEASE_READS), "it is off");
      cluster.awaitEqualHashes();
    }
  }

  private static void leaseReads(LocalCluster cluster, boolean on) {
    String body = "{\"lease_reads\":" + on + "}";
    URI configure = cluster.leader().uri("/v1/cluster:configure");
    Http.Answer answer = Http.send("POST", configure, body, PATIENCE);
    assertEquals(200, answer.status(), answer::toString);
    Awaitility.await("all nodes know")
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                cluster.nodes.stream()
                    .map(node -> Http.get(node.uri("/v1/cluster"), PATIENCE).body())
                    .allMatch(page -> page.contains("\"lease_reads\":" + on)));
  }

  /** A read asks nobody once the leader's lease is in force. */
  private static void awaitReadsByLease(LocalNode leader) {
    long before = Figures.of(leader, LEASE_READS);
    Awaitility.await("reads by the lease")
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              Http.get(leader.uri(LAST), PATIENCE);
              return Figures.of(leader, LEASE_READS) > before;
            });
  }

  private static void pauseReplaceWake(LocalCluster cluster, int round) throws Exception {
    LocalNode old = cluster.leader();
    String key = "/v1/kv/paused/" + round;
    assertEquals(201, Http.send("PUT", old.uri(key), "old", Duration.ofSeconds(5)).status());
    old.signal("STOP");
    // Reads that reach the old leader's sockets while it sleeps, and are the first thing it sees
    // when it wakes.
    List<CompletableFuture<Http.Answer>> reads = new ArrayList<>();
    try {
      URI other = awaitNewLeader(cluster, old).uri(key);
      Awaitility.await("the others go on")
          .atMost(Duration.ofSeconds(20))
          .until(() -> Http.send("PUT", other, "new", Duration.ofSeconds(5)).status() == 200);
      for (int i = 0; i < WAITING_READS; i++) {
        URI read = old.uri(key + "?raw");
        reads.add(
            CompletableFuture.supplyAsync(
                () -> Http.get(read, Duration.ofSeconds(20)),
                task -> Thread.ofVirtual().start(task)));
      }
      assertTrue(reads.stream().noneMatch(CompletableFuture::isDone), "a stopped node is silent");
    } finally {
      old.signal("CONT");
    }
    for (CompletableFuture<Http.Answer> read : reads) {
      Http.Answer answer = read.get(30, TimeUnit.SECONDS);
      assertNotEquals("old", answer.body(), "an old value was served as current");
      assertTrue(answer.status() == 200 || answer.status() >= 500, () -> "" + answer);
    }
    old.awaitReady(Duration.ofSeconds(20));
    assertEquals("new", Http.get(old.uri(key + "?raw"), Duration.ofSeconds(5)).body());
  }

  private static LocalNode awaitNewLeader(LocalCluster cluster, LocalNode old) {
    List<LocalNode> found = new ArrayList<>();
    Awaitility.await("a new leader")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              for (LocalNode node : cluster.except(old)) {
                String leader =
                    Http.get(node.uri("/v1/cluster"), Duration.ofSeconds(1)).text("leader");
                cluster.except(old).stream().filter(n -> n.id.equals(leader)).forEach(found::add);
              }
              return !found.isEmpty();
            });
    return found.getFirst();
  }
}
