package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.process.FaultKind.Fault;
import java.time.Duration;
import java.util.List;

/** Members that come, go and are replaced while the others serve. */
final class MemberFaults {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private MemberFaults() {}

  /**
   * The voters are one more from the first strike on; at each later one some voter makes room. The
   * new node is killed somewhere on its way, and goes on.
   */
  static Fault add(FaultyCluster cluster) throws Exception {
    if (cluster.nodes.size() % 2 == 0) {
      LocalNode leaving = cluster.some(1, cluster.nodes).getFirst();
      cluster.nodes.remove(leaving);
      Members.remove(cluster.nodes, leaving.id);
      leaving.kill9();
    }
    LocalNode joiner = cluster.joiner(cluster.newName()).start();
    return () -> {
      assertTrue(joiner.alive(), joiner::logTail);
      joiner.kill9();
      joiner.start();
      comesIn(cluster, joiner);
    };
  }

  static Fault remove(FaultyCluster cluster) throws Exception {
    LocalNode leaving = cluster.some(1, cluster.nodes).getFirst();
    cluster.nodes.remove(leaving);
    cluster.others.add(leaving);
    Members.remove(cluster.nodes, leaving.id);
    return () -> {
      cluster.others.remove(leaving);
      leaving.kill9();
      comesIn(cluster, cluster.joiner(leaving.id).start());
    };
  }

  static Fault replace(FaultyCluster cluster) throws Exception {
    LocalNode lost = cluster.some(1, cluster.nodes).getFirst();
    lost.kill9();
    cluster.nodes.remove(lost);
    LocalNode joiner = cluster.joiner(cluster.newName()).argument("--replace", lost.id).start();
    return () -> comesIn(cluster, joiner);
  }

  /** Returns when all voters go by the membership in which the new one is a voter. */
  private static void comesIn(FaultyCluster cluster, LocalNode joiner) {
    joiner.awaitReady(BOUND);
    cluster.nodes.add(joiner);
    List<String> voters = cluster.nodes.stream().map(node -> node.id).toList();
    cluster.nodes.forEach(node -> Members.awaitVoters(node, voters));
  }
}
