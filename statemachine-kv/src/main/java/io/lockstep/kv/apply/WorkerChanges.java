package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.kv.id.WorkerPool.Rest;
import io.lockstep.kv.id.WorkerPool.Slot;
import io.lockstep.kv.id.WorkerTable;
import io.lockstep.kv.id.WorkerTable.Held;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.raft.bytes.Bytes;

/** Worker ids: the least free number of a pool, for as long as a lease runs. */
final class WorkerChanges {
  private WorkerChanges() {}

  static Result lease(Draft draft, LeaseWorkerId asked) {
    if (KeyChanges.lengthInvalid(asked.name())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    Failure refusal = LeaseChanges.ttlRefusal(draft, asked.ttlMillis());
    if (refusal != null) {
      return refusal;
    }
    WorkerPool pool = draft.workers.pool(asked.name(), asked.bits());
    if (pool.bits() != asked.bits()) {
      return new LimitDiffers(asked.bits(), pool.bits());
    }
    WorkerPool rested = rested(draft, asked.name(), pool);
    int number = rested.leastFree();
    if (number < 0) {
      Rest first = rested.firstRest();
      long wait = first == null ? 0 : first.untilMillis() - draft.now + 1;
      return new PoolExhausted(rested.size(), wait);
    }
    long growth = WorkerTable.growth(asked.name(), rested, number) + Lease.WEIGHT_BYTES;
    refusal = draft.growthRefusal(growth);
    return refusal == null ? grant(draft, asked, rested, number) : refusal;
  }

  private static Result grant(Draft draft, LeaseWorkerId asked, WorkerPool pool, int number) {
    LeaseId id = new LeaseId(draft.index, asked.nonce());
    Lease lease = Lease.start(id, asked.ttlMillis(), LeaseKind.PLAIN, draft.now);
    draft.leases = draft.leases.with(lease);
    Slot before = pool.slot(number);
    long passed = before == null ? 0 : before.highMillis() + draft.now - before.sinceMillis();
    long high = Math.max(asked.wallMillis(), passed);
    Slot slot = new Slot(id, high, draft.now, 0);
    draft.workers = draft.workers.put(asked.name(), pool, number, slot);
    return new WorkerLeased(id, number, high, lease.ttlMillis(), lease.expiresInMillis(draft.now));
  }

  private static WorkerPool rested(Draft draft, Bytes name, WorkerPool pool) {
    WorkerPool rested = pool;
    Rest first = rested.firstRest();
    while (first != null && draft.rules.due(draft.now, first.untilMillis())) {
      rested = rested.rested(first);
      draft.workers = draft.workers.with(name, rested);
      first = rested.firstRest();
    }
    return rested;
  }

  /** A lease ends: what it held is free, but rests for one time to live if it was lost. */
  static void leaseEnds(Draft draft, Lease lease, LeaseEnd how) {
    Held held = draft.workers.heldBy(lease.id());
    if (held == null) {
      return;
    }
    WorkerPool pool = draft.workers.pool(held.pool(), 0);
    Slot before = pool.slots().require(held.number());
    long rests = how == LeaseEnd.EXPIRED ? draft.rules.restsUntil(draft.now, lease.ttlMillis()) : 0;
    Slot after = new Slot(null, before.highMillis(), before.sinceMillis(), rests);
    draft.workers = draft.workers.put(held.pool(), pool, held.number(), after);
  }
}
