package io.lockstep.sim;

import io.lockstep.raft.sim.check.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Whether those who by the holder's rule hold permits of a semaphore at one time never hold more
 * than it has.
 */
final class PermitSafety {
  private final Map<String, List<Permitted>> all = new TreeMap<>();

  private record Permitted(Hold hold, int permits, int limit) {}

  /** A client was granted so many as it asked for. */
  void granted(Hold hold, int permits, int limit) {
    all.computeIfAbsent(hold.lock, name -> new ArrayList<>())
        .add(new Permitted(hold, permits, limit));
  }

  List<Hold> holds() {
    return all.values().stream().flatMap(List::stream).map(Permitted::hold).toList();
  }

  /** Throws {@link Violation} for what the contract does not allow. */
  void check() {
    all.values().forEach(PermitSafety::check);
  }

  private static void check(List<Permitted> ofOne) {
    List<Permitted> byTime = new ArrayList<>(ofOne);
    byTime.sort(Comparator.comparingLong(one -> one.hold().grant().grantedAt()));
    PriorityQueue<Permitted> held =
        new PriorityQueue<>(Comparator.comparingLong(one -> one.hold().safeUntil()));
    long sum = 0;
    for (Permitted one : byTime) {
      long from = one.hold().grant().grantedAt();
      while (!held.isEmpty() && held.peek().hold().safeUntil() <= from) {
        sum -= held.remove().permits();
      }
      if (one.hold().safeUntil() > from) {
        held.add(one);
        sum += one.permits();
      }
      if (sum > one.limit()) {
        throw new Violation("never more permits than there are", sum + " with " + one);
      }
    }
  }
}
