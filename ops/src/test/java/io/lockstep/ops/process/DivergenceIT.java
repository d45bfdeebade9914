package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.apply.EntryApplier;
import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that starts from a state which is whole in itself, and not the one that the others have:
 * the replicas find it out, it serves no more, and it does not start again.
 */
class DivergenceIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int SNAPSHOT_ENTRIES = 200;

  @Test
  void aNodeWithAnotherStateStopsServingAndIsReplaced(@TempDir Path directory) throws Exception {
    LocalCluster laidOut = LocalCluster.of(3, directory);
    laidOut.nodes.forEach(
        node -> node.argument("--snapshot-entries", Integer.toString(SNAPSHOT_ENTRIES)));
    try (LocalCluster cluster = laidOut) {
      cluster.startAll();
      put(cluster.nodes.getFirst(), "truth", "right");
      LocalNode wrong = cluster.except(cluster.leader()).getFirst();
      for (int i = 0; i < 2 * SNAPSHOT_ENTRIES; i++) {
        put(cluster.nodes.getFirst(), "key/" + i, "value");
      }
      wrong.signal("TERM");
      wrong.awaitExit(PATIENCE);
      rewriteSnapshot(wrong.data.resolve("snapshots"));
      wrong.start();

      Http.Answer red = awaitNotServing(wrong);
      assertTrue(red.body().contains("differs from that of a majority"), red.body());
      assertRefused(wrong, "GET", "/v1/kv/truth");
      assertRefused(wrong, "GET", "/v1/kv/key/?prefix");
      assertRefused(wrong, "PUT", "/v1/kv/truth");
      assertRefused(wrong, "POST", "/v1/locks/one:acquire");
      assertRefused(wrong, "GET", "/v1/watch/key/?prefix");
      assertRefused(wrong, "GET", "/v1/watch/key/?prefix&from=2");
      Http.Answer page = Http.get(wrong.uri("/v1/cluster"), ANSWER);
      assertEquals("diverged", page.text("agreement"), page.body());

      List<LocalNode> right = cluster.except(wrong);
      for (LocalNode node : right) {
        put(node, "after", node.id);
        assertEquals("right", Http.get(node.uri("/v1/kv/truth"), ANSWER).text("value"));
      }
      Awaitility.await("the leader knows")
          .atMost(PATIENCE)
          .until(
              () ->
                  Http.get(cluster.leader().uri("/metrics"), ANSWER)
                      .body()
                      .contains("lockstep_state_members_diverged 1.0"));

      wrong.kill9();
      assertEquals(71, wrong.start().awaitExit(PATIENCE), wrong::logTail);
      assertTrue(wrong.logTail().contains("remove " + wrong.id), wrong::logTail);
      replace(cluster, wrong, right);
    }
  }

  private static void replace(LocalCluster cluster, LocalNode wrong, List<LocalNode> right)
      throws IOException {
    Awaitility.await("it is removed")
        .atMost(PATIENCE)
        .until(
            () ->
                Http.send(
                            "DELETE",
                            right.getFirst().uri("/v1/cluster/members/" + wrong.id),
                            "",
                            ANSWER)
                        .status()
                    == 200);
    LocalNode fresh =
        new LocalNode("n9", wrong.clientPort, wrong.peerPort, cluster.directory)
            .argument("--join", right.getFirst().uri("").toString());
    cluster.nodes.remove(wrong);
    cluster.nodes.add(fresh);
    fresh.start().awaitReady(PATIENCE);
    cluster.awaitEqualHashes();
    assertEquals("right", Http.get(fresh.uri("/v1/kv/truth"), ANSWER).text("value"));
  }

  /** The newest snapshot comes to hold another value, with all the digests that go with it. */
  private static void rewriteSnapshot(Path snapshots) throws IOException {
    SnapshotFiles files =
        SnapshotFiles.open(new LocalSnapshotDirectory(snapshots, Disk.LOCAL), damage -> {});
    SnapshotMeta meta;
    State right;
    try (SnapshotSource source = files.open()) {
      meta = source.meta();
      right = KvSnapshot.read(source);
    }
    State wrong = new EntryApplier(new Rules()).apply(right, putOfAnotherValue(right)).state();
    State wrongAtOnce =
        new State(
            right.appliedIndex(),
            right.clusterTimeMillis(),
            wrong.limits(),
            wrong.log(),
            wrong.leases(),
            wrong.locks(),
            wrong.places(),
            wrong.requests(),
            wrong.ids(),
            wrong.workers(),
            wrong.gates(),
            wrong.members(),
            0);
    files.save(meta, new KvSnapshot(wrongAtOnce));
  }

  private static Entry putOfAnotherValue(State state) {
    Command other =
        new Command.Put(
            Bytes.utf8("truth"),
            Bytes.utf8("wrong"),
            "text/plain",
            new LeaseBinding.Detach(),
            new KeyCondition.Always(),
            List.of(),
            false);
    return new Entry(
        state.appliedIndex() + 1,
        1,
        state.clusterTimeMillis(),
        EntryKind.COMMAND,
        RequestCodec.encode(new Request("test", null, other)));
  }

  private static Http.Answer awaitNotServing(LocalNode node) {
    Awaitility.await(node.id + " serves no more")
        .atMost(PATIENCE)
        .until(
            () ->
                Http.get(node.uri("/readyz"), ANSWER)
                    .body()
                    .contains("\"name\":\"state\",\"ok\":false"));
    Http.Answer red = Http.get(node.uri("/readyz"), ANSWER);
    assertEquals(503, red.status(), red.body());
    return red;
  }

  private static void assertRefused(LocalNode node, String method, String path) {
    String body = method.equals("POST") ? "{\"ttl\":\"10s\"}" : "";
    Http.Answer answer = Http.send(method, node.uri(path), body, ANSWER);
    assertEquals(503, answer.status(), path + ": " + answer.body());
    assertEquals("diverged", answer.text("code"), path + ": " + answer.body());
    assertTrue(answer.notApplied(), path + ": " + answer.body());
  }

  private static void put(LocalNode node, String key, String value) {
    Http.Answer answer = Http.comeAgain("PUT", node.uri("/v1/kv/" + key), value, ANSWER);
    assertTrue(answer.status() == 200 || answer.status() == 201, () -> "" + answer);
  }
}
