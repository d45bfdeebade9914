package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several locks taken together, all of them or none, under one ticket.
 *
 * <h2>Why requests do not block each other for ever</h2>
 *
 * One request takes a place in every queue in one entry. Tickets ascend with the entries, and locks
 * have no priorities, so any two tickets stand in the same order wherever they meet. What is not
 * granted to a ticket everywhere is granted nowhere: a ticket that waits holds nothing. So a ticket
 * waits for older tickets and for holders, never for a younger ticket: there is no circle of
 * waiters. The oldest of those that wait at some lock is first wherever it stands. What is freed
 * there nobody else is given, whoever comes stands behind it: it waits for those only who hold its
 * locks already, and is granted with the end of the last of them. The next oldest follows, and so
 * on: nobody starves whose predecessors end.
 *
 * <p>The price is that a lock may be free and reserved for a ticket that waits elsewhere. And who
 * holds a lock and then asks for more by another request can wait in a circle, as with any locks.
 */
final class MultiLocks {
  private MultiLocks() {}

  static Result acquire(Draft draft, LockAcquire acquire) {
    for (LockName name : acquire.names()) {
      if (KeyChanges.lengthInvalid(name.text())) {
        return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
      }
    }
    return switch (acquire.holder()) {
      case OwnLease(long ttlMillis) -> {
        Failure refusal = LeaseChanges.ttlRefusal(draft, ttlMillis);
        yield refusal == null ? acquireAnew(draft, acquire) : refusal;
      }
      case ExistingLease(LeaseId id) -> {
        Lease lease = draft.leases.get(id);
        yield lease == null
            ? LeaseChanges.absence(draft, id)
            : acquireForLease(draft, acquire, lease);
      }
    };
  }

  private static Result acquireForLease(Draft draft, LockAcquire acquire, Lease lease) {
    TicketId ticket = ticketOf(lease, acquire.name());
    if (ticket != null && draft.places.locksOf(ticket).equals(acquire.names())) {
      for (LockName name : acquire.names()) {
        Lock lock = draft.locks.require(name);
        Waiter waiter = lock.queue().get(ticket);
        if (waiter != null) {
          LockChanges.keepLonger(draft, lock, waiter, acquire);
        }
      }
      return LockChanges.stateOf(draft, ticket);
    }
    for (LockName name : acquire.names()) {
      if (ticketOf(lease, name) != null) {
        return new LocksDiffer(name);
      }
    }
    return acquireAnew(draft, acquire);
  }

  private static @Nullable TicketId ticketOf(Lease lease, LockName name) {
    TicketId held = lease.locks().get(name);
    return held == null ? lease.places().get(name) : held;
  }

  private static Result acquireAnew(Draft draft, LockAcquire acquire) {
    List<LockName> names = acquire.names();
    OneHeld taken = lastFree(draft, names);
    if (taken != null && acquire.placeMillis() == 0) {
      return taken;
    }
    long waitersMax = draft.limits.waitersOnLockMax();
    for (LockName name : names) {
      Lock lock = draft.locks.get(name);
      if (taken != null && lock != null && !lock.idle() && lock.queue().size() >= waitersMax) {
        return new QueueFull(waitersMax);
      }
    }
    Failure refusal = draft.growthRefusal(Lock.WEIGHT_BYTES * names.size() + Lease.WEIGHT_BYTES);
    if (refusal != null) {
      return refusal;
    }
    for (LockName name : names) {
      Lock known = draft.locks.get(name);
      Lock lock = known == null ? Lock.unheld(name) : known;
      Waiter waiter = LockChanges.waiter(draft, acquire, name);
      if (taken == null) {
        LockGrants.grantAtOnce(draft, lock, waiter);
      } else {
        LockGrants.enqueue(draft, lock, waiter);
      }
    }
    return LockChanges.stateOf(draft, new TicketId(draft.index, acquire.nonce()));
  }

  /** Of those that are not free the one that will be free last, as far as is known. */
  private static @Nullable OneHeld lastFree(Draft draft, List<LockName> names) {
    OneHeld last = null;
    for (LockName name : names) {
      Lock lock = draft.locks.get(name);
      if (lock != null && !lock.idle()) {
        LockHeld held = LockAnswers.held(draft.leases, lock, Permits.NONE, draft.now);
        if (last == null || held.retryAfterMillis() > last.held().retryAfterMillis()) {
          last = new OneHeld(name, held);
        }
      }
    }
    return last;
  }
}
