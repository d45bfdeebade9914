package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 14: who owns shard 7, while workers die and come, and the one who decides that sleeps too
 * long.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story14ShardOwnersIT {
  private static final Duration TTL = Duration.ofSeconds(3);
  private static final String CONTROLLER = "shards-controller";
  private static final String CONTROLLER_TTL = "2s";
  private static final String ALL = "shards/";
  private static final String END = "shards/workers/end";

  /** How long a busy machine may take to look after the shards of one that died. */
  private static final Duration SLOW = Duration.ofSeconds(10);

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SILENCE_MILLIS = 60_000;

  private final TreeMap<String, ShardWorker> workers = new TreeMap<>();

  @Test
  void eachShardHasOneOwnerWhoeverDies(FaultyCluster cluster) throws Exception {
    List<LocalNode> asked = withObserver(cluster);
    LocalNode node = cluster.leader();
    long from = Kv.at(node).write("shards/begin", "x") + 1;
    List<CompletableFuture<List<Frame>>> watchers = new ArrayList<>();
    asked.forEach(each -> watchers.add(later(() -> watch(List.of(each), from))));
    watchers.add(later(() -> watch(asked, from)));
    try {
      Holder first = Holder.of(node, CONTROLLER, "first", CONTROLLER_TTL);
      Recurring life = live(first, node);
      for (int i = 1; i <= 5; i++) {
        join("w" + i, cluster);
      }
      ShardController controller = new ShardController(first, node);
      assertEquals(ShardController.SHARDS, controller.balance().size());
      aWorkerDies(asked.getLast(), from, controller);
      twoWorkersCome(cluster, node, controller);
      life.end();
      theControllerSleeps(asked, first, controller);
    } finally {
      for (ShardWorker worker : workers.values()) {
        worker.kill();
      }
    }
    Kv.at(node).write(END, "x");
    List<Frame> told = watchers.getFirst().get(60, TimeUnit.SECONDS);
    for (CompletableFuture<List<Frame>> watcher : watchers) {
      assertEquals(told, watcher.get(60, TimeUnit.SECONDS), "all are told the same, in order");
    }
    assertEquals(1, told.stream().filter(frame -> tellsEndOf("w3", frame)).count(), "told once");
    eachShardHasOneOwnerAtEachRevision(asked, told);
  }

  /** Every node is asked of every revision: they tell of one owner, and only one worker died. */
  private static void eachShardHasOneOwnerAtEachRevision(List<LocalNode> asked, List<Frame> told) {
    ShardBook book = new ShardBook();
    for (Frame frame : told) {
      asked.forEach(node -> ShardController.read(node, frame.revision(), book));
    }
    assertEquals(List.of(), book.violations());
    long end =
        told.stream().filter(frame -> tellsEndOf("w3", frame)).findFirst().orElseThrow().revision();
    book.orphans()
        .forEach(
            (revision, count) ->
                assertEquals(revision == end ? 20 : 0, count, "without an owner at " + revision));
  }

  private static boolean tellsEndOf(String worker, Frame frame) {
    return frame.changes().contains(Change.expire(ShardWorker.WORKERS + worker));
  }

  private void join(String name, FaultyCluster cluster) throws IOException {
    workers.put(name, new ShardWorker(name, List.copyOf(cluster.nodes), TTL));
  }

  private ShardWorker worker(String name) {
    return workers.getOrDefault(name, workers.firstEntry().getValue());
  }

  private static List<LocalNode> withObserver(FaultyCluster cluster) throws Exception {
    if (cluster.others.isEmpty()) {
      cluster.observer("o1");
    }
    return List.copyOf(cluster.asked());
  }

  private static Recurring live(Holder holder, LocalNode node) {
    return Recurring.start(
        "controller",
        round -> {
          holder.renew(node);
          round.pause(holder.ttlMillis / 8);
        });
  }

  /** Its key goes when its time has passed; then its shards move, and no others. */
  private void aWorkerDies(LocalNode watched, long from, ShardController controller)
      throws Exception {
    ShardWorker dead = worker("w3");
    SortedMap<Integer, String> before = ShardController.assigned(watched);
    Router router = new Router(watched);
    assertEquals("w3", router.whoServes(7));
    dead.kill();
    try (WatchStream watch = new WatchStream(watched, ShardWorker.WORKERS, from, SILENCE_MILLIS)) {
      Frame frame = watch.nextChanges();
      while (!tellsEndOf("w3", frame)) {
        frame = watch.nextChanges();
      }
      long lasted = System.nanoTime() - dead.renewalSentAt();
      assertTrue(lasted >= TTL.toNanos(), () -> "gone after " + Duration.ofNanos(lasted));
      assertEquals(1, frame.changes().size(), frame::toString);
    }
    SortedMap<Integer, String> moved = controller.balance();
    Duration without = Duration.ofNanos(System.nanoTime() - dead.renewalSentAt());
    System.out.println("story 14: 20 shards had nobody for at most " + without);
    assertTrue(without.compareTo(TTL.plus(SLOW)) < 0, () -> "without an owner for " + without);
    TreeSet<Integer> orphans =
        before.entrySet().stream()
            .filter(entry -> entry.getValue().equals(dead.address))
            .map(Map.Entry::getKey)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(20, orphans.size());
    assertEquals(orphans, moved.keySet(), "its shards, and no others");
    assertNotEquals("w3", router.whoServes(7));
    assertEquals(2, router.looks, "it asked once more, as its address was dead");
  }

  /** Only what the others have too much of goes to those who are new. */
  private void twoWorkersCome(FaultyCluster cluster, LocalNode node, ShardController controller)
      throws IOException {
    join("w6", cluster);
    join("w7", cluster);
    SortedMap<Integer, String> moved = controller.balance();
    assertEquals(Set.of(worker("w6").address, worker("w7").address), new HashSet<>(moved.values()));
    assertEquals(2 * (ShardController.SHARDS / 6), moved.size());
    SortedMap<Integer, String> assigned = ShardController.assigned(node);
    assertEquals(ShardController.SHARDS, assigned.size());
    for (ShardWorker worker : workers.values()) {
      long count = assigned.values().stream().filter(worker.address::equals).count();
      assertTrue(worker.name.equals("w3") ? count == 0 : count == 16 || count == 17, worker.name);
    }
  }

  /** Who decides sleeps until another one does: what it says late is not heard. */
  private void theControllerSleeps(
      List<LocalNode> asked, Holder sleeping, ShardController controller) {
    LocalNode node = asked.getFirst();
    Holder second = Holder.of(node, CONTROLLER, "second", "60s");
    assertTrue(second.token > sleeping.token);
    assertEquals(0, new ShardController(second, node).balance().size(), "all is as it should be");
    String owner = ShardController.assigned(node).getOrDefault(7, "");
    Http.Answer late = controller.assign(7, worker("w3").address);
    assertEquals(412, late.status(), late::toString);
    assertEquals("stale-token", late.text("code"), late::toString);
    assertEquals(owner, Kv.at(node).get(ShardController.ASSIGNED + 7).text("value"));
    // The control: what no token guards is whosever was the last to speak.
    Http.Answer unguarded = Kv.at(node).put("shards/unguarded/7", worker("w3").address);
    assertEquals(201, unguarded.status(), unguarded::toString);
  }

  /** Remembers where a shard was, and looks again when nobody is there. */
  private static final class Router {
    private final LocalNode node;
    private String known = "";
    private int looks;

    Router(LocalNode node) {
      this.node = node;
    }

    String whoServes(int shard) {
      List<String> names = new ArrayList<>();
      Awaitility.await("shard " + shard + " is served")
          .atMost(PATIENCE)
          .until(
              () -> {
                names.add(ask(shard));
                return !names.getLast().isEmpty();
              });
      return names.getLast();
    }

    private String ask(int shard) {
      if (known.isEmpty()) {
        known = Kv.at(node).get(ShardController.ASSIGNED + shard).text("value");
        looks++;
      }
      int port = Integer.parseInt(known.substring(known.indexOf(':') + 1));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException nobodyThere) {
        known = "";
        return "";
      }
    }
  }

  private static <T> CompletableFuture<T> later(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, run -> Thread.ofVirtual().start(run));
  }

  /**
   * All that happens to workers and shards, from nodes in turn: each connection lasts for a few
   * changes.
   */
  private static List<Frame> watch(List<LocalNode> nodes, long from) {
    List<Frame> frames = new ArrayList<>();
    long next = from;
    int connections = 0;
    try {
      while (frames.isEmpty() || !frames.getLast().changes().getFirst().startsWith("put " + END)) {
        LocalNode node = nodes.get(connections++ % nodes.size());
        try (WatchStream watch = new WatchStream(node, ALL, next, SILENCE_MILLIS)) {
          int count = 0;
          do {
            frames.add(watch.nextChanges());
            next = frames.getLast().revision() + 1;
          } while (!frames.getLast().changes().getFirst().startsWith("put " + END)
              && (nodes.size() == 1 || ++count < 2));
        }
      }
    } catch (IOException broken) {
      throw new AssertionError("the stream of " + nodes.getFirst().id + " broke", broken);
    }
    return frames;
  }
}
