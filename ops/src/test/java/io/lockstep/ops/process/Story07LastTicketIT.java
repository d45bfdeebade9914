package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.peer.LinkProxy;
import io.lockstep.raft.peer.LinkProxy.Way;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 7: the last ticket, the username, the seat, the room: who comes together with others gets
 * it alone or not at all. {@code -Dstories.rounds} for more tickets.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story07LastTicketIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 5);
  private static final int CLIENTS = 100;
  private static final long SLOW_MILLIS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void twoBuyTheLastTicketAndOneHasIt(FaultyCluster cluster) throws Exception {
    History history = new History();
    LocalNode first = cluster.nodes.getFirst();
    long from = Kv.at(first).write("tickets/begin", "x");
    for (int round = 0; round < ROUNDS; round++) {
      List<LocalNode> sellers = slowed(cluster);
      buyTheLast(history, sellers, "tickets/" + round);
      cluster.healLinks();
    }
    // For each ticket that there is one, and that there is none; besides, the beginning.
    int changes = 2 * ROUNDS + 1;
    history.add(
        new Watcher(
            "all",
            from,
            change -> change.contains(" tickets/"),
            WatchStream.changes(first, "tickets/", from, changes),
            from));
    history.check();
  }

  /** Two nodes whose talk with each other is slow. */
  private static List<LocalNode> slowed(FaultyCluster cluster) {
    List<LocalNode> sellers = cluster.some(2, cluster.nodes);
    LocalNode a = sellers.getFirst();
    LocalNode b = sellers.getLast();
    cluster.proxy(a, b).delay(Way.TO_TARGET, SLOW_MILLIS, SLOW_MILLIS);
    cluster.proxy(b, a).delay(Way.TO_TARGET, SLOW_MILLIS, SLOW_MILLIS);
    return sellers;
  }

  private static void buyTheLast(History history, List<LocalNode> sellers, String key)
      throws Exception {
    long opened = System.nanoTime();
    long one = Kv.at(sellers.getFirst()).write(key, "1");
    Call put = new Call.Put(key, "1", new Condition.Always());
    history.add(
        Operation.answered("box", put, new Response.Written(one), opened, System.nanoTime()));
    for (LocalNode seller : sellers) {
      assertEquals(one, Kv.at(seller).get(key).number("mod_revision"), "both see the ticket");
    }
    List<Http.Answer> answers =
        together(
            sellers.stream()
                .<Supplier<Http.Answer>>map(seller -> () -> buy(history, seller, key, one))
                .toList());
    List<Integer> statuses = answers.stream().map(Http.Answer::status).sorted().toList();
    assertEquals(List.of(200, 412), statuses, answers::toString);
    answers.stream()
        .filter(answer -> answer.status() == 412)
        .forEach(late -> assertEquals("0", late.text("value"), "it is told that none is left"));
    for (LocalNode seller : sellers) {
      Http.Answer left = Kv.at(seller).get(key);
      assertEquals("0", left.text("value"), left::toString);
      assertEquals(2, left.number("version"), left::toString);
    }
  }

  private static Http.Answer buy(History history, LocalNode seller, String key, long one) {
    long invoked = System.nanoTime();
    Http.Answer answer = Kv.at(seller).compareAndSet(key + "?return=current", one, "0");
    long returned = System.nanoTime();
    long revision = answer.number("mod_revision");
    Response response =
        answer.status() == 200 ? new Response.Written(revision) : new Response.Refused(revision);
    Call call = new Call.Put(key, "0", new Condition.RevisionIs(one));
    history.add(Operation.answered(seller.id, call, response, invoked, returned));
    return answer;
  }

  /** The negative control: who only looks first, and then writes, sells it twice. */
  @Test
  void whoBuysWithoutAConditionBuysWhatIsSold(FaultyCluster cluster) throws Exception {
    List<LocalNode> sellers = slowed(cluster);
    Kv.at(sellers.getFirst()).write("unguarded", "1");
    List<Supplier<Http.Answer>> buyers = new ArrayList<>();
    for (LocalNode seller : sellers) {
      assertEquals("1", Kv.at(seller).get("unguarded").text("value"));
      buyers.add(() -> Kv.at(seller).put("unguarded", "0"));
    }
    assertEquals(List.of(200, 200), together(buyers).stream().map(Http.Answer::status).toList());
  }

  @Test
  void ofAHundredOneIsCalledAaliyah(FaultyCluster cluster) throws Exception {
    for (String name : List.of("user/aaliyah", "seat/12A")) {
      List<Supplier<Http.Answer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        LocalNode node = cluster.nodes.get(i % cluster.nodes.size());
        String me = "client-" + i;
        clients.add(() -> Kv.at(node).put(name + "?return=current", me, "If-None-Match", "*"));
      }
      List<Http.Answer> answers = together(clients);
      List<Integer> winners = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        if (answers.get(i).status() == 201) {
          winners.add(i);
        }
      }
      assertEquals(1, winners.size(), () -> name + " " + answers);
      String winner = "client-" + winners.getFirst();
      for (Http.Answer answer : answers) {
        if (answer.status() != 201) {
          assertEquals(412, answer.status(), answer::toString);
          assertEquals(winner, answer.text("value"), answer::toString);
        }
      }
      assertEquals(winner, Kv.at(cluster.nodes.getLast()).get(name).text("value"));
    }
  }

  @Test
  void theWinnerIsToldSoThoughTheLeaderFell(FaultyCluster cluster) throws Exception {
    LocalNode leader = cluster.leader();
    LocalNode other = cluster.local.except(leader).getFirst();
    LostAnswer mine = create("mine");
    LostAnswer theirs = create("theirs");
    try (LinkProxy proxy = LinkProxy.to(leader.clientPort)) {
      proxy.hold(Way.FROM_TARGET);
      CompletableFuture<Http.Answer> asked = mine.sendThrough(proxy);
      mine.awaitEffect(other);
      leader.kill9();
      proxy.cut();
      assertEquals(0, asked.get(30, TimeUnit.SECONDS).status());
    }
    for (LocalNode node : cluster.local.except(leader)) {
      assertEquals(412, theirs.again(node).status(), "another's does not win");
      assertTrue(mine.replay(node).startsWith("201 "), "the winner's does");
    }
    assertEquals("mine", Kv.at(other).get("seat/12B").text("value"));
    leader.start().awaitReady(PATIENCE);
    assertEquals(412, theirs.again(leader).status());
    assertTrue(mine.replay(leader).startsWith("201 "));
  }

  private static LostAnswer create(String owner) {
    return LostAnswer.key("seat-" + owner, "PUT", "seat/12B", owner, "If-None-Match", "*");
  }

  /** A room is booked by the hour: each hour that one wants must be free, or none is taken. */
  @Test
  void ofTwoBookingsThatOverlapOneIsRefused(FaultyCluster cluster) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      String room = "room/" + round + "/";
      List<LocalNode> desks = slowed(cluster);
      List<Http.Answer> answers =
          together(
              List.of(
                  () -> book(desks.getFirst(), room, "ada", 10, 12),
                  () -> book(desks.getLast(), room, "bob", 11, 13)));
      cluster.healLinks();
      List<Integer> statuses = answers.stream().map(Http.Answer::status).sorted().toList();
      assertEquals(List.of(200, 409), statuses, answers::toString);
      boolean ada = answers.getFirst().status() == 200;
      String booked = Kv.at(desks.getLast()).get(room + "?prefix&keys").body();
      assertEquals(ada, booked.contains(room + "10/ada"), booked);
      assertEquals(!ada, booked.contains(room + "12/bob"), booked);
      assertEquals(1, booked.split(room + "11/", -1).length - 1, booked);
      assertEquals(200, book(desks.getFirst(), room, "cyd", 14, 16).status(), "another hour");
    }
  }

  private static Http.Answer book(LocalNode desk, String room, String who, int from, int until) {
    List<String> conditions = new ArrayList<>();
    List<String> steps = new ArrayList<>();
    for (int hour = from; hour < until; hour++) {
      conditions.add("{\"prefix\":\"" + room + hour + "/\",\"empty\":true}");
      steps.add("{\"put\":\"" + room + hour + "/" + who + "\",\"value\":\"x\"}");
    }
    String body =
        "{\"if\":["
            + String.join(",", conditions)
            + "],\"then\":["
            + String.join(",", steps)
            + "]}";
    return Http.send("POST", desk.uri("/v1/txn"), body, PATIENCE);
  }

  /** All of it at the same moment; the answers in the order of the tasks. */
  private static List<Http.Answer> together(List<Supplier<Http.Answer>> tasks) throws Exception {
    CountDownLatch ready = new CountDownLatch(tasks.size());
    List<CompletableFuture<Http.Answer>> running = new ArrayList<>();
    for (Supplier<Http.Answer> task : tasks) {
      running.add(
          CompletableFuture.supplyAsync(
              () -> {
                ready.countDown();
                try {
                  ready.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                return task.get();
              },
              run -> Thread.ofVirtual().start(run)));
    }
    List<Http.Answer> answers = new ArrayList<>();
    for (CompletableFuture<Http.Answer> one : running) {
      answers.add(one.get(60, TimeUnit.SECONDS));
    }
    return answers;
  }
}
