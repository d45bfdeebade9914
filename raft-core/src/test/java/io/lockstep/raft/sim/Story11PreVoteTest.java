package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.PlantedRules;
import io.lockstep.raft.node.CoreFactory;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Story 11, one bad cable, with its negative control: a node that was cut off, or whose link to the
 * leader flaps, changes nothing; were it to campaign without a pre-vote, it would depose the
 * leader.
 */
class Story11PreVoteTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private static final PlantedBug WITHOUT_PRE_VOTE =
      new PlantedBug() {
        @Override
        public String name() {
          return "without pre-vote";
        }

        @Override
        public CoreFactory core(CoreFactory real) {
          return PlantedRules.campaignsWithoutPreVote();
        }
      };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aNodeThatWasCutOffForTenMinutesComesBackWithoutAnElection(long seed) {
    assertEquals(0, termsWhileOneIsCutOff(seed, PlantedBug.NONE));
    assertTrue(termsWhileOneIsCutOff(seed, WITHOUT_PRE_VOTE) > 100, "the term is inflated");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aFlappingLinkToTheLeaderCausesNoElection(long seed) {
    assertEquals(0, termsWhileALinkFlaps(seed, PlantedBug.NONE));
    assertTrue(termsWhileALinkFlaps(seed, WITHOUT_PRE_VOTE) > 0, "the leader is deposed");
  }

  private static long termsWhileOneIsCutOff(long seed, PlantedBug bug) {
    Cluster cluster = new Cluster(seed, bug);
    int leader = cluster.awaitLeader();
    long term = cluster.term();
    int cutOff = (leader + 1) % Cluster.NODES;
    for (int peer = 0; peer < Cluster.NODES; peer++) {
      cluster.cut(cutOff, peer);
    }
    cluster.run(600 * SECOND);
    for (int peer = 0; peer < Cluster.NODES; peer++) {
      cluster.mend(cutOff, peer);
    }
    cluster.run(30 * SECOND);
    return cluster.term() - term;
  }

  private static long termsWhileALinkFlaps(long seed, PlantedBug bug) {
    Cluster cluster = new Cluster(seed, bug);
    int leader = cluster.awaitLeader();
    long term = cluster.term();
    int other = (leader + 1) % Cluster.NODES;
    for (int i = 0; i < 100; i++) {
      cluster.cut(leader, other);
      cluster.run(1_200 * MILLI);
      cluster.mend(leader, other);
      cluster.run(300 * MILLI);
    }
    return cluster.term() - term;
  }

  /** Five nodes without load, and faults by hand. */
  private static final class Cluster {
    static final int NODES = 5;

    private final Simulation simulation;
    private final SimCluster<Long> nodes;

    Cluster(long seed, PlantedBug bug) {
      RunSettings settings = RunSettings.calm(seed, NODES);
      simulation = new Simulation(seed, null);
      nodes = new SimCluster<>(simulation, settings, bug, SimLogs::open, RaftWorkload::service);
      nodes.startAll();
    }

    int awaitLeader() {
      run(10 * SECOND);
      return Objects.requireNonNull(nodes.leader(), "a leader after ten seconds").index();
    }

    /** The highest that any node is in. */
    long term() {
      long term = 0;
      for (SimNode<Long> node : nodes.nodes()) {
        term = Math.max(term, Objects.requireNonNull(node.raft()).status().term());
      }
      return term;
    }

    void cut(int one, int other) {
      nodes.network().cut(one, other);
      nodes.network().cut(other, one);
    }

    void mend(int one, int other) {
      nodes.network().mend(one, other);
      nodes.network().mend(other, one);
    }

    void run(long nanos) {
      long until = simulation.now() + nanos;
      while (simulation.step(until)) {
        assertEquals(null, nodes.invariants().violation());
      }
    }
  }
}
