package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.ops.process.FaultKind.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 9: time does not run backwards: a comment that was seen stays, whichever node is asked, and
 * nobody sees an answer before its question. One node is behind by five seconds, and an observer is
 * asked too. {@code -Dstories.rounds} for more.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story09TimeMonotonicIT {
  private static final int ROUNDS = Math.min(40, Integer.getInteger("stories.rounds", 3));
  private static final int REFRESHES = 20;
  private static final long SHORT_MILLIS = 100;
  private static final long LONG_MILLIS = 250;
  private static final long LAG_MILLIS = 5_000;
  private static final Pattern TALK = Pattern.compile("\"key\":\"talk/([qa][0-9]+)\"");
  private static final Duration READY = Duration.ofSeconds(60);
  private static final int SILENCE_MILLIS = 30_000;

  private final CountDownLatch never = new CountDownLatch(1);

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
      List<LocalNode> there = cluster.asked().stream().filter(LocalNode::alive).toList();
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

  /** Any node is asked, each behind by another time, an observer among them. */
  @Test
  void aSessionNeverGoesBack(FaultyCluster cluster) throws Exception {
    LocalNode observer = observer(cluster);
    LocalNode leader = cluster.leader();
    List<LocalNode> followers = cluster.some(2, cluster.local.except(leader));
    cluster.delayInto(followers.getFirst(), SHORT_MILLIS);
    Fault lag = LinkFaults.lag(cluster, followers.getLast(), LAG_MILLIS);
    Kv.at(leader).write("comments/43", "second!");
    Session session = new Session();
    int refreshes = 0;
    int back = 0;
    while (session.refused == 0 || !session.seen || refreshes < REFRESHES) {
      Kv.at(leader).write("comments/44", "no. " + refreshes);
      session.refresh(cluster.some(1, cluster.asked()).getFirst());
      back += goesBackWithoutASession(leader, followers.getLast()) ? 1 : 0;
      assertTrue(++refreshes < 50 * REFRESHES, "seen, and refused while a node is behind");
      pass(50);
    }
    session.refresh(observer);
    assertTrue(back > 0, "who does not say what was seen goes back, else this shows nothing");
    lag.heal();
  }

  /** The negative control: a user without a session, first at one node and then at another. */
  private static boolean goesBackWithoutASession(LocalNode first, LocalNode then) {
    String any = "comments/44?consistency=stale";
    long seen = Kv.at(first).get(any).header("Lockstep-Revision");
    return Kv.at(then).get(any).header("Lockstep-Revision") < seen;
  }

  /** A user who tells each node which revision was seen last. */
  private static final class Session {
    private long revision = 1;
    private boolean seen;
    private int refused;

    void refresh(LocalNode node) {
      Http.Answer answer =
          Kv.at(node).get("comments/43?min_revision=" + revision, "Request-Timeout", "300ms");
      if (answer.status() == 504) {
        assertEquals("revision-not-reached", answer.text("code"), answer::toString);
        refused++;
        return;
      }
      long shown = answer.header("Lockstep-Revision");
      assertTrue(shown >= revision, () -> shown + " after " + revision + ": " + answer);
      revision = shown;
      assertTrue(answer.status() == 200 || answer.status() == 404 && !seen, answer::toString);
      seen |= answer.status() == 200;
    }
  }

  private static LocalNode observer(FaultyCluster cluster) throws Exception {
    return cluster.others.isEmpty() ? cluster.observer("o1") : cluster.others.getFirst();
  }

  private void pass(long millis) throws InterruptedException {
    if (never.await(millis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody ends a pause early");
    }
  }

  @Test
  void nobodySeesMrsCakeAnswerBeforeMrPoonsAsks(FaultyCluster cluster) throws Exception {
    observer(cluster);
    LocalNode late = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    List<LocalNode> talking = cluster.local.except(late);
    long from = Kv.at(late).write("talk/begin", "x");
    List<CompletableFuture<List<String>>> watchers = new ArrayList<>();
    List<CompletableFuture<Integer>> readers = new ArrayList<>();
    CountDownLatch talked = new CountDownLatch(1);
    for (LocalNode node : cluster.asked()) {
      watchers.add(
          CompletableFuture.supplyAsync(
              () -> observe(node, from), task -> Thread.ofVirtual().start(task)));
      readers.add(
          CompletableFuture.supplyAsync(
              () -> read(node, talked), task -> Thread.ofVirtual().start(task)));
    }
    Fault lag = LinkFaults.lag(cluster, late, LAG_MILLIS);
    List<String> expected = new ArrayList<>(List.of("begin"));
    for (int round = 0; round < ROUNDS; round++) {
      List<LocalNode> order = cluster.some(2, talking);
      Kv.at(order.getFirst()).write("talk/q" + round, "how far into the future?");
      Http.Answer question = Kv.at(order.getLast()).get("talk/q" + round);
      assertEquals(200, question.status(), question::toString);
      Kv.at(order.getLast()).write("talk/a" + round, "about ten seconds");
      expected.addAll(List.of("q" + round, "a" + round));
      pass(SHORT_MILLIS);
    }
    talked.countDown();
    int old = 0;
    for (CompletableFuture<Integer> reader : readers) {
      old += reader.get(60, TimeUnit.SECONDS);
    }
    assertTrue(old > 0, "some node showed a part of it, else this shows nothing");
    lag.heal();
    Kv.at(late).write("talk/end", "x");
    expected.add("end");
    for (CompletableFuture<List<String>> watcher : watchers) {
      assertEquals(expected, watcher.get(60, TimeUnit.SECONDS), "each node tells one order");
    }
  }

  /**
   * Reads whatever a node has while they talk: it must be how the talk began, up to some moment.
   * Returns how often that was not all that had been said when it was asked.
   */
  private static int read(LocalNode node, CountDownLatch talked) {
    int part = 0;
    while (talked.getCount() > 0) {
      Http.Answer answer = Kv.at(node).get("talk/?prefix&consistency=stale");
      List<String> said =
          TALK.matcher(answer.body()).results().map(each -> each.group(1)).sorted().toList();
      List<String> beginning = new ArrayList<>();
      for (int round = 0; beginning.size() < said.size(); round++) {
        beginning.add("q" + round);
        if (beginning.size() < said.size()) {
          beginning.add("a" + round);
        }
      }
      assertEquals(beginning.stream().sorted().toList(), said, answer::toString);
      part += said.size() < 2 * ROUNDS ? 1 : 0;
    }
    return part;
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
