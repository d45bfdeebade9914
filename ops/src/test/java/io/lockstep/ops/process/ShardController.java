package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Gives each of a hundred shards to a worker, as long as it holds the lock of those who may. */
final class ShardController {
  static final int SHARDS = 100;

  /** Where it says whose each shard is. */
  static final String ASSIGNED = "shards/assigned/";

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern ITEM =
      Pattern.compile("\"key\":\"([^\"]+)\",\"value\":\"([^\"]*)\"");

  private final Holder holder;
  private final LocalNode node;

  ShardController(Holder holder, LocalNode node) {
    this.holder = holder;
    this.node = node;
  }

  /** Whose each shard is, by its number. */
  static SortedMap<Integer, String> assigned(LocalNode node) {
    SortedMap<Integer, String> owners = new TreeMap<>();
    values(node, ASSIGNED, "").forEach((name, owner) -> owners.put(Integer.valueOf(name), owner));
    return owners;
  }

  /** Writes down what a node tells of a revision. */
  static void read(LocalNode node, long revision, ShardBook book) {
    String at = "&at_revision=" + revision;
    SortedMap<Integer, String> owners = new TreeMap<>();
    values(node, ASSIGNED, at).forEach((name, owner) -> owners.put(Integer.valueOf(name), owner));
    book.told(node.id, revision, owners, values(node, ShardWorker.WORKERS, at).values());
  }

  private static SortedMap<String, String> values(LocalNode node, String prefix, String more) {
    Http.Answer answer = Kv.at(node).get(prefix + "?prefix" + more);
    assertEquals(200, answer.status(), answer::toString);
    SortedMap<String, String> values = new TreeMap<>();
    ITEM.matcher(answer.body())
        .results()
        .forEach(item -> values.put(item.group(1).substring(prefix.length()), item.group(2)));
    return values;
  }

  /** Looks who is there, and changes as little as is needed; returns what it changed. */
  SortedMap<Integer, String> balance() {
    List<String> workers = List.copyOf(values(node, ShardWorker.WORKERS, "").values());
    SortedMap<Integer, String> moves = moves(assigned(node), workers);
    if (!moves.isEmpty()) {
      StringBuilder steps = new StringBuilder();
      moves.forEach(
          (shard, owner) ->
              steps
                  .append(steps.isEmpty() ? "" : ",")
                  .append("{\"put\":\"" + ASSIGNED + shard + "\",\"value\":\"" + owner + "\"}"));
      Http.Answer done =
          Http.send(
              "POST", node.uri("/v1/txn"), "{\"then\":[" + steps + "]}", PATIENCE, holder.guard());
      assertEquals(200, done.status(), done::toString);
    }
    return moves;
  }

  /** Says whose one shard is, as somebody does who thinks that it may. */
  Http.Answer assign(int shard, String owner) {
    return holder.write(node, ASSIGNED + shard, owner);
  }

  /** What has to change so that every shard is someone's who is there, and all have their share. */
  static SortedMap<Integer, String> moves(
      SortedMap<Integer, String> assigned, List<String> workers) {
    Map<String, List<Integer>> owned = new TreeMap<>();
    workers.forEach(worker -> owned.put(worker, new ArrayList<>()));
    List<Integer> free = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      owned.getOrDefault(assigned.getOrDefault(shard, ""), free).add(shard);
    }
    List<String> byLoad = new ArrayList<>(workers);
    byLoad.sort(Comparator.comparing(worker -> -size(owned, worker)));
    SortedMap<String, Integer> shares = new TreeMap<>();
    for (int i = 0; i < byLoad.size(); i++) {
      int share = SHARDS / byLoad.size() + (i < SHARDS % byLoad.size() ? 1 : 0);
      shares.put(byLoad.get(i), share);
      List<Integer> has = owned.getOrDefault(byLoad.get(i), List.of());
      while (has.size() > share) {
        free.add(has.removeLast());
      }
    }
    free.sort(Comparator.naturalOrder());
    SortedMap<Integer, String> moves = new TreeMap<>();
    for (int shard : free) {
      String taker =
          workers.stream()
              .filter(worker -> size(owned, worker) < shares.getOrDefault(worker, 0))
              .min(Comparator.comparing(worker -> size(owned, worker)))
              .orElseThrow();
      owned.getOrDefault(taker, free).add(shard);
      moves.put(shard, taker);
    }
    return moves;
  }

  private static int size(Map<String, List<Integer>> owned, String worker) {
    return owned.getOrDefault(worker, List.of()).size();
  }
}
