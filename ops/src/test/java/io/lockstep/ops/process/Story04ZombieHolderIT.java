package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import io.lockstep.raft.sim.check.LockSafety;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 4: a holder that sleeps longer than its lease, and wakes in the middle of a write: the
 * token stops what the holder itself cannot. {@code -Dstories.rounds} for more sleepers.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story04ZombieHolderIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 1);
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String TTL = "1s";

  private final History history = new History();

  /** What is not guarded by the token shows what the sleeper would have done: it is the control. */
  @Test
  void aSleeperWritesNothingWhenItWakes(FaultyCluster cluster) throws Exception {
    LocalNode node = cluster.nodes.getFirst();
    try (FencedStore store = new FencedStore("zombie", cluster.nodes::getLast)) {
      for (int round = 0; round < ROUNDS; round++) {
        String lock = "zombie-" + round;
        String claim = "{\"ttl\":\"" + TTL + "\",\"wait\":\"30s\",\"owner\":\"one\"}";
        String acquire = node.uri("/v1/locks/" + lock + ":acquire").toString();
        try (HolderProcess one = new HolderProcess(acquire, claim)) {
          long token = acquired(lock, one);
          one.signal("STOP");
          Holder two = Holder.of(node, lock, "two", "60s");
          assertTrue(two.token > token, () -> two.token + " after " + token);
          two(two, cluster, store);
          assertEquals(201, Kv.at(node).put("zombie-x-unguarded-" + round, "3").status());
          one.tell("put " + node.uri("/v1/kv/" + lock) + " " + lock + ";token=TOKEN 2");
          one.tell("put http://127.0.0.1:" + store.port() + "/?token=TOKEN  2");
          one.tell("put " + node.uri("/v1/kv/zombie-x-unguarded-" + round) + "  2");
          one.signal("CONT");
          assertEquals("412", one.hear(), "what is written under the old token");
          assertEquals("409", one.hear(), "what the store outside is told");
          assertEquals("200", one.hear(), "what nobody guards");
          assertEquals("lease lost", one.ask("check"), "before it would do anything else");
        }
        assertEquals("3", Kv.at(node).get(lock).text("value"));
        assertEquals("3", store.value());
        assertEquals("2", Kv.at(node).get("zombie-x-unguarded-" + round).text("value"));
      }
    }
    history.check();
  }

  /** The process may write, and is about to; a slow one may have to take the lock once more. */
  private long acquired(String lock, HolderProcess one) throws Exception {
    String[] said;
    int tries = 0;
    do {
      assertTrue(++tries < 20, "it holds the lock for a moment");
      said = one.ask("acquire").split(" ", -1);
      assertEquals("200", said[0], String.join(" ", said));
    } while (!one.ask("check").equals("safe"));
    long token = Long.parseLong(said[1]);
    long asked = Long.parseLong(said[2]);
    long safeUntil = asked + Long.parseLong(said[4]) * 1_000_000;
    history.add(
        new LockSafety.Grant(lock, token, "one", asked, Long.parseLong(said[3]), safeUntil));
    return token;
  }

  /** The next holder writes 3 to the key of the lock's name, and to the store. */
  private void two(Holder two, FaultyCluster cluster, FencedStore store) {
    history.add(two.grant());
    Http.Answer written = two.write(cluster.nodes.getLast(), two.lock, "3");
    assertTrue(written.status() == 200 || written.status() == 201, written::toString);
    history.add(new LockSafety.GuardedWrite(two.lock, two.token, written.number("mod_revision")));
    Http.Answer outside = Http.send("PUT", FencedStore.uri(store.port(), two.token), "3", PATIENCE);
    assertEquals(200, outside.status(), outside::toString);
  }

  /** The same when it is the network that sleeps, on the way to both. */
  @Test
  void aRequestThatWasHeldOnItsWayWritesNothing(FaultyCluster cluster) throws Exception {
    LocalNode node = cluster.leader();
    try (FencedStore store = new FencedStore("held", cluster.nodes::getLast);
        LinkProxy wayToNode = LinkProxy.to(node.clientPort);
        LinkProxy wayToStore = LinkProxy.to(store.port())) {
      Holder one = Holder.safe(node, "held", "one", TTL);
      history.add(one.grant());
      wayToNode.hold(Way.TO_TARGET);
      wayToStore.hold(Way.TO_TARGET);
      CompletableFuture<Http.Answer> write =
          Kv.through(wayToNode).putLater("held", "2", one.guard());
      CompletableFuture<Http.Answer> outside =
          CompletableFuture.supplyAsync(
              () -> Http.send("PUT", FencedStore.uri(wayToStore.port(), one.token), "2", PATIENCE),
              task -> Thread.ofVirtual().start(task));
      Awaitility.await("both requests are on their way")
          .atMost(PATIENCE)
          .until(() -> wayToNode.waiting() > 0 && wayToStore.waiting() > 0);
      Holder two = Holder.of(node, "held", "two", "60s");
      assertFalse(one.isSafe(), "the first knows before anybody else is let in");
      two(two, cluster, store);
      wayToNode.heal();
      wayToStore.heal();
      Http.Answer refused = write.get(30, TimeUnit.SECONDS);
      assertEquals(412, refused.status(), refused::toString);
      assertEquals("stale-token", refused.text("code"), refused::toString);
      assertEquals(409, outside.get(30, TimeUnit.SECONDS).status());
      assertEquals("3", Kv.at(node).get("held").text("value"));
      assertEquals("3", store.value());
    }
    history.check();
  }

  /** The leader sleeps with the write in its hands, and wakes when another one leads. */
  @Test
  void aLeaderThatSleptDoesNotApplyWhatItHadReceived(FaultyCluster cluster) throws Exception {
    LocalNode old = cluster.leader();
    List<LocalNode> others = cluster.local.except(old);
    Holder one = Holder.of(others.getFirst(), "slept", "one", TTL);
    history.add(one.grant());
    Kv.at(old).write("slept", "1");
    old.signal("STOP");
    CompletableFuture<Http.Answer> write;
    try {
      write = Kv.at(old).putLater("slept", "2", one.guard("Idempotency-Key", "slept-2"));
      awaitOtherLeader(others, old);
      Holder two = Holder.of(others.getLast(), "slept", "two", "60s");
      history.add(two.grant());
      Http.Answer written = two.write(others.getFirst(), "slept", "3");
      assertEquals(200, written.status(), written::toString);
      history.add(new LockSafety.GuardedWrite("slept", two.token, written.number("mod_revision")));
      assertFalse(write.isDone(), "a stopped node is silent");
    } finally {
      old.signal("CONT");
    }
    Http.Answer late = write.get(40, TimeUnit.SECONDS);
    assertTrue(late.status() == 0 || late.status() == 412 || late.status() > 500, late::toString);
    cluster.awaitReady();
    for (LocalNode node : cluster.nodes) {
      Http.Answer again = Kv.at(node).put("slept", "2", one.guard("Idempotency-Key", "slept-2"));
      assertEquals("stale-token", again.text("code"), () -> again + " after " + late);
      assertEquals("3", Kv.at(node).get("slept").text("value"));
    }
    history.check();
    cluster.local.awaitEqualHashes();
  }

  private static void awaitOtherLeader(List<LocalNode> nodes, LocalNode old) {
    Awaitility.await("another leader")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              String leader =
                  Http.get(nodes.getFirst().uri("/v1/cluster"), PATIENCE).text("leader");
              return !leader.isEmpty() && !leader.equals(old.id);
            });
  }
}
