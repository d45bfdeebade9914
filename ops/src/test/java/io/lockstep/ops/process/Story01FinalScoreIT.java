package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 1: once anybody has read the final score, nobody who asks later reads the one before,
 * though the node that they ask is behind. {@code -Dstories.rounds=1000} for the full length.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story01FinalScoreIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 5);
  private static final Duration READY = Duration.ofSeconds(30);
  private static final long FIRST_DELAY_MILLIS = 2_000;
  private static final long DELAY_MILLIS = 150;

  @Test
  void brycesNodeIsLateAndHisScoreIsNot(FaultyCluster cluster) {
    LocalNode late = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    int behind = 0;
    int served = 0;
    int old = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String key = "score/" + round;
      Kv.at(cluster.nodes.getFirst()).write(key, "ongoing");
      assertEquals("ongoing", Kv.at(late).get(key).text("value"));
      cluster.delayInto(late, round == 0 ? FIRST_DELAY_MILLIS : DELAY_MILLIS);
      List<LocalNode> others = cluster.some(2, cluster.local.except(late));
      long revision = Kv.at(others.getFirst()).write(key, "final");
      assertEquals("final", Kv.at(others.getLast()).get(key).text("value"), "Aaliyah");
      behind += Kv.at(late).appliedRevision() < revision ? 1 : 0;
      old += ongoingWithItsAge(Kv.at(late).get(key + "?consistency=stale"), revision);
      served += finalOrNone(Kv.at(late).get(key));
      served += finalOrNone(Kv.at(late).get(key + "?min_revision=" + revision));
      cluster.healLinks();
      late.awaitReady(READY);
    }
    assertTrue(behind > 0, "Bryce's node was behind when he asked, else this shows nothing");
    assertTrue(served > 0, "Bryce was told the score");
    assertTrue(old > 0, "who asked for any state was told the one before");
  }

  @Test
  void aWriteWhoseAnswerIsHeldIsSeenByAllOnceOneSawIt(FaultyCluster cluster) throws Exception {
    LocalNode first = cluster.leader();
    LocalNode late = cluster.some(1, cluster.local.except(first)).getFirst();
    try (LinkProxy referee = LinkProxy.to(first.clientPort)) {
      Kv.at(first).write("held", "ongoing");
      cluster.delayInto(late, DELAY_MILLIS);
      referee.hold(Way.FROM_TARGET);
      CompletableFuture<Http.Answer> put = Kv.through(referee).putLater("held", "final");
      Awaitility.await("Aaliyah reads it before the referee hears of it")
          .atMost(20, TimeUnit.SECONDS)
          .until(() -> Kv.at(first).get("held").text("value").equals("final"));
      Http.Answer bryce = Kv.at(late).get("held");
      assertFalse(put.isDone(), "the write is still running for the referee");
      finalOrNone(bryce);
      referee.heal();
      assertEquals(200, put.get(20, TimeUnit.SECONDS).status());
    }
  }

  /** 1 for the score before, which must say of when it is; 0 for the final one. */
  private static int ongoingWithItsAge(Http.Answer answer, long revision) {
    assertEquals(200, answer.status(), answer::toString);
    boolean ongoing = answer.text("value").equals("ongoing");
    assertEquals(ongoing, answer.header("Lockstep-Revision") < revision, answer::toString);
    assertTrue(answer.header("Lockstep-Staleness-Ms") > 0, answer::toString);
    return ongoing ? 1 : 0;
  }

  /** 1 for the final score, 0 for a clean refusal; nothing else is allowed. */
  private static int finalOrNone(Http.Answer answer) {
    if (answer.status() == 503 || answer.status() == 504) {
      return 0;
    }
    assertEquals("final", answer.text("value"), answer::toString);
    return 1;
  }
}
