package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members of real clusters come, go and are replaced. */
class MembersIT {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private static void put(LocalNode node, String key) {
    Http.Answer answer = Http.comeAgain("PUT", node.uri("/v1/kv/" + key), "x", ANSWER);
    assertTrue(answer.status() == 200 || answer.status() == 201, () -> "" + answer);
  }

  /** Kills the leader in the middle of what goes on, and starts it again unless it leaves. */
  private static void crashLeader(LocalCluster cluster, String leaving) throws Exception {
    LocalNode leader = cluster.leader();
    leader.kill9();
    if (!leader.id.equals(leaving)) {
      leader.start();
      leader.awaitReady(START);
    }
  }

  @Test
  void fromThreeToFiveToThreeUnderLoadWithALeaderCrashAtEachStep(@TempDir Path directory)
      throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory);
        AckedWriters writers = new AckedWriters(cluster, 4, 10)) {
      for (String id : List.of("n4", "n5")) {
        LocalNode joiner = cluster.joiner(id).start();
        crashLeader(cluster, "");
        joiner.awaitReady(START);
        cluster.nodes.add(joiner);
      }
      Members.awaitVoters(cluster.nodes.getFirst(), List.of("n1", "n2", "n3", "n4", "n5"));
      long before = writers.acknowledged();
      List<LocalNode> gone = List.copyOf(cluster.nodes.subList(0, 2));
      for (LocalNode leaving : gone) {
        Thread removal = Thread.ofPlatform().start(() -> Members.remove(cluster.nodes, leaving.id));
        crashLeader(cluster, leaving.id);
        removal.join();
        Members.remove(cluster.nodes, leaving.id);
        cluster.nodes.remove(leaving);
        if (leaving.alive()) {
          leaving.kill9();
        }
      }
      Members.awaitVoters(cluster.nodes.getFirst(), List.of("n3", "n4", "n5"));
      put(cluster.nodes.get(1), "after");
      writers.stop();
      assertTrue(writers.acknowledged() > before + 20, "writes went on: " + writers.acknowledged());
      for (LocalNode node : cluster.nodes) {
        assertEquals(List.of(), writers.violations(node), cluster::logs);
      }
      cluster.awaitEqualHashes();
      restartAllWithStrangersWhereOthersWere(cluster, gone, directory);
    }
  }

  /**
   * The members that came later find each other without the founders; and the last founder, whose
   * {@code --cluster} still names those who left, is not put off by whoever is there now.
   */
  private static void restartAllWithStrangersWhereOthersWere(
      LocalCluster cluster, List<LocalNode> gone, Path directory) throws Exception {
    for (LocalNode node : cluster.nodes) {
      node.kill9();
    }
    for (LocalNode left : gone) {
      LocalNode stranger = cluster.layOut("x-" + left.id, directory, left.peerPort);
      stranger.cluster(stranger.id + "=127.0.0.1:" + left.peerPort);
      stranger.start().awaitReady(START);
    }
    LocalNode founder = cluster.nodes.getFirst().start();
    Awaitility.await("the founder knows the members")
        .atMost(START)
        .until(() -> Members.ids(founder, "voter").equals(List.of("n3", "n4", "n5")));
    cluster.startAll();
    put(cluster.leader(), "later");
  }

  @Test
  void aRemovedNodeThatReturnsChangesNoTerm(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      LocalNode leaving = cluster.except(cluster.leader()).getFirst();
      leaving.signal("STOP");
      Members.remove(cluster.nodes, leaving.id);
      LocalNode leader = cluster.leader();
      long term = Http.get(leader.uri("/v1/cluster"), ANSWER).number("term");
      leaving.signal("CONT");
      Awaitility.await("it asks and is refused")
          .atMost(START)
          .until(
              () ->
                  Http.get(leader.uri("/metrics"), ANSWER)
                      .body()
                      .lines()
                      .anyMatch(
                          line ->
                              line.startsWith("lockstep_peer_refused_total")
                                  && !line.endsWith(" 0.0")));
      leaving.kill9();
      assertEquals(73, leaving.start().awaitExit(START), leaving::logTail);
      assertTrue(leaving.logTail().contains("unknown-node"), leaving::logTail);
      put(leader, "after");
      assertEquals(term, Http.get(leader.uri("/v1/cluster"), ANSWER).number("term"));
    }
  }

  @Test
  void aWipedMemberIsRemovedAndAddedAgainUnderItsName(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      put(cluster.leader(), "before");
      LocalNode wiped = cluster.except(cluster.leader()).getFirst();
      wiped.kill9();
      IdentityIT.delete(wiped.data);
      LocalNode again = new LocalNode(wiped.id, wiped.clientPort, wiped.peerPort, directory);
      again.argument("--join", cluster.except(wiped).getFirst().uri("").toString());
      assertEquals(73, again.start().awaitExit(START), again::logTail);
      assertTrue(again.logTail().contains("already-member"), again::logTail);
      cluster.nodes.remove(wiped);
      Members.remove(cluster.nodes, wiped.id);
      Awaitility.await("it is taken in")
          .atMost(START)
          .until(
              () -> {
                again.start();
                return !again.awaitEarlyExit(Duration.ofSeconds(5));
              });
      again.awaitReady(START);
      cluster.nodes.add(again);
      Members.awaitVoters(again, List.of("n1", "n2", "n3"));
      assertEquals(200, Http.get(again.uri("/v1/kv/before?raw"), ANSWER).status());
    }
  }

  @Test
  void anObserverServesReadsAndANewNodeTakesAVotersPlace(@TempDir Path directory) throws Exception {
    try (LocalCluster cluster = LocalCluster.started(3, directory)) {
      LocalNode observer = cluster.joiner("o1").argument("--join-as", "observer").start();
      observer.awaitReady(START);
      put(observer, "through-an-observer");
      assertEquals(200, Http.get(observer.uri("/v1/kv/through-an-observer"), ANSWER).status());
      assertEquals(List.of("o1"), Members.ids(cluster.leader(), "observer"));
      LocalNode lost = cluster.except(cluster.leader()).getFirst();
      lost.kill9();
      cluster.nodes.remove(lost);
      LocalNode joiner = cluster.joiner("n4").argument("--replace", lost.id).start();
      joiner.awaitReady(START);
      cluster.nodes.add(joiner);
      List<String> voters = cluster.nodes.stream().map(node -> node.id).toList();
      Members.awaitVoters(joiner, voters);
      LocalNode to = joiner;
      Http.Answer handed =
          Http.send(
              "POST",
              observer.uri("/v1/cluster:transfer-leadership"),
              "{\"to\":\"" + to.id + "\"}",
              ANSWER);
      assertEquals(200, handed.status(), handed::body);
      assertEquals(to.id, handed.text("leader"));
      observer.kill9();
    }
  }
}
