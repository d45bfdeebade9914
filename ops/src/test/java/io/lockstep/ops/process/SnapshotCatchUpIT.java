package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that was away while the others compacted what it lacks: it is brought up with a snapshot
 * while writes go on, watches resume on it, and its next start replays only what came since.
 */
class SnapshotCatchUpIT {
  private static final int SNAPSHOT_ENTRIES = 1_000;

  /** More than a leader keeps behind a snapshot, and the entries up to the next one. */
  private static final int WRITES_MISSED = 5_000 + 2 * SNAPSHOT_ENTRIES;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void aNodeThatMissedMoreThanTheLogKeepsIsBroughtUpWithASnapshot(@TempDir Path directory)
      throws Exception {
    LocalCluster laidOut = LocalCluster.of(3, directory);
    laidOut.nodes.forEach(
        node -> node.argument("--snapshot-entries", Integer.toString(SNAPSHOT_ENTRIES)));
    try (LocalCluster cluster = laidOut) {
      cluster.startAll();
      try (AckedWriters writers = new AckedWriters(cluster, 16)) {
        awaitWrites(writers, 100, cluster);
        LocalNode away = cluster.except(cluster.leader()).getFirst();
        long seen = Kv.at(away).appliedRevision();
        away.kill9();
        awaitWrites(writers, WRITES_MISSED, cluster);
        away.start().awaitReady(PATIENCE);
        assertEquals(1, Figures.of(away, "lockstep_snapshot_installed_total"), cluster.logs());
        awaitWrites(writers, 200, cluster);
        watchResumes(away, seen);
        writers.stop();
        cluster.awaitEqualHashes();
        for (LocalNode node : cluster.nodes) {
          assertEquals(List.of(), writers.violations(node));
        }
        startsFromItsSnapshot(cluster, away);
      }
    }
  }

  private static void awaitWrites(AckedWriters writers, int count, LocalCluster cluster) {
    long goal = writers.acknowledged() + count;
    Awaitility.await("writes go on\n" + cluster.logs())
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> writers.acknowledged() >= goal);
  }

  /** Each write is a revision of its own, so that one that lacks shows. */
  private static void watchResumes(LocalNode node, long seen) throws IOException {
    long last = Kv.at(node).appliedRevision();
    long expected = seen + 1;
    try (WatchStream watch = new WatchStream(node, "writer/", expected, 10_000)) {
      while (expected <= last) {
        WatchStream.Line line = watch.next();
        assertTrue(line != null, "the stream goes on");
        if (line instanceof WatchStream.Line.Changes(var frame)) {
          assertEquals(expected, frame.revision(), "no revision is missing");
          expected++;
        } else {
          assertTrue(line instanceof WatchStream.Line.Progress, line.toString());
        }
      }
    }
    assertTrue(last > seen + WRITES_MISSED, "it saw what it had missed");
  }

  private static void startsFromItsSnapshot(LocalCluster cluster, LocalNode node) throws Exception {
    long snapshot = Figures.of(node, "lockstep_snapshot_index");
    node.kill9();
    node.start().awaitReady(PATIENCE);
    long index = Http.get(node.uri("/v1/cluster"), PATIENCE).number("applied_index");
    long replayed = Figures.of(node, "lockstep_apply_entries_total");
    assertTrue(index > WRITES_MISSED, "it has everything: " + index);
    assertTrue(replayed <= index - snapshot, () -> replayed + " were replayed, from " + snapshot);
    assertTrue(replayed < 2 * SNAPSHOT_ENTRIES, () -> replayed + " were replayed");
    cluster.awaitEqualHashes();
  }
}
