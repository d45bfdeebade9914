package io.lockstep.ops.process;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Whose each shard was at each revision, as the nodes tell it. */
final class ShardBook {
  private final SortedMap<Long, SortedMap<Integer, String>> owners = new TreeMap<>();
  private final SortedMap<Long, Integer> orphans = new TreeMap<>();
  private final TreeSet<Integer> given = new TreeSet<>();
  private final List<String> violations = new ArrayList<>();

  /**
   * What a node tells of a revision; of lower ones first.
   *
   * @param assigned whose each shard is, by its number
   * @param there the workers of that revision
   */
  void told(
      String node, long revision, SortedMap<Integer, String> assigned, Collection<String> there) {
    SortedMap<Integer, String> known = owners.computeIfAbsent(revision, none -> new TreeMap<>());
    for (Map.Entry<Integer, String> one : assigned.entrySet()) {
      String other = known.putIfAbsent(one.getKey(), one.getValue());
      if (other != null && !other.equals(one.getValue())) {
        violations.add(
            "at %d shard %d is %s's and, as %s says, %s's"
                .formatted(revision, one.getKey(), other, node, one.getValue()));
      }
    }
    for (int shard : given) {
      if (!assigned.containsKey(shard)) {
        violations.add("at %d shard %d is nobody's at %s".formatted(revision, shard, node));
      }
    }
    given.addAll(assigned.keySet());
    int alone = (int) assigned.values().stream().filter(owner -> !there.contains(owner)).count();
    orphans.merge(revision, alone, Math::max);
  }

  /** What is wrong: two owners of a shard at one revision, and shards that were taken from all. */
  List<String> violations() {
    return violations;
  }

  /** How many shards belonged to a worker that was not there, by revision. */
  SortedMap<Long, Integer> orphans() {
    return orphans;
  }
}
