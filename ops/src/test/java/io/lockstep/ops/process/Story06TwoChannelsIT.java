package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 6: a message that travels faster than replication leads nobody to the video before. {@code
 * -Dstories.rounds=10000} for the full length.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story06TwoChannelsIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 8);
  private static final long DELAY_MILLIS = 150;
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /** "Transcode the video, which was written at this revision." */
  private record Message(long revision) {}

  @Test
  void theTranscoderFindsWhatItWasToldOf(FaultyCluster cluster) throws Exception {
    Round round = new Round(cluster);
    int behind = 0;
    for (int number = 1; number <= ROUNDS; number++) {
      Found found = round.tell("v" + number, message -> "");
      behind += found.behind() ? 1 : 0;
      assertEquals(200, found.answer().status(), found.answer()::toString);
      assertEquals("v" + number, found.answer().text("value"));
    }
    assertTrue(behind > 0, "the transcoder's node was behind, else this shows nothing");
  }

  @Test
  void whoCarriesTheRevisionFindsAtLeastThatOrNothing(FaultyCluster cluster) throws Exception {
    Round round = new Round(cluster);
    int served = 0;
    for (int number = 1; number <= ROUNDS; number++) {
      Http.Answer answer =
          round.tell("v" + number, message -> "?min_revision=" + message.revision()).answer();
      if (answer.status() == 504) {
        assertTrue(answer.notApplied(), answer::toString);
      } else {
        assertEquals("v" + number, answer.text("value"), answer::toString);
        served++;
      }
    }
    assertTrue(served > 0, "the transcoder found something");
  }

  /** The negative control: this service too has something old for whoever asks for it. */
  @Test
  void whoAsksForAnyStateFindsAnOldOne(FaultyCluster cluster) throws Exception {
    Round round = new Round(cluster);
    int old = 0;
    for (int number = 1; number <= ROUNDS; number++) {
      Http.Answer answer = round.tell("v" + number, message -> "?consistency=stale").answer();
      boolean current = answer.text("value").equals("v" + number);
      assertTrue(current || answer.header("Lockstep-Staleness-Ms") > 0, answer::toString);
      old += current ? 0 : 1;
    }
    assertTrue(old > 0, "else the other tests could not fail");
  }

  private record Found(boolean behind, Http.Answer answer) {}

  /** A server, a queue, and a transcoder whose node is late. */
  private static final class Round {
    private final SynchronousQueue<Message> queue = new SynchronousQueue<>();
    private final LocalNode late;
    private final Kv server;

    Round(FaultyCluster cluster) {
      late = lateNode(cluster);
      server = Kv.at(cluster.local.except(late).getFirst());
    }

    /** The transcoder hears of a new video, and looks for it in the way given. */
    Found tell(String video, Function<Message, String> query) throws Exception {
      CompletableFuture<Found> transcoder =
          CompletableFuture.supplyAsync(
              () -> transcode(query), task -> Thread.ofVirtual().start(task));
      queue.put(new Message(server.write("video/17", video)));
      return transcoder.get(60, TimeUnit.SECONDS);
    }

    private Found transcode(Function<Message, String> query) {
      try {
        Message message = queue.take();
        boolean behind = Kv.at(late).appliedRevision() < message.revision();
        return new Found(behind, Kv.at(late).get("video/17" + query.apply(message)));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void whoHeardOfAChangeFromOneNodeReadsItAtAnother(FaultyCluster cluster) throws Exception {
    LocalNode late = lateNode(cluster);
    LocalNode first = cluster.local.except(late).getFirst();
    long from = Kv.at(first).write("pushed/begin", "x");
    try (WatchStream stream = new WatchStream(first, "pushed/", from, (int) SILENCE.toMillis())) {
      for (int round = 0; round < ROUNDS; round++) {
        Kv.at(first).write("pushed/17", "v" + round);
        long told = nextChangeOf(stream, "pushed/17");
        Http.Answer read = Kv.at(late).get("pushed/17");
        assertEquals(200, read.status(), read::toString);
        assertTrue(read.number("mod_revision") >= told, () -> told + " was told, " + read);
      }
    }
  }

  private static long nextChangeOf(WatchStream stream, String key) throws Exception {
    WatchStream.Line line = stream.next();
    while (line != null) {
      if (line instanceof WatchStream.Line.Changes changes
          && changes.frame().changes().getFirst().startsWith("put " + key + "=")) {
        return changes.frame().revision();
      }
      line = stream.next();
    }
    throw new AssertionError("the watch ended");
  }

  private static LocalNode lateNode(FaultyCluster cluster) {
    LocalNode late = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    cluster.delayInto(late, DELAY_MILLIS);
    return late;
  }
}
