package io.lockstep.sim;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who owns worker ids by the log: one at a time, and nobody until an id that was lost has rested
 * for one time to live.
 */
final class WorkerWitness {
  private final HolderWitness.Check check;
  private final Map<String, Owned> byNumber = new TreeMap<>();
  private final Map<LeaseId, String> byLease = new TreeMap<>();

  /**
   * A number that was leased.
   *
   * @param lease null once it has ended
   * @param restsUntil the last moment of cluster time at which it is nobody's
   */
  private record Owned(@Nullable LeaseId lease, long ttlMillis, long restsUntil) {}

  WorkerWitness(HolderWitness.Check check) {
    this.check = check;
  }

  void leased(Bytes pool, Result.WorkerLeased worker, long stamp) {
    String number = pool.utf8() + "/" + worker.number();
    Owned before =
        byNumber.put(number, new Owned(worker.lease(), worker.ttlMillis(), Long.MIN_VALUE));
    byLease.put(worker.lease(), number);
    check.holds(
        before == null || before.lease() == null,
        "a worker id has one owner at a time",
        number + " of " + before + " is leased to " + worker);
    check.holds(
        before == null || before.restsUntil() < stamp,
        "a worker id that was lost rests",
        number + " of " + before + " is leased at " + stamp);
  }

  /** {@code lost}: against its owner's will. */
  void ended(LeaseId lease, boolean lost, long stamp) {
    String number = byLease.remove(lease);
    Owned before = number == null ? null : byNumber.get(number);
    if (number != null && before != null && lease.equals(before.lease())) {
      long until = lost ? stamp + before.ttlMillis() : Long.MIN_VALUE;
      byNumber.put(number, new Owned(null, before.ttlMillis(), until));
    }
  }
}
