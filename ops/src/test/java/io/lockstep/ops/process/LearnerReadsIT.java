package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.process.FaultKind.Fault;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A learner whose disk can't keep up is asked like any other node: what it answers is as new as a
 * voter's answer, and its watches miss nothing. It becomes a voter once it keeps up, not before.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class LearnerReadsIT {
  /** Longer than a round of catching up may take. */
  private static final int FORCE_MICROS = 700_000;

  private static final int WRITES_PER_SECOND = 50;
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 2);
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int SILENCE_MILLIS = 30_000;

  @Test
  void aLearnerServesReadsAndWatchesAndIsNoVoterWhileItIsLate(FaultyCluster cluster)
      throws Exception {
    Tools.require("strace", "strace");
    Tools.requireRoot();
    LocalNode leader = cluster.leader();
    List<String> voters = cluster.nodes.stream().map(node -> node.id).toList();
    LocalNode learner = cluster.joiner(cluster.newName());
    // While nothing is written, who is late has all the same.
    try (SteadyWrites writes = new SteadyWrites(WRITES_PER_SECOND, () -> List.of(leader))) {
      Fault slow = DiskFaults.slow(learner.start(), FORCE_MICROS);
      serves(leader, learner);
      assertEquals(List.of(learner.id), Members.ids(leader, "learner"));
      Members.awaitVoters(leader, voters);
      assertEquals(List.of(), writes.stop(), "no write waits for a learner");
      slow.heal();
    }
    Awaitility.await("it keeps up, and votes")
        .atMost(READY)
        .until(() -> Members.ids(learner, "voter").contains(learner.id));
    Members.remove(cluster.nodes, learner.id);
    learner.kill9();
    Members.awaitVoters(leader, voters);
  }

  private static void serves(LocalNode leader, LocalNode learner) throws Exception {
    learner.awaitReady(READY);
    int behind = 0;
    long from = Kv.at(leader).write("learner/begin", "x");
    try (WatchStream watch = new WatchStream(learner, "learner/", from, SILENCE_MILLIS)) {
      for (int round = 0; round < ROUNDS; round++) {
        long revision = Kv.at(leader).write("learner/" + round, "v" + round);
        behind += Kv.at(learner).appliedRevision() < revision ? 1 : 0;
        Http.Answer read = Kv.at(learner).get("learner/" + round);
        assertEquals("v" + round, read.text("value"), read::toString);
        awaitChange(watch, revision);
      }
    }
    assertTrue(behind > 0, "the learner was behind, else this shows nothing");
  }

  /** Each revision is told, and none twice. */
  private static void awaitChange(WatchStream watch, long revision) throws Exception {
    WatchStream.Line line = watch.next();
    while (line != null) {
      if (line instanceof WatchStream.Line.Changes(var frame) && frame.revision() >= revision) {
        assertEquals(revision, frame.revision(), "the next change is told next");
        return;
      }
      line = watch.next();
    }
    throw new AssertionError("the watch ended");
  }
}
