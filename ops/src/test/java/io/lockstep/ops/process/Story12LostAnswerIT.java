package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import io.lockstep.raft.sim.check.Violation;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Story 12: the acknowledgement that never came. Whoever asks again under the same request id hears
 * the first answer, whoever leads by then, and nothing happens twice. {@code -Dstories.rounds} for
 * more leaders that fall.
 */
class Story12LostAnswerIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 1);
  private static final int SNAPSHOT_ENTRIES = 150;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static LocalCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = LocalCluster.of(3, directory);
    cluster.nodes.forEach(node -> node.argument("--snapshot-entries", "" + SNAPSHOT_ENTRIES));
    try {
      cluster.startAll();
    } catch (IOException | RuntimeException | Error failed) {
      cluster.close();
      throw failed;
    }
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @Test
  void whoAsksAgainHearsTheFirstAnswer() throws Exception {
    Map<LostAnswer, String> told = new TreeMap<>(Comparator.comparing(LostAnswer::id));
    List<LostAnswer> ended = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      String name = "r" + round + "-";
      List<LostAnswer> brief = brief(name);
      List<LostAnswer> lost = everyKind(name);
      List<LostAnswer> all = new ArrayList<>(brief);
      all.addAll(lost);
      LocalNode fallen = loseAnswersAndTheLeader(all);
      List<LocalNode> rest = cluster.except(fallen);
      for (LostAnswer one : lost) {
        String first = one.replay(rest.getFirst());
        assertTrue(first.startsWith("20"), first);
        told.put(one, first);
      }
      assertTold(told, rest.getLast());
      assertHappenedOnce(name, lost, rest.getFirst());
      awaitEnd(brief, rest.getLast());
      ended.addAll(brief);
      fallen.start().awaitReady(PATIENCE);
      assertTold(told, fallen);
    }
    assertSnapshotOfAll();
    for (LocalNode node : cluster.nodes) {
      node.kill9();
    }
    cluster.startAll();
    for (LocalNode node : cluster.nodes) {
      assertTold(told, node);
      assertEnded(ended, node);
    }
    cluster.awaitEqualHashes();
  }

  private static void assertTold(Map<LostAnswer, String> told, LocalNode node) {
    told.forEach((one, first) -> assertEquals(first, one.replay(node), one + " at " + node.id));
  }

  /** One mutation of each kind, each of which would do something else the second time. */
  private static List<LostAnswer> everyKind(String name) {
    Kv kv = Kv.at(cluster.leader());
    long opened = kv.write(name + "cas", "before");
    kv.write(name + "gone", "x");
    String txn =
        """
        {"if":[{"key":"%1$stxn","exists":false}],
         "then":[{"put":"%1$stxn","value":"x"},{"add":"%1$stotal","delta":7}],
         "else":[{"get":"%1$stxn"}]}"""
            .formatted(name);
    return List.of(
        LostAnswer.post(name + "add", "/v1/counters/" + name + "c:add", "{\"delta\":1}"),
        LostAnswer.key(name + "create", "PUT", name + "new", "me", "If-None-Match", "*"),
        LostAnswer.key(
            name + "cas", "PUT", name + "cas", "after", "If-Match", "\"" + opened + "\""),
        LostAnswer.key(name + "delete", "DELETE", name + "gone", ""),
        LostAnswer.post(
            name + "lock", "/v1/locks/" + name + "l:acquire", "{\"ttl\":\"60s\",\"owner\":\"me\"}"),
        LostAnswer.post(name + "lease", "/v1/leases", "{\"ttl\":\"60s\"}"),
        LostAnswer.post(name + "ids", "/v1/ids/" + name + "id:next?count=10", ""),
        LostAnswer.post(name + "txn", "/v1/txn", txn));
  }

  /**
   * Sends all through a proxy that keeps the answers; once all took effect, and some of that is
   * seen, the leader is killed and the answers are thrown away. Returns who led.
   */
  private static LocalNode loseAnswersAndTheLeader(List<LostAnswer> lost) throws Exception {
    LocalNode leader = cluster.leader();
    LocalNode other = cluster.except(leader).getFirst();
    try (LinkProxy proxy = LinkProxy.to(leader.clientPort)) {
      proxy.hold(Way.FROM_TARGET);
      List<CompletableFuture<Http.Answer>> asked =
          lost.stream().map(one -> one.sendThrough(proxy)).toList();
      for (LostAnswer one : lost) {
        one.awaitEffect(other);
      }
      assertTrue(asked.stream().noneMatch(CompletableFuture::isDone), "no answer has come");
      leader.kill9();
      proxy.cut();
      for (CompletableFuture<Http.Answer> one : asked) {
        assertEquals(0, one.get(30, TimeUnit.SECONDS).status(), "nobody knows what became of it");
      }
    }
    return leader;
  }

  private static void assertHappenedOnce(String name, List<LostAnswer> lost, LocalNode asked) {
    Kv kv = Kv.at(asked);
    assertEquals("1", kv.get(name + "c").text("value"));
    assertEquals("7", kv.get(name + "total").text("value"));
    assertEquals(1, kv.get(name + "new").number("version"));
    assertEquals(2, kv.get(name + "cas").number("version"), "it is told of as done all the same");
    Http.Answer lock = Http.get(asked.uri("/v1/locks/" + name + "l"), PATIENCE);
    LostAnswer acquire = lost.get(4);
    assertEquals(lock.number("token"), acquire.again(asked).number("token"), lock::toString);
    assertEquals(0, lock.number("queue_length"), lock::toString);
    assertEquals("1", lost.get(6).again(asked).text("first"));
    Http.Answer next = Http.send("POST", asked.uri("/v1/ids/" + name + "id:next"), "", PATIENCE);
    assertTrue(Long.parseLong(next.text("first")) > 10, next::toString);
  }

  /** What ends before anybody is told of it. */
  private static List<LostAnswer> brief(String name) {
    return List.of(
        LostAnswer.post(
            name + "brief", "/v1/locks/" + name + "b:acquire", "{\"ttl\":\"1s\",\"owner\":\"me\"}"),
        LostAnswer.post(name + "brief-lease", "/v1/leases", "{\"ttl\":\"1s\"}"));
  }

  private static void awaitEnd(List<LostAnswer> brief, LocalNode asked) {
    Awaitility.await("the leases end")
        .atMost(PATIENCE)
        .until(() -> brief.stream().allMatch(one -> one.again(asked).status() == 410));
    String lock = brief.getFirst().path().replace(":acquire", "");
    assertEquals("free", Http.get(asked.uri(lock), PATIENCE).text("state"));
  }

  /** Time that has passed is not promised again, and nothing is done silently once more. */
  private static void assertEnded(List<LostAnswer> brief, LocalNode node) {
    for (LostAnswer one : brief) {
      Http.Answer answer = one.again(node);
      assertEquals(410, answer.status(), answer::toString);
      assertEquals("lease-expired", answer.text("code"), answer::toString);
    }
  }

  /** The negative control: it is the request id that keeps it at one. */
  @Test
  void withoutARequestIdItHappensTwice() throws Exception {
    LocalNode leader = cluster.leader();
    String path = "/v1/counters/twice:add";
    try (LinkProxy proxy = LinkProxy.to(leader.clientPort)) {
      proxy.hold(Way.FROM_TARGET);
      CompletableFuture<Http.Answer> asked =
          LostAnswer.post("first-name", path, "{\"delta\":1}").sendThrough(proxy);
      Awaitility.await("it took effect")
          .atMost(PATIENCE)
          .until(() -> Kv.at(leader).get("twice").text("value").equals("1"));
      proxy.cut();
      assertEquals(0, asked.get(30, TimeUnit.SECONDS).status());
    }
    assertEquals(200, LostAnswer.post("other-name", path, "{\"delta\":1}").again(leader).status());
    assertEquals("2", Kv.at(leader).get("twice").text("value"));
  }

  /** The write that nobody acknowledged was seen, so it stays: the checker knows either. */
  @Test
  void whatWasSeenOfItIsSeenByAllWhoAskLater() throws Exception {
    History history = new History();
    long from = Kv.at(cluster.leader()).write("seen", "before");
    add(
        history,
        new Call.Put("seen", "before", new Condition.Always()),
        new Response.Written(from));
    LostAnswer cas =
        LostAnswer.key("seen-cas", "PUT", "seen", "after", "If-Match", "\"" + from + "\"");
    history.add(
        Operation.unknown(
            "me",
            new Call.Put("seen", "after", new Condition.RevisionIs(from)),
            System.nanoTime()));
    LocalNode fallen = loseAnswersAndTheLeader(List.of(cas));
    fallen.start().awaitReady(PATIENCE);
    for (LocalNode node : cluster.nodes) {
      assertEquals("after", read(history, node));
    }
    List<Frame> told = WatchStream.changes(cluster.nodes.getFirst(), "seen", from, 2);
    history.add(new Watcher("all", from, change -> true, told, from));
    assertDoesNotThrow(history::check);
    Response.Found unseen = new Response.Found("before", from, 1);
    add(history, new Call.Get("seen"), unseen);
    Violation found = assertThrows(Violation.class, history::check);
    assertEquals("histories are linearizable", found.property());
  }

  private static String read(History history, LocalNode node) {
    long invoked = System.nanoTime();
    Http.Answer answer = Kv.at(node).get("seen");
    Response found =
        new Response.Found(
            answer.text("value"), answer.number("mod_revision"), answer.number("version"));
    Call get = new Call.Get("seen");
    history.add(Operation.answered(node.id, get, found, invoked, System.nanoTime()));
    return answer.text("value");
  }

  private static void add(History history, Call call, Response response) {
    long now = System.nanoTime();
    history.add(Operation.answered("me", call, response, now, now));
  }

  private static void assertSnapshotOfAll() throws InterruptedException {
    List<Long> before = cluster.nodes.stream().map(Story12LostAnswerIT::snapshotIndex).toList();
    BulkWrites.write(cluster.nodes, 2 * SNAPSHOT_ENTRIES, 10, 100);
    for (int i = 0; i < before.size(); i++) {
      LocalNode node = cluster.nodes.get(i);
      long old = before.get(i);
      Awaitility.await(node.id + " takes a snapshot")
          .atMost(PATIENCE)
          .until(() -> snapshotIndex(node) > old);
    }
  }

  private static long snapshotIndex(LocalNode node) {
    return Figures.of(node, "lockstep_snapshot_index");
  }
}
