package io.lockstep.kv.apply;

import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.Queue;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.CandidateNotFound;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Proclaimed;
import io.lockstep.kv.result.Result.Transferred;
import io.lockstep.kv.store.MapCursor;
import org.jspecify.annotations.Nullable;

/** What elections have that locks have not: a value, and a hand-over to a candidate by name. */
final class Elections {
  private Elections() {}

  static Result proclaim(Draft draft, Proclaim proclaim) {
    Lock lock = draft.locks.get(proclaim.name());
    Grant grant = lock == null ? null : LockChanges.present(draft, lock, proclaim.claim());
    if (lock == null || grant == null) {
      return absence(draft, proclaim.name(), proclaim.claim());
    }
    long valueBytesMax = draft.limits.valueBytesMax();
    if (proclaim.value().length() > valueBytesMax) {
      return new ValueTooLarge(valueBytesMax);
    }
    Failure refusal = draft.growthRefusal(proclaim.value().length());
    if (refusal != null) {
      return refusal;
    }
    Grant changed = grant.withValue(proclaim.value());
    Lock after = lock.withGrant(changed);
    draft.locks = draft.locks.with(after);
    draft.proclaimed(after, changed);
    return new Proclaimed(lock.name(), grant.token());
  }

  static Result transfer(Draft draft, Transfer transfer) {
    Lock lock = draft.locks.get(transfer.name());
    Grant grant = lock == null ? null : LockChanges.present(draft, lock, transfer.claim());
    if (lock == null || grant == null) {
      return absence(draft, transfer.name(), transfer.claim());
    }
    Waiter heir = candidate(draft, lock, transfer.to());
    if (heir == null) {
      return new CandidateNotFound(transfer.to());
    }
    LockGrants.giveBackTo(draft, grant, heir);
    Grant now = draft.locks.require(lock.name()).grants().require(heir.ticket());
    return new Transferred(lock.name(), now.token(), now.owner());
  }

  private static @Nullable Waiter candidate(Draft draft, Lock lock, String owner) {
    MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
    for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
      if (waiter.owner().equals(owner)
          && draft.rules.mayBeGranted(waiter, draft.leases, draft.now)) {
        return waiter;
      }
    }
    return null;
  }

  /** Why a claim fits no one in office. */
  private static Failure absence(Draft draft, LockName name, Claim claim) {
    Lock lock = draft.locks.get(name);
    if (lock == null) {
      return new NotHolder(null);
    }
    PastGrant past =
        switch (claim) {
          case ByToken(long token) -> lock.pastByToken(token);
          case ByLease(LeaseId lease) -> lock.pastByLease(lease);
        };
    return past != null && past.lost()
        ? new GrantLost(past.token())
        : new NotHolder(LockAnswers.holderInfo(draft.leases, lock, draft.now));
  }
}
