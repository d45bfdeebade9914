package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.process.FaultKind.Fault;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 11: of five nodes one link is bad. At most one change of leader a phase, and writes go on.
 * {@code -Dstories.seconds=300 -Dstories.rate=500} for the full length of a phase, in which the
 * times of writes count too.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(5)
class Story11OneBadCableIT {
  private static final Duration PHASE = Duration.ofSeconds(Long.getLong("stories.seconds", 2));
  private static final int WRITES_PER_SECOND = Integer.getInteger("stories.rate", 100);

  /** In a shorter phase a hundredth of the writes is one pause of a busy machine. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

  /** Two of the longest election timeouts, and as much again for a machine that is busy. */
  private static final Duration FAILOVER = Duration.ofSeconds(4);

  private final CountDownLatch never = new CountDownLatch(1);

  @Test
  void theLinkToOneFollowerIsCut(FaultyCluster cluster) throws Exception {
    LocalNode leader = cluster.leader();
    LocalNode follower = anotherThan(cluster, leader);
    phase(
        cluster,
        "leader and follower cut",
        List.of(follower),
        () -> {
          cluster.cut(leader, follower);
          return cluster::healLinks;
        });
  }

  @Test
  void theLinkToOneFollowerFlaps(FaultyCluster cluster) throws Exception {
    phase(cluster, "flapping link", List.of(), () -> LinkFaults.flappingLink(cluster));
  }

  @Test
  void theLinkToOneFollowerIsDeadOneWay(FaultyCluster cluster) throws Exception {
    LocalNode leader = cluster.leader();
    LocalNode follower = anotherThan(cluster, leader);
    phase(
        cluster,
        "follower to leader",
        List.of(follower),
        () -> {
          cluster.silence(follower, leader);
          return cluster::healLinks;
        });
    phase(
        cluster,
        "leader to follower",
        List.of(follower),
        () -> {
          cluster.silence(leader, follower);
          return cluster::healLinks;
        });
  }

  @Test
  void twoFollowersDoNotHearEachOther(FaultyCluster cluster) throws Exception {
    List<LocalNode> followers = cluster.some(2, cluster.local.except(cluster.leader()));
    phase(
        cluster,
        "two followers cut",
        List.of(),
        () -> {
          cluster.cut(followers.getFirst(), followers.getLast());
          return cluster::healLinks;
        });
  }

  @Test
  void aNodeThatWasAloneComesBackAndDisturbsNobody(FaultyCluster cluster) throws Exception {
    LocalNode alone = anotherThan(cluster, cluster.leader());
    cluster.split(List.of(alone), cluster.local.except(alone));
    LocalNode other = cluster.local.except(alone).getFirst();
    long term = term(other);
    pass(PHASE);
    cluster.healLinks();
    alone.awaitReady(Duration.ofSeconds(30));
    assertEquals(term, term(other), "neither its absence nor its return was an election");
    assertEquals(term, term(alone));
  }

  private interface Bad {
    Fault begin() throws Exception;
  }

  /** Clients of {@code excused} may be refused: it can't reach the leader. */
  private void phase(FaultyCluster cluster, String name, List<LocalNode> excused, Bad bad)
      throws Exception {
    List<LocalNode> asked = cluster.nodes.stream().filter(node -> !excused.contains(node)).toList();
    long before = term(cluster.nodes.getFirst());
    try (SteadyWrites writes = new SteadyWrites(WRITES_PER_SECOND, () -> asked)) {
      await(writes, 50);
      long begin = System.nanoTime();
      pass(PHASE.dividedBy(4));
      long from = System.nanoTime();
      Duration baseline = writes.p99(begin, from);
      Fault fault = bad.begin();
      try {
        pass(PHASE);
      } finally {
        fault.heal();
      }
      long to = System.nanoTime();
      await(writes, 50);
      Duration gap = writes.longestGap(from, to);
      Duration p99 = writes.p99(from, to);
      cluster.awaitReady();
      long after = term(cluster.nodes.getFirst());
      System.out.printf(
          "one bad cable, %s: longest gap %d ms, terms %d, p99 %d ms, before %d ms%n",
          name, gap.toMillis(), after - before, p99.toMillis(), baseline.toMillis());
      assertTrue(after - before <= 2, name + ": from term " + before + " to " + after);
      assertTrue(gap.compareTo(FAILOVER) < 0, name + ": " + gap);
      assertTrue(
          PHASE.compareTo(LONG_ENOUGH) < 0 || p99.compareTo(baseline.multipliedBy(2)) < 0,
          name + ": p99 " + p99 + ", without the fault " + baseline);
    }
  }

  private void pass(Duration time) throws InterruptedException {
    if (never.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody ends a phase early");
    }
  }

  private static void await(SteadyWrites writes, long more) {
    long goal = writes.count() + more;
    Awaitility.await("writes go on")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> writes.count() >= goal);
  }

  private static LocalNode anotherThan(FaultyCluster cluster, LocalNode leader) {
    return cluster.some(1, cluster.local.except(leader)).getFirst();
  }

  private static long term(LocalNode node) {
    return Http.get(node.uri("/v1/cluster"), Duration.ofSeconds(5)).number("term");
  }
}
