package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Story 13, without snapshots: a node that was away for a while goes on from its own log, and disks
 * that are full stop their nodes and not the cluster. {@code -Dstories.rate=1000
 * -Dstories.seconds=60} for the full length.
 */
@Execution(ExecutionMode.SAME_THREAD)
class Story13FullDiskIT {
  private static final int RATE = Integer.getInteger("stories.rate", 200);
  private static final Duration AWAY = Duration.ofSeconds(Long.getLong("stories.seconds", 5));
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String LARGE = "x".repeat(100_000);
  private static final int NO_ROOM = 2;
  private static FaultyCluster cluster;

  private final CountDownLatch never = new CountDownLatch(1);

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    cluster = FaultyCluster.of(3, directory, 13);
    cluster.useDiskImages();
    // More than comes in a minute: what one lacks of that is still in the others' logs.
    cluster.prepareEach(node -> node.argument("--snapshot-entries", "200000"));
    cluster.start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** Each test finds all nodes there, with room and ready. */
  @BeforeEach
  void mend() throws IOException {
    for (LocalNode node : cluster.nodes) {
      cluster.disk(node).free();
    }
    cluster.local.startAll();
  }

  @Test
  void aNodeThatWasAwayForAWhileGoesOnFromItsOwnLog() throws Exception {
    LocalNode away = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    long had = Kv.at(away).appliedRevision();
    List<LocalNode> there = cluster.local.except(away);
    try (SteadyWrites writes = new SteadyWrites(RATE, () -> there)) {
      away.kill9();
      if (never.await(AWAY.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody ends a pause early");
      }
      away.start().awaitReady(PATIENCE);
      assertEquals(List.of(), writes.stop(), "no write fails");
      assertTrue(Kv.at(there.getFirst()).appliedRevision() > had + RATE, "it had missed something");
    }
    cluster.local.awaitEqualHashes();
    assertEquals(0, Figures.of(away, "lockstep_snapshot_installed_total"));
    assertEquals(0, Figures.sum(there, "lockstep_snapshot_sent_total"));
  }

  @Test
  void aFollowerWithoutRoomStopsAcknowledgingAndTheClusterGoesOn() throws Exception {
    LocalNode follower = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    cluster.disk(follower).fill();
    int[] number = new int[1];
    Awaitility.await(follower.id + " takes nothing more")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              Kv.at(cluster.leader()).write("large/" + number[0]++ % 20, LARGE);
              return DiskFaults.room(follower) == NO_ROOM;
            });
    long stopped = Figures.of(follower, "lockstep_raft_flushed_index");
    long revision = 0;
    for (int i = 0; i < 20; i++) {
      revision = Kv.at(cluster.leader()).write("large/" + i, LARGE);
    }
    assertTrue(follower.alive(), follower::logTail);
    assertTrue(Kv.at(follower).appliedRevision() < revision, "the others went on without it");
    assertEquals(
        stopped, Figures.of(follower, "lockstep_raft_flushed_index"), "it acknowledged nothing");
    cluster.disk(follower).free();
    cluster.local.awaitEqualHashes();
    cluster.awaitReady();
  }

  @Test
  void aLeaderWithoutRoomHandsOver() throws Exception {
    LocalNode full = cluster.leader();
    cluster.disk(full).fill();
    int[] number = new int[1];
    Awaitility.await("another one leads")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              Http.Answer answer = Kv.at(full).put("large/" + number[0]++ % 20, LARGE);
              boolean written = answer.status() == 200 || answer.status() == 201;
              assertTrue(written || !answer.text("outcome").isEmpty(), answer::toString);
              return !cluster.leader().id.equals(full.id);
            });
    LocalNode next = cluster.leader();
    assertNotEquals(full.id, next.id);
    for (int i = 0; i < 20; i++) {
      Kv.at(next).write("large/" + i, LARGE);
    }
    assertTrue(full.alive(), full::logTail);
    cluster.disk(full).free();
    cluster.local.awaitEqualHashes();
    cluster.awaitReady();
    Kv.at(full).write("large/after", LARGE);
  }
}
