package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Story 10: 1000 - 100 in two data centres that do not hear each other is 900, and never 800. */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(5)
class Story10DividedBankIT {
  private static final String[] SOON = {"Request-Timeout", "2s"};

  @Test
  void theMinorityWithdrawsNothingAndTellsNoBalance(FaultyCluster cluster) {
    LocalNode leader = cluster.leader();
    List<LocalNode> here = new ArrayList<>(List.of(leader));
    here.add(cluster.some(1, cluster.local.except(leader)).getFirst());
    List<LocalNode> there = new ArrayList<>(cluster.nodes);
    there.removeAll(here);
    long opened = Kv.at(leader).write("balance", "1000");
    cluster.split(here, there);
    // The old leader does not know yet: what it is asked now, it must find out.
    assertNoAnswer(Kv.at(leader).get("balance"));
    Http.Answer lost = withdraw(leader, opened, "atm-1");
    assertNoAnswer(lost);
    Http.Answer withdrawn = awaitWithdrawal(there.getFirst(), opened);
    assertNoAnswer(Kv.at(leader).get("balance"));
    assertNoAnswer(withdraw(here.getLast(), opened, "atm-2"));
    assertOldBalanceIsLabelled(leader);
    cluster.healLinks();
    cluster.awaitReady();
    for (LocalNode node : cluster.nodes) {
      assertEquals("900", Kv.at(node).get("balance").text("value"), node.id);
    }
    Http.Answer retried = withdraw(leader, opened, "atm-1");
    assertEquals(412, retried.status(), "decided once: " + retried);
    assertEquals(412, withdraw(there.getLast(), opened, "atm-1").status(), "and told again");
    assertEquals(withdrawn.number("mod_revision"), retried.number("mod_revision"));
    cluster.local.awaitEqualHashes();
  }

  @Test
  void threePartsWithoutAMajorityWriteNothing(FaultyCluster cluster) throws Exception {
    long opened = Kv.at(cluster.nodes.getFirst()).write("balance", "1000");
    List<LocalNode> order = cluster.some(5, cluster.nodes);
    List<LocalNode> one = order.subList(0, 2);
    List<LocalNode> two = order.subList(2, 4);
    List<LocalNode> three = order.subList(4, 5);
    cluster.split(one, two);
    cluster.split(one, three);
    cluster.split(two, three);
    List<CompletableFuture<Http.Answer>> withdrawals = new ArrayList<>();
    for (LocalNode node : cluster.nodes) {
      withdrawals.add(
          CompletableFuture.supplyAsync(
              () -> withdraw(node, opened, "atm-of-" + node.id),
              task -> Thread.ofVirtual().start(task)));
    }
    for (CompletableFuture<Http.Answer> withdrawal : withdrawals) {
      assertNoAnswer(withdrawal.get(30, TimeUnit.SECONDS));
    }
    cluster.healLinks();
    cluster.awaitReady();
    // Of those withdrawals any may have waited for the majority, but at most one goes through.
    String balance = Kv.at(cluster.nodes.getLast()).get("balance").text("value");
    assertTrue(balance.equals("1000") || balance.equals("900"), balance);
    for (LocalNode node : cluster.nodes) {
      Http.Answer retried = withdraw(node, opened, "atm-of-" + node.id);
      assertTrue(retried.status() == 200 || retried.status() == 412, retried::toString);
    }
    assertEquals("900", Kv.at(cluster.nodes.getFirst()).get("balance").text("value"));
    cluster.local.awaitEqualHashes();
  }

  /**
   * The negative control: the old balance is there for who asks for whatever there is, and is told
   * how long ago that was; who sets a bound is told nothing.
   */
  private static void assertOldBalanceIsLabelled(LocalNode at) {
    Http.Answer stale = Kv.at(at).get("balance?consistency=stale");
    assertEquals("1000", stale.text("value"), stale::toString);
    assertTrue(stale.header("Lockstep-Staleness-Ms") > 1_000, stale::toString);
    Http.Answer bounded = Kv.at(at).get("balance?max_staleness=1s");
    assertEquals(503, bounded.status(), bounded::toString);
    assertEquals("too-stale", bounded.text("code"));
  }

  private static Http.Answer withdraw(LocalNode at, long revision, String request) {
    return Kv.at(at)
        .compareAndSet(
            "balance", revision, "900", SOON[0], SOON[1], "Idempotency-Key", "story10-" + request);
  }

  private static Http.Answer awaitWithdrawal(LocalNode at, long revision) {
    List<Http.Answer> answers = new ArrayList<>();
    Awaitility.await("the majority goes on")
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              answers.add(withdraw(at, revision, "branch"));
              return answers.getLast().status() == 200;
            });
    return answers.getLast();
  }

  /** Neither a success nor a refusal: this node cannot know. */
  private static void assertNoAnswer(Http.Answer answer) {
    assertTrue(answer.status() == 503 || answer.status() == 504, answer::toString);
    assertNotEquals("applied", answer.text("outcome"));
    assertTrue(answer.text("value").isEmpty(), answer::toString);
  }
}
