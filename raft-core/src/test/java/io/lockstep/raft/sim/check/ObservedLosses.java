package io.lockstep.raft.sim.check;

import java.util.ArrayList;
import java.util.List;

/** What nodes had on their disks when those rotted: they may have acknowledged all of it. */
final class ObservedLosses {
  private final List<List<Lost>> ofNode = new ArrayList<>();

  /** The terms of the entries from the first on. */
  private record Lost(long[] terms) {}

  ObservedLosses(int nodes) {
    for (int i = 0; i < nodes; i++) {
      ofNode.add(new ArrayList<>());
    }
  }

  /** The disk of {@code node} rotted when it held {@code log}. */
  void lost(int node, ObservedLog log) {
    long[] terms = new long[(int) log.flushed()];
    for (int i = 0; i < terms.length; i++) {
      terms[i] = log.term(i + 1);
    }
    ofNode.get(node).add(new Lost(terms));
  }

  /**
   * The index of the first entry that {@code node} once held, that is committed, and that it does
   * not hold now; 0 for none.
   *
   * @param now what it holds
   * @param committed the terms of all that is committed
   */
  long firstLacking(int node, ObservedLog now, Longs committed) {
    for (Lost lost : ofNode.get(node)) {
      long end = Math.min(lost.terms().length, committed.size());
      for (long index = 1; index <= end; index++) {
        boolean counts = lost.terms()[(int) index - 1] == committed.get(index - 1);
        boolean held = index <= now.flushed() && now.term(index) == committed.get(index - 1);
        if (counts && !held) {
          return index;
        }
      }
    }
    ofNode.get(node).removeIf(lost -> lost.terms().length <= committed.size());
    return 0;
  }
}
