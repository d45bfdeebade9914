package io.lockstep.kv.snapshot;

import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lease.LeaseTable.Ended;
import io.lockstep.kv.store.OrderedMapBuilder;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The leases while they are read: what they hold comes after them, in the order of names. */
final class RestoredLeases {
  private final SortedMap<LeaseId, Holdings> running = new TreeMap<>();
  private final List<Ended> ended = new ArrayList<>();

  /** A lease, and what was found to hang on it so far. */
  private static final class Holdings {
    private final Lease bare;
    private final OrderedMapBuilder<Bytes, Boolean> keys;
    private final OrderedMapBuilder<LockName, TicketId> locks;
    private final OrderedMapBuilder<LockName, TicketId> places;

    Holdings(LeaseId id, long ttlMillis, long deadlineMillis, LeaseKind kind, List<Label> labels) {
      bare = Lease.start(id, ttlMillis, kind, labels, deadlineMillis - ttlMillis);
      keys = bare.keys().builder();
      locks = bare.locks().builder();
      places = bare.places().builder();
    }

    Lease lease() {
      return new Lease(
          bare.id(),
          bare.ttlMillis(),
          bare.deadlineMillis(),
          bare.kind(),
          bare.labels(),
          keys.build(),
          locks.build(),
          places.build());
    }
  }

  void add(LeaseId id, long ttlMillis, long deadlineMillis, LeaseKind kind, List<Label> labels) {
    if (!running.isEmpty() && running.lastKey().compareTo(id) >= 0) {
      throw new Malformed("the ids of leases do not ascend");
    }
    running.put(id, new Holdings(id, ttlMillis, deadlineMillis, kind, labels));
  }

  void addEnd(Ended end) {
    ended.add(end);
  }

  void attachKey(LeaseId lease, Bytes key) {
    holdings(lease).keys.add(key, true);
  }

  void attachLock(LeaseId lease, LockName name, TicketId ticket) {
    holdings(lease).locks.add(name, ticket);
  }

  void attachPlace(LeaseId lease, LockName name, TicketId ticket) {
    holdings(lease).places.add(name, ticket);
  }

  /** Throws {@code Malformed} unless this lease runs. */
  void demand(LeaseId lease) {
    holdings(lease);
  }

  LeaseTable build() {
    return LeaseTable.restored(running.values().stream().map(Holdings::lease).toList(), ended);
  }

  private Holdings holdings(LeaseId lease) {
    Holdings holdings = running.get(lease);
    if (holdings == null) {
      throw new Malformed("something hangs on a lease that does not run");
    }
    return holdings;
  }
}
