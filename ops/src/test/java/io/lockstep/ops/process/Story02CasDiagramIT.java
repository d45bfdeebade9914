package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 2: four clients on one register, with answers that are late, and a quorum that can't lie.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story02CasDiagramIT {
  private static final long REPLICATION_MILLIS = 200;
  private static final long LONG_REPLICATION_MILLIS = 3_000;

  /** Links become slower by less than an election timeout at a time: the leader stays. */
  private static final long STEP_MILLIS = 200;

  private static final int ROUNDS = Integer.getInteger("stories.rounds", 2);

  private final CountDownLatch never = new CountDownLatch(1);

  /** How often two replicas both had the old value when the new one had been told. */
  private int naive;

  @Test
  void onlyTheValueOfTheDiagramIsRead(FaultyCluster cluster) throws Exception {
    Kv b = Kv.at(cluster.nodes.get(1));
    try (LinkProxy towardsA = LinkProxy.to(cluster.nodes.get(0).clientPort);
        LinkProxy towardsC = LinkProxy.to(cluster.nodes.get(2).clientPort)) {
      Kv a = Kv.at(cluster.nodes.get(0));
      Kv c = Kv.at(cluster.nodes.get(2));
      long zero = Kv.at(cluster.nodes.get(2)).write("diagram", "0");
      towardsA.hold(Way.FROM_TARGET);
      CompletableFuture<Http.Answer> one = Kv.through(towardsA).putLater("diagram", "1");
      awaitValue(b, "1");
      assertFalse(one.isDone(), "A has not heard of its write");
      Http.Answer cReads = c.get("diagram");
      assertEquals("1", cReads.text("value"), "C reads after B has read 1");
      Http.Answer two = b.compareAndSet("diagram", cReads.number("mod_revision"), "2");
      assertEquals(200, two.status(), two::toString);
      assertEquals("2", c.get("diagram").text("value"));
      Http.Answer outdated = b.compareAndSet("diagram", zero, "3");
      assertEquals(412, outdated.status(), "D compares with 0");
      assertTrue(outdated.notApplied(), outdated::toString);
      towardsC.hold(Way.FROM_TARGET);
      CompletableFuture<Http.Answer> four =
          Kv.through(towardsC)
              .putLater("diagram", "4", "If-Match", "\"" + two.number("mod_revision") + "\"");
      awaitValue(a, "4");
      assertFalse(four.isDone(), "C has not heard of its write");
      assertEquals("4", b.get("diagram").text("value"), "A has read 4: 2 would be the past");
      towardsA.heal();
      towardsC.heal();
      assertEquals(200, one.get(20, TimeUnit.SECONDS).status());
      assertEquals(200, four.get(20, TimeUnit.SECONDS).status());
    }
  }

  /**
   * A write is on one disk at once and on the others later. Readers of "two replicas" could be told
   * 0 after somebody was told 1; readers here can not.
   */
  @Test
  void noReaderIsToldTheOldValueAfterAnotherWasToldTheNew(FaultyCluster cluster) throws Exception {
    int shown = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long late = round == 0 ? LONG_REPLICATION_MILLIS : REPLICATION_MILLIS;
      shown += oldAndNewWereTold(cluster, "quorum/" + round, late) ? 1 : 0;
    }
    assertTrue(shown > 0, "some heard 0 before and 1 after, else this shows nothing");
    assertTrue(naive > 0, "who asks two replicas for what they have is told 0 after 1");
  }

  private boolean oldAndNewWereTold(FaultyCluster cluster, String key, long late) throws Exception {
    LocalNode leader = cluster.leader();
    Kv.at(leader).write(key, "0");
    for (long millis = STEP_MILLIS; millis <= late; millis += STEP_MILLIS) {
      for (LocalNode follower : cluster.local.except(leader)) {
        cluster.delayInto(follower, millis);
      }
      pass(2 * STEP_MILLIS);
    }
    // Readers are on their way when it is written: what they are told may be older, or not.
    CompletableFuture<Http.Answer> write =
        CompletableFuture.supplyAsync(
            () -> writeAfterAWhile(cluster, leader, key), task -> Thread.ofVirtual().start(task));
    List<CompletableFuture<List<Told>>> readers = new ArrayList<>();
    for (LocalNode node : cluster.nodes) {
      readers.add(
          CompletableFuture.supplyAsync(
              () -> readWhile(write, Kv.at(node), key), task -> Thread.ofVirtual().start(task)));
    }
    List<Told> told = new ArrayList<>();
    for (CompletableFuture<List<Told>> reader : readers) {
      told.addAll(reader.get(60, TimeUnit.SECONDS));
    }
    Http.Answer written = write.get(60, TimeUnit.SECONDS);
    cluster.healLinks();
    cluster.awaitReady();
    assertEquals(200, written.status(), written::toString);
    List<Told> fresh = told.stream().filter(Told::isNew).toList();
    long firstFresh = fresh.stream().mapToLong(Told::heardAt).min().orElse(Long.MAX_VALUE);
    assertEquals(
        List.of(),
        told.stream().filter(one -> !one.isNew() && one.askedAt() > firstFresh).toList(),
        "who asks after somebody heard 1 hears 1");
    return !fresh.isEmpty() && fresh.size() < told.size();
  }

  /**
   * A leader takes no write while an entry of its own waits on the slow links for long: it says so,
   * nothing was done, and a client asks again.
   */
  private Http.Answer writeAfterAWhile(FaultyCluster cluster, LocalNode leader, String key) {
    Http.Answer answer;
    do {
      pass(STEP_MILLIS / 2);
      answer = Kv.at(leader).put(key, "1");
    } while (answer.notApplied());
    // The negative control: they have it, and do not know yet that it counts.
    boolean old =
        cluster.local.except(leader).stream()
            .map(node -> Kv.at(node).get(key + "?consistency=stale").text("value"))
            .allMatch("0"::equals);
    naive += old ? 1 : 0;
    return answer;
  }

  private void pass(long millis) {
    try {
      if (never.await(millis, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody ends a pause early");
      }
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** Reads until the write has been answered, and once more. */
  private static List<Told> readWhile(CompletableFuture<Http.Answer> write, Kv node, String key) {
    List<Told> told = new ArrayList<>();
    boolean over;
    do {
      over = write.isDone();
      long asked = System.nanoTime();
      Http.Answer answer = node.get(key);
      if (answer.status() == 200) {
        told.add(new Told(asked, System.nanoTime(), answer.text("value")));
      }
    } while (!over);
    return told;
  }

  /** What a reader was told, and when it asked and heard. */
  private record Told(long askedAt, long heardAt, String value) {
    boolean isNew() {
      return value.equals("1");
    }
  }

  private static void awaitValue(Kv at, String value) {
    Awaitility.await("somebody reads " + value)
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> at.get("diagram").text("value").equals(value));
  }
}
