package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.gate.GateTable;
import io.lockstep.kv.id.IdTables;
import io.lockstep.kv.id.WorkerTable;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.EventLog;

/** A state while it is read, part by part. Each section fills in its own. */
final class RestoredState {
  private final long appliedIndex;
  private final long clusterTimeMillis;
  final RestoredLeases leases = new RestoredLeases();
  final RestoredLocks locks = new RestoredLocks();
  Limits limits = Limits.DEFAULT;
  RequestTable requests = RequestTable.EMPTY;
  IdTables ids = IdTables.EMPTY;
  WorkerTable workers = WorkerTable.EMPTY;
  GateTable gates = GateTable.EMPTY;
  MemberTable members = MemberTable.EMPTY;
  KeySpace oldestKeys = KeySpace.EMPTY;
  EventLog log = EventLog.start();

  RestoredState(long appliedIndex, long clusterTimeMillis) {
    this.appliedIndex = appliedIndex;
    this.clusterTimeMillis = clusterTimeMillis;
  }

  /** The state of all that was read. */
  State build() {
    MapCursor<?, KeyRecord> keys = log.head().keys().cursor();
    for (KeyRecord record = keys.nextValue(); record != null; record = keys.nextValue()) {
      LeaseId lease = record.meta().lease();
      if (lease != null) {
        leases.attachKey(lease, record.key());
      }
    }
    return new State(
        appliedIndex,
        clusterTimeMillis,
        limits,
        log,
        leases.build(),
        locks.table(),
        locks.places(),
        requests,
        ids,
        workers,
        gates,
        members,
        0);
  }
}
