package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy.Way;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 3: a game of baseball, in which each role reads at a level of its own, while one node is
 * late. {@code -Dstories.rounds} for more games.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story03BaseballIT {
  private static final int GAMES = Integer.getInteger("stories.rounds", 1);
  private static final long LATE_MILLIS = 300;
  private static final int LOOKS = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern HOME =
      Pattern.compile("\"key\":\"[^\"]*/home\",\"value\":\"([0-9])\"");
  private static final Pattern VISITORS =
      Pattern.compile("\"key\":\"[^\"]*/visitors\",\"value\":\"([0-9])\"");

  /** Who scores, in order. */
  private static final List<String> PLAY =
      List.of("home", "visitors", "home", "home", "visitors", "home", "home");

  /** What the board shows, in order: the visitors' score and the home team's. */
  private static final List<String> BOARD =
      List.of("0-0", "0-1", "1-1", "1-2", "1-3", "2-3", "2-4", "2-5");

  @Test
  void eachRoleSeesWhatItsLevelPromises(FaultyCluster cluster) throws Exception {
    LocalNode late = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    for (int number = 0; number < GAMES; number++) {
      String game = "game-" + number;
      Kv.at(cluster.leader()).write(game + "/home", "0");
      long begun = Kv.at(cluster.leader()).write(game + "/visitors", "0");
      Kv.at(late).get(game + "/home");
      for (LocalNode from : cluster.local.except(late)) {
        cluster.proxy(from, late).delay(Way.TO_TARGET, 0, LATE_MILLIS);
      }
      CountDownLatch over = new CountDownLatch(1);
      CompletableFuture<Integer> radio = later(() -> listen(cluster, game, begun, over));
      CompletableFuture<Integer> watcher = later(() -> glance(late, game, over));
      long end = play(cluster, game, begun);
      for (LocalNode node : cluster.nodes) {
        assertEquals("2-5", board(get(node, game, "")), "the umpire ends the game at " + node.id);
      }
      over.countDown();
      assertTrue(radio.get(60, TimeUnit.SECONDS) > 0, "the radio told the score");
      assertTrue(watcher.get(60, TimeUnit.SECONDS) > 0, "somebody glanced at the board");
      statistician(cluster, game, end);
      assertPrice(late, game);
      goingBackWithoutASession(cluster, late);
      Awaitility.await("the late node's board shows the end")
          .atMost(PATIENCE)
          .until(() -> board(get(late, game, "&consistency=stale")).equals("2-5"));
      cluster.healLinks();
    }
  }

  /** The scorekeeper counts on from what it wrote itself, and never from an old score. */
  private long play(FaultyCluster cluster, String game, long begun) {
    long revision = begun;
    for (String team : PLAY) {
      String key = game + "/" + team;
      Http.Answer last =
          Kv.at(cluster.some(1, cluster.nodes).getFirst()).get(key + "?min_revision=" + revision);
      assertEquals(200, last.status(), last::toString);
      long score = Long.parseLong(last.text("value")) + 1;
      Http.Answer put =
          Kv.at(cluster.some(1, cluster.nodes).getFirst())
              .compareAndSet(key, last.number("mod_revision"), Long.toString(score));
      assertEquals(200, put.status(), () -> "nobody else keeps the score: " + put);
      revision = put.number("mod_revision");
    }
    return revision;
  }

  /** The radio's session: any node, and never back. Returns how often it told something. */
  private int listen(FaultyCluster cluster, String game, long begun, CountDownLatch over) {
    long revision = begun;
    int told = 0;
    int shown = 0;
    Random nodes = new Random(game.hashCode());
    while (over.getCount() > 0) {
      LocalNode node = cluster.nodes.get(nodes.nextInt(cluster.nodes.size()));
      Http.Answer answer = get(node, game, "&min_revision=" + revision);
      if (answer.status() == 200) {
        int now = BOARD.indexOf(board(answer));
        int before = shown;
        assertTrue(now >= before, () -> "after " + BOARD.get(before) + ": " + answer);
        assertTrue(answer.header("Lockstep-Revision") >= revision, answer::toString);
        revision = answer.header("Lockstep-Revision");
        shown = now;
        told++;
      } else {
        assertTrue(answer.status() == 503 || answer.status() == 504, answer::toString);
      }
    }
    return told;
  }

  /** Any board that there was, and a label. */
  private static int glance(LocalNode late, String game, CountDownLatch over) {
    int glances = 0;
    while (over.getCount() > 0) {
      Http.Answer answer = get(late, game, "&consistency=stale");
      assertTrue(BOARD.contains(board(answer)), answer::toString);
      assertTrue(answer.header("Lockstep-Staleness-Ms") >= 0, answer::toString);
      glances++;
    }
    return glances;
  }

  /** The negative control: who asks two nodes for any state, one after the other, goes back. */
  private static void goingBackWithoutASession(FaultyCluster cluster, LocalNode late) {
    Kv leader = Kv.at(cluster.leader());
    leader.write("replay/visitors", "0");
    int back = 0;
    for (int look = 0; look < 3 * LOOKS && back == 0; look++) {
      long revision = leader.write("replay/home", Integer.toString(look % 10));
      Http.Answer first = leader.get("replay/home");
      assertEquals(revision, first.number("mod_revision"), first::toString);
      Http.Answer then = Kv.at(late).get("replay/home?consistency=stale");
      back += then.number("mod_revision") < revision ? 1 : 0;
    }
    assertTrue(back > 0, "else the radio could not fail");
  }

  /** The season's runs grow by five, though the statistician's first request has no listener. */
  private void statistician(FaultyCluster cluster, String game, long end) {
    LocalNode node = cluster.some(1, cluster.nodes).getFirst();
    Http.Answer home = Kv.at(node).get(game + "/home");
    assertEquals("5", home.text("value"), home::toString);
    assertTrue(home.header("Lockstep-Revision") >= end, home::toString);
    Http.Answer before = Kv.at(node).get("season-runs");
    long runs = before.status() == 200 ? Long.parseLong(before.text("value")) : 0;
    String add = "/v1/counters/season-runs:add";
    String delta = "{\"delta\":5}";
    HungUp.send(node, "POST", add, delta, "Idempotency-Key", game + "-runs");
    LostAnswer again = LostAnswer.post(game + "-runs", add, delta);
    Http.Answer added = again.again(cluster.some(1, cluster.nodes).getFirst());
    assertEquals(200, added.status(), added::toString);
    String sum = Long.toString(runs + 5);
    assertEquals(sum, added.text("value"), added::toString);
    for (LocalNode each : cluster.nodes) {
      String read = "season-runs?min_revision=" + added.number("mod_revision");
      assertEquals(sum, Kv.at(each).get(read).text("value"), each.id);
    }
  }

  /**
   * At the late node any state costs less than the present one, and so does a session that saw no
   * more than the node has.
   */
  private static void assertPrice(LocalNode late, String game) {
    long seen = get(late, game, "&consistency=stale").header("Lockstep-Revision");
    long stale = median(late, game, "&consistency=stale");
    long session = median(late, game, "&min_revision=" + seen);
    long linearizable = median(late, game, "");
    System.out.printf(
        "story 3, medians at the late node: stale %d us, session %d us, linearizable %d us%n",
        stale / 1_000, session / 1_000, linearizable / 1_000);
    assertTrue(stale < linearizable, () -> stale + " ns, and " + linearizable);
    assertTrue(session < linearizable, () -> session + " ns, and " + linearizable);
  }

  private static long median(LocalNode node, String game, String level) {
    List<Long> times = new ArrayList<>();
    for (int look = 0; look < LOOKS; look++) {
      long begin = System.nanoTime();
      Http.Answer answer = get(node, game, level);
      times.add(System.nanoTime() - begin);
      assertEquals(200, answer.status(), answer::toString);
    }
    return times.stream().sorted().toList().get(LOOKS / 2);
  }

  /** Both scores, of one revision. */
  private static Http.Answer get(LocalNode node, String game, String level) {
    return Kv.at(node).get(game + "/?prefix" + level);
  }

  private static String board(Http.Answer answer) {
    Matcher home = HOME.matcher(answer.body());
    Matcher visitors = VISITORS.matcher(answer.body());
    return home.find() && visitors.find() ? visitors.group(1) + "-" + home.group(1) : "";
  }

  private static <T> CompletableFuture<T> later(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, run -> Thread.ofVirtual().start(run));
  }
}
