package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * How long writers wait for a new leader, at a steady 200 writes/s: after {@code kill -9} of the
 * leader, whose peers see its connections refused, and after SIGSTOP, which only silence tells.
 *
 * <p>{@code -Dfailover.trials=20} measures more often than the build does; the gaps are printed.
 */
@Isolated("gaps are measured")
class FailoverIT {
  private static final int TRIALS = Integer.getInteger("failover.trials", 3);
  private static final int WRITES_PER_SECOND = 200;

  /** Without the refused connections no gap could be shorter than the election timeout. */
  private static final Duration ELECTION_TIMEOUT_MIN = Duration.ofMillis(500);

  private static LocalCluster cluster;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    cluster = LocalCluster.started(3, directory);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void aKilledLeaderIsReplacedWithoutWaitingForATimeout() throws Exception {
    List<Duration> gaps =
        measure(
            leader -> {
              leader.kill9();
              return leader::start;
            });
    report("kill -9", gaps);
    Duration median = gaps.get(gaps.size() / 2);
    assertTrue(median.compareTo(ELECTION_TIMEOUT_MIN) < 0, () -> "" + gaps);
  }

  @Test
  void aStoppedLeaderIsReplacedAfterATimeout() throws Exception {
    List<Duration> gaps =
        measure(
            leader -> {
              leader.signal("STOP");
              return () -> leader.signal("CONT");
            });
    report("SIGSTOP", gaps);
    Duration worst = gaps.getLast();
    assertTrue(worst.compareTo(Duration.ofSeconds(5)) < 0, () -> "" + gaps);
    long term = term(cluster.nodes.getFirst());
    for (LocalNode node : cluster.nodes) {
      assertEquals(term, term(node), "a node that came back raised no term");
    }
  }

  /** Takes the leader out; what it returns brings it back. */
  private interface Strike {
    Return on(LocalNode leader) throws Exception;
  }

  private interface Return {
    void back() throws Exception;
  }

  private static List<Duration> measure(Strike strike) throws Exception {
    List<LocalNode> there = new CopyOnWriteArrayList<>(cluster.nodes);
    List<Duration> gaps = new ArrayList<>();
    try (SteadyWrites writes = new SteadyWrites(WRITES_PER_SECOND, () -> there)) {
      for (int trial = 0; trial < TRIALS; trial++) {
        await(writes, WRITES_PER_SECOND / 2);
        LocalNode leader = cluster.leader();
        there.remove(leader);
        await(writes, 20);
        long from = System.nanoTime();
        Return back = strike.on(leader);
        long to = System.nanoTime();
        await(writes, WRITES_PER_SECOND);
        gaps.add(writes.longestGap(from - 50_000_000, to + 2_000_000_000));
        back.back();
        leader.awaitReady(Duration.ofSeconds(30));
        there.add(leader);
      }
    }
    gaps.sort(null);
    return gaps;
  }

  private static void await(SteadyWrites writes, long more) {
    long goal = writes.count() + more;
    try {
      Awaitility.await("writes go on")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> writes.count() >= goal);
    } catch (ConditionTimeoutException late) {
      throw new AssertionError(writes.latestFailures() + "\n" + cluster.accounts(), late);
    }
  }

  private static long term(LocalNode node) {
    return Http.get(node.uri("/v1/cluster"), Duration.ofSeconds(5)).number("term");
  }

  private static void report(String fault, List<Duration> gaps) {
    System.out.printf(
        "failover after %s, %d trials at %d writes/s: median %d ms, worst %d ms %s%n",
        fault,
        gaps.size(),
        WRITES_PER_SECOND,
        gaps.get(gaps.size() / 2).toMillis(),
        gaps.getLast().toMillis(),
        gaps.stream().map(Duration::toMillis).toList());
  }
}
