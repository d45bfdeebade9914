package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.process.FaultKind.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 5: numbers that are drawn in batches while leaders fall in the middle of one, and while a
 * follower that is three seconds behind would like to lead. {@code -Dstories.rounds=20} for the
 * full length.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(5)
class Story05NumbersIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 2);
  private static final int BATCH = 1_000;
  private static final int BATCHING = 5;

  /** What a leader keeps at hand, beyond what it is asked for at that moment. */
  private static final long BLOCK = 1_000;

  private static final long LAG_MILLIS = 3_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final NumberBook book = new NumberBook();
  private final NumberBook naive = new NumberBook();
  private final CountDownLatch stop = new CountDownLatch(1);

  @Test
  void noNumberIsGivenTwiceAndNoneGoesBackwards(FaultyCluster cluster) throws Exception {
    long term = term(cluster.leader());
    List<NumberClient> drawing = new ArrayList<>();
    for (int i = 0; i < BATCHING; i++) {
      // 5,000 numbers a second in all.
      drawing.add(client(cluster, "batches-" + i, BATCH, 1_000));
    }
    for (int i = 0; i < 2; i++) {
      drawing.add(client(cluster, "single-" + i, 1, 20));
    }
    List<Thread> clients = drawing.stream().map(Story05NumbersIT::start).toList();
    int tempted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      tempted += leaderFalls(cluster, round % 2 == 0) ? 1 : 0;
    }
    stop.countDown();
    for (Thread client : clients) {
      client.join(PATIENCE);
      assertTrue(!client.isAlive(), "a client is told in the end what became of its request");
    }
    assertTrue(tempted > 0, "a follower that was behind could have led, else this shows nothing");
    assertEquals(List.of(), book.violations());
    long skipped = book.highest() - book.usedCount();
    long lost = drawing.stream().mapToLong(NumberClient::lost).sum();
    long leaders = term(cluster.leader()) - term;
    System.out.printf(
        "story 5: %d numbers, %d skipped by %d new leaders, %d in answers that were lost%n",
        book.usedCount(), skipped, leaders, lost);
    long inOneBlock = BLOCK + BATCHING * BATCH + 2;
    assertTrue(skipped <= leaders * inOneBlock + lost, () -> "more than a block: " + skipped);
    whoCountsOnFromWhatANodeHasGivesANumberTwice();
    for (LocalNode node : cluster.nodes) {
      node.kill9();
    }
    cluster.local.startAll();
    NumberClient after = client(cluster, "after", BATCH, 0);
    // The first is asked for once, the second until there is an answer.
    long next = Math.max(after.draw(), after.draw());
    assertTrue(next > book.highest(), () -> next + ": all were dead, and know what was given");
    cluster.local.awaitEqualHashes();
  }

  private NumberClient client(FaultyCluster cluster, String name, int size, long pauseMillis) {
    return new NumberClient(List.copyOf(cluster.nodes), book, name, size, pauseMillis, stop);
  }

  private static Thread start(NumberClient client) {
    return Thread.ofVirtual().start(client);
  }

  /**
   * Kills the leader, or cuts it off, while one follower lacks the numbers of the last seconds;
   * returns whether that follower was behind when another one led.
   */
  private boolean leaderFalls(FaultyCluster cluster, boolean killed) throws Exception {
    LocalNode leader = cluster.leader();
    LocalNode late = cluster.some(1, cluster.local.except(leader)).getFirst();
    List<LocalNode> rest =
        cluster.nodes.stream().filter(node -> node != leader && node != late).toList();
    cluster.delayInto(late, LAG_MILLIS);
    awaitDraws(30);
    long given = countOn(leader);
    boolean behind = countOn(late) < given;
    long fell = System.nanoTime();
    Fault fault = fall(cluster, leader, killed);
    String next = awaitLeader(rest, leader);
    boolean soon = System.nanoTime() - fell < TimeUnit.MILLISECONDS.toNanos(LAG_MILLIS);
    boolean lacking = behind && soon;
    assertTrue(!(lacking && next.equals(late.id)), late.id + " leads and lacks what was given");
    if (!killed) {
      isolatedNodeGivesNothing(leader);
    }
    awaitDraws(30);
    fault.heal();
    cluster.healLinks();
    cluster.awaitReady();
    return lacking;
  }

  private static Fault fall(FaultyCluster cluster, LocalNode leader, boolean killed)
      throws Exception {
    if (killed) {
      return ProcessFaults.kill(List.of(leader));
    }
    cluster.split(List.of(leader), cluster.local.except(leader));
    return cluster::healLinks;
  }

  /** It has a block, and numbers left in it. */
  private static void isolatedNodeGivesNothing(LocalNode alone) {
    for (String count : List.of("1", "10")) {
      Http.Answer answer =
          Http.send(
              "POST",
              alone.uri(NumberClient.SEQUENCE + "?count=" + count),
              "",
              PATIENCE,
              "Request-Timeout",
              "500ms");
      assertTrue(answer.status() == 503 || answer.status() == 504, answer::toString);
    }
  }

  /** Takes what a node has applied for a number, as one does who counts on without asking. */
  private long countOn(LocalNode node) {
    long invoked = System.nanoTime();
    long number = Kv.at(node).appliedRevision();
    naive.drawn(new NumberBook.Draw(invoked, System.nanoTime(), number, number));
    return number;
  }

  /** The negative control. */
  private void whoCountsOnFromWhatANodeHasGivesANumberTwice() {
    assertFalse(naive.violations().isEmpty(), "numbers of nodes that are behind go back");
  }

  private static long term(LocalNode node) {
    return Http.get(node.uri("/v1/cluster"), PATIENCE).number("term");
  }

  private static String awaitLeader(List<LocalNode> nodes, LocalNode before) {
    String[] leader = {""};
    Awaitility.await("another leader")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              for (LocalNode node : nodes) {
                leader[0] = Http.get(node.uri("/v1/cluster"), Duration.ofSeconds(2)).text("leader");
                if (!leader[0].isEmpty() && !leader[0].equals(before.id)) {
                  return true;
                }
              }
              return false;
            });
    return leader[0];
  }

  /** Waits until so many more draws were answered. */
  private void awaitDraws(long more) {
    long goal = book.drawCount() + more;
    Awaitility.await("numbers are drawn")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> book.drawCount() >= goal);
  }
}
