package io.lockstep.ops.process;

import io.lockstep.ops.process.FaultKind.Fault;
import java.util.List;

/** Nodes that die, and nodes that sleep. */
final class ProcessFaults {
  private ProcessFaults() {}

  static Fault killLeader(FaultyCluster cluster) throws Exception {
    return kill(List.of(cluster.leader()));
  }

  static Fault killFollower(FaultyCluster cluster) throws Exception {
    return kill(cluster.some(1, cluster.local.except(cluster.leader())));
  }

  static Fault killMajority(FaultyCluster cluster) throws Exception {
    return kill(cluster.some(cluster.nodes.size() / 2 + 1, cluster.nodes));
  }

  static Fault killAll(FaultyCluster cluster) throws Exception {
    return kill(cluster.nodes);
  }

  static Fault kill(List<LocalNode> victims) throws Exception {
    for (LocalNode victim : victims) {
      victim.kill9();
    }
    return () -> {
      for (LocalNode victim : victims) {
        victim.start();
      }
    };
  }

  static Fault restartStorm(FaultyCluster cluster) {
    Recurring storm =
        Recurring.start(
            "restart-storm",
            round -> {
              LocalNode victim = cluster.some(1, cluster.nodes).getFirst();
              victim.kill9();
              victim.start();
              round.pause(cluster.random.nextInt(1_000));
            });
    return storm::end;
  }

  static Fault pauseLeader(FaultyCluster cluster) throws Exception {
    return pause(List.of(cluster.leader()));
  }

  static Fault pauseMinority(FaultyCluster cluster) throws Exception {
    return pause(cluster.some((cluster.nodes.size() - 1) / 2, cluster.nodes));
  }

  private static Fault pause(List<LocalNode> sleepers) throws Exception {
    for (LocalNode sleeper : sleepers) {
      sleeper.signal("STOP");
    }
    return () -> {
      for (LocalNode sleeper : sleepers) {
        sleeper.signal("CONT");
      }
    };
  }
}
