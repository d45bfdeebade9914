package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 9: time does not run backwards: a comment that was seen stays, whichever node is asked, and
 * nobody sees an answer before its question. {@code -Dstories.rounds} for more.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story09TimeMonotonicIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 3);
  private static final int REFRESHES = 20;
  private static final long SHORT_MILLIS = 100;
  private static final long LONG_MILLIS = 250;
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int SILENCE_MILLIS = 30_000;

  @Test
  void aCommentThatWasSeenNeverDisappears(FaultyCluster cluster) throws Exception {
    LocalNode leader = cluster.leader();
    List<LocalNode> followers = cluster.some(2, cluster.local.except(leader));
    cluster.delayInto(followers.getFirst(), SHORT_MILLIS);
    cluster.delayInto(followers.getLast(), LONG_MILLIS);
    CompletableFuture<Http.Answer> post = Kv.at(leader).putLater("comments/42", "first!");
    boolean seen = false;
    int seenBefore = 0;
    LocalNode sticky = followers.getFirst();
    for (int refresh = 0; refresh < REFRESHES; refresh++) {
      if (refresh == REFRESHES / 2) {
        sticky.kill9();
      }
      List<LocalNode> there = cluster.nodes.stream().filter(LocalNode::alive).toList();
      Http.Answer answer = Kv.at(cluster.some(1, there).getFirst()).get("comments/42");
      if (answer.status() == 404) {
        assertTrue(!seen, "the comment was there and is gone");
      } else if (answer.status() == 200) {
        seen = true;
        seenBefore++;
      }
    }
    assertTrue(seenBefore > REFRESHES / 3, "seen " + seenBefore + " times");
    assertEquals(201, post.get(20, TimeUnit.SECONDS).status());
    cluster.healLinks();
    sticky.start().awaitReady(READY);
    assertEquals("first!", Kv.at(sticky).get("comments/42").text("value"));
  }

  @Test
  void nobodySeesMrsCakeAnswerBeforeMrPoonsAsks(FaultyCluster cluster) throws Exception {
    LocalNode late = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    cluster.delayInto(late, SHORT_MILLIS);
    long from = Kv.at(late).write("talk/begin", "x");
    List<CompletableFuture<List<String>>> observers = new ArrayList<>();
    for (LocalNode node : cluster.nodes) {
      observers.add(
          CompletableFuture.supplyAsync(
              () -> observe(node, from), task -> Thread.ofVirtual().start(task)));
    }
    List<String> expected = new ArrayList<>(List.of("begin"));
    for (int round = 0; round < ROUNDS; round++) {
      List<LocalNode> order = cluster.some(3, cluster.nodes);
      Kv.at(order.get(0)).write("talk/q" + round, "how far into the future?");
      Http.Answer question = Kv.at(order.get(1)).get("talk/q" + round);
      assertEquals(200, question.status(), question::toString);
      Kv.at(order.get(1)).write("talk/a" + round, "about ten seconds");
      assertNoAnswerAlone(Kv.at(order.get(2)), round);
      expected.addAll(List.of("q" + round, "a" + round));
    }
    Kv.at(late).write("talk/end", "x");
    expected.add("end");
    for (CompletableFuture<List<String>> observer : observers) {
      assertEquals(expected, observer.get(60, TimeUnit.SECONDS), "each node tells one order");
    }
  }

  /** All that is read at once is of one moment. */
  private static void assertNoAnswerAlone(Kv at, int round) {
    String all = at.get("talk/?prefix").body();
    boolean question = all.contains("\"talk/q" + round + "\"");
    boolean answer = all.contains("\"talk/a" + round + "\"");
    assertTrue(question || !answer, all);
  }

  /** The keys that change, in the order in which one node tells of them. */
  private static List<String> observe(LocalNode node, long from) {
    List<String> seen = new ArrayList<>();
    try (WatchStream stream = new WatchStream(node, "talk/", from, SILENCE_MILLIS)) {
      while (seen.isEmpty() || !seen.getLast().equals("end")) {
        WatchStream.Line line = stream.next();
        if (line == null) {
          return seen;
        }
        if (line instanceof WatchStream.Line.Changes changes) {
          for (String change : changes.frame().changes()) {
            seen.add(change.substring("put talk/".length(), change.indexOf('=')));
          }
        }
      }
    } catch (IOException broken) {
      seen.add(broken.toString());
    }
    return seen;
  }
}
