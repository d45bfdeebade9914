package io.lockstep.sim;

import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What clients did with latches, work once a period and fences, held against the contract: nobody
 * passes a latch before all have set out for it, work of a period is done once, and a fence never
 * falls. Times are true ones.
 */
final class GateHistory {
  private static final String ONCE = "work of a period is done once";

  private final Map<String, Set<String>> arriving = new TreeMap<>();
  private final Map<String, Long> finishedBy = new TreeMap<>();
  private final Map<String, Long> finishedAt = new TreeMap<>();
  private final Map<String, List<Seen>> fences = new TreeMap<>();

  /** What one call told of a fence. */
  private record Seen(String client, long began, long ended, long value) {}

  /** A client sets out for a latch. */
  void arrives(String latch, String id) {
    arriving.computeIfAbsent(latch, name -> new TreeSet<>()).add(id);
  }

  /** A client was told that the latch is open. */
  void opened(String latch, int parties) {
    int there = arriving.getOrDefault(latch, Set.of()).size();
    if (there < parties) {
      throw new Violation(
          "nobody passes a latch before all are there",
          latch + " opened with " + there + " of " + parties);
    }
  }

  /** A client was told at {@code at} that the work it had claimed is done. */
  void finished(String work, long token, long at) {
    Long before = finishedBy.putIfAbsent(work, token);
    if (before != null && before != token) {
      throw new Violation(ONCE, work + " under " + before + ", then " + token);
    }
    finishedAt.putIfAbsent(work, at);
  }

  /** A client that asked at {@code asked} for the first time got the work. */
  void claimed(String work, long token, long asked) {
    Long done = finishedAt.get(work);
    if (done != null && done < asked) {
      throw new Violation(ONCE, work + " is claimed under " + token + ", though done");
    }
  }

  /** A call told that a fence is at {@code value}. */
  void fenceSeen(String fence, String client, long began, long ended, long value) {
    fences
        .computeIfAbsent(fence, name -> new ArrayList<>())
        .add(new Seen(client, began, ended, value));
  }

  /** Throws {@link Violation} if a fence was seen to fall. */
  void check() {
    fences.values().forEach(GateHistory::check);
  }

  private static void check(List<Seen> all) {
    List<Seen> byBegin = new ArrayList<>(all);
    byBegin.sort(Comparator.comparingLong(Seen::began));
    PriorityQueue<Seen> open = new PriorityQueue<>(Comparator.comparingLong(Seen::ended));
    Seen greatest = null;
    for (Seen seen : byBegin) {
      while (!open.isEmpty() && open.peek().ended() < seen.began()) {
        Seen ended = open.remove();
        greatest = greatest == null || ended.value() > greatest.value() ? ended : greatest;
      }
      if (greatest != null && greatest.value() > seen.value()) {
        throw new Violation("a fence never falls", greatest + ", then " + seen);
      }
      open.add(seen);
    }
  }
}
