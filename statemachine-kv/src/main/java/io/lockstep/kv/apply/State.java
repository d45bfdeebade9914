package io.lockstep.kv.apply;

import io.lockstep.kv.command.Limits;
import io.lockstep.kv.gate.GateTable;
import io.lockstep.kv.id.IdTables;
import io.lockstep.kv.id.WorkerTable;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.PlaceTable;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.watch.EventLog;

/**
 * All replicated state after one entry. Immutable, and shares what did not change with the states
 * before and after it.
 *
 * @param appliedIndex of that entry; 0 before the first
 * @param clusterTimeMillis its stamp
 * @param expiryLagMillis how long after its deadline the last lease to expire did; a figure, not
 *     state
 */
public record State(
    long appliedIndex,
    long clusterTimeMillis,
    Limits limits,
    EventLog log,
    LeaseTable leases,
    LockTable locks,
    PlaceTable places,
    RequestTable requests,
    IdTables ids,
    WorkerTable workers,
    GateTable gates,
    MemberTable members,
    long expiryLagMillis) {
  /**
   * Counts up when {@link #digest} comes to cover something else: then it is not comparable. Its
   * numbers are those of a {@code Section}'s formats.
   */
  public static final int DIGEST_FORMAT = 7;

  /** How long who follows all changes may take to read them. */
  private static final long FOLLOW_MILLIS = 5_000;

  /** An empty cluster. */
  public static final State EMPTY =
      new State(
          0,
          0,
          Limits.DEFAULT,
          EventLog.start(),
          LeaseTable.EMPTY,
          LockTable.EMPTY,
          PlaceTable.EMPTY,
          RequestTable.EMPTY,
          IdTables.EMPTY,
          WorkerTable.EMPTY,
          GateTable.EMPTY,
          MemberTable.EMPTY,
          0);

  public long revision() {
    return log.head().number();
  }

  public KeySpace keys() {
    return log.head().keys();
  }

  /** What all state counts for against the quota. */
  public long usedBytes() {
    return keys().weightBytes()
        + log.weightBytes()
        + leases.weightBytes()
        + locks.weightBytes()
        + requests.weightBytes()
        + ids.weightBytes()
        + workers.weightBytes()
        + gates.weightBytes();
  }

  /**
   * The earliest cluster time after which a lease, a wait, a node's silence, a delay or a key is
   * due.
   */
  public long nextDueMillis() {
    var lease = leases.firstDue();
    long due = lease == null ? Long.MAX_VALUE : lease.deadlineMillis();
    long heard = places.heardFirstMillis();
    long silence = heard == Long.MAX_VALUE ? heard : heard + limits.serverSilenceMillis();
    long key = members.keys().firstDueMillis();
    long waits = Math.min(places.firstDueMillis(), silence);
    return Math.min(Math.min(due, key), Math.min(waits, locks.firstOpeningMillis()));
  }

  /**
   * Up to which revision the past is due for compaction; the present floor when none is. What is
   * too much is kept for a moment longer while there is room, so that a burst of changes does not
   * outrun those who follow them.
   */
  public long compactionTarget() {
    long young = log.floorByAge(clusterTimeMillis - FOLLOW_MILLIS);
    long byWeight =
        Math.max(
            log.floorByWeight(youngHistoryBytesMax()),
            Math.min(log.floorByWeight(limits.historyBytesMax()), young));
    long byAge = log.floorByAge(clusterTimeMillis - limits.historyMillisMax());
    return Math.max(byWeight, Math.min(byAge, floorByCount()));
  }

  /** Up to which revision the past may be compacted at all. */
  public long compactionLimit() {
    return Math.max(log.floorByWeight(limits.historyBytesMax()), floorByCount());
  }

  /** Up to twice what the past may take, and never so much that growth were refused for it. */
  private long youngHistoryBytesMax() {
    long most = limits.historyBytesMax();
    long besides = usedBytes() - log.weightBytes();
    long room = limits.quotaBytes() - limits.quotaBytes() / 8 - besides;
    return Math.clamp(room, most, 2 * most);
  }

  private long floorByCount() {
    return Math.max(log.compacted(), revision() - limits.historyRevisionsMin());
  }

  /** A hash of all state: equal on replicas at equal applied index. */
  public long digest() {
    return new Digest(appliedIndex)
        .add(clusterTimeMillis)
        .addNullable(limits)
        .add(log.compacted())
        .add(log.digest())
        .add(keys().digest())
        .add(leases.digest())
        .add(locks.digest())
        .add(places.digest())
        .add(requests.digest())
        .add(ids.digest())
        .add(workers.digest())
        .add(gates.digest())
        .add(members.digest())
        .value();
  }
}
