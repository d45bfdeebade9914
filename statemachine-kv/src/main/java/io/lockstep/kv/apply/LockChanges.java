package io.lockstep.kv.apply;

import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Changes of locks and their queues. An acquire is refused by the first that fails of: name, lease,
 * the lock's being free, room in the queue, quota.
 */
final class LockChanges {
  private LockChanges() {}

  static Result acquire(Draft draft, LockAcquire acquire) {
    if (KeyChanges.lengthInvalid(acquire.name())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    Lock known = draft.locks.get(acquire.name());
    Lock lock = known == null ? Lock.unheld(acquire.name()) : known;
    return switch (acquire.holder()) {
      case OwnLease(long ttlMillis) -> {
        Failure refusal = LeaseChanges.ttlRefusal(draft, ttlMillis);
        yield refusal == null ? acquireAnew(draft, acquire, lock) : refusal;
      }
      case ExistingLease(LeaseId id) -> {
        Lease lease = draft.leases.get(id);
        yield lease == null
            ? LeaseChanges.absence(draft, id)
            : acquireForLease(draft, acquire, lock, lease);
      }
    };
  }

  static Result release(Draft draft, LockRelease release) {
    Lock lock = draft.locks.get(release.name());
    if (lock == null) {
      return new NotHolder(null);
    }
    Grant grant = lock.grant();
    boolean fits =
        grant != null
            && switch (release.claim()) {
              case ByToken(long token) -> grant.token() == token;
              case ByLease(LeaseId lease) -> grant.lease().equals(lease);
            };
    if (grant != null && fits) {
      giveBack(draft, lock, grant);
      return new LockReleased(lock.name(), grant.token());
    }
    PastGrant past =
        switch (release.claim()) {
          case ByToken(long token) -> lock.pastByToken(token);
          case ByLease(LeaseId lease) -> lock.pastByLease(lease);
        };
    if (past == null) {
      return new NotHolder(LockAnswers.holderInfo(draft.leases, lock, draft.now));
    }
    return past.lost() ? new GrantLost(past.token()) : new LockReleased(lock.name(), past.token());
  }

  static Result leave(Draft draft, LockLeave leave) {
    TicketId ticket = leave.ticket();
    Bytes name = draft.places.lockOf(ticket);
    if (name == null && ticket.index() > 0 && ticket.index() < draft.index) {
      return new TicketEnded(ticket);
    }
    if (name == null || !name.equals(leave.name())) {
      return new TicketNotFound(ticket);
    }
    Lock lock = draft.locks.require(name);
    Grant grant = lock.grant();
    if (grant != null && grant.ticket().equals(ticket)) {
      if (leave.sparesGrant()) {
        return LockAnswers.granted(draft.leases, lock, draft.now);
      }
      giveBack(draft, lock, grant);
      return new PlaceLeft(true);
    }
    leaveQueue(draft, lock, ticket);
    return new PlaceLeft(false);
  }

  /** The lease of the present grant with this token. */
  static @Nullable LeaseId leaseOfGrant(Draft draft, Bytes name, long token) {
    Lock lock = draft.locks.get(name);
    Grant grant = lock == null ? null : lock.grant();
    return grant == null || grant.token() != token ? null : grant.lease();
  }

  /** Why there is no present grant with this token. */
  static Failure grantAbsence(Draft draft, Bytes name, long token) {
    Lock lock = draft.locks.get(name);
    if (lock == null) {
      return new NotHolder(null);
    }
    PastGrant past = lock.pastByToken(token);
    return past != null && past.lost()
        ? new GrantLost(token)
        : new NotHolder(LockAnswers.holderInfo(draft.leases, lock, draft.now));
  }

  /** Ends the grant of a lock whose lease knows of it no more, and grants the lock to the next. */
  static void endGrant(Draft draft, Lock lock, boolean lost) {
    Grant grant = Invariant.present(lock.grant(), "a lock that a lease holds is granted");
    Lock free = lock.ended(lost, draft.now);
    draft.locks = draft.locks.with(free);
    draft.places = draft.places.without(grant.ticket());
    LockChange change = lost ? LockChange.EXPIRED : LockChange.RELEASED;
    changed(draft, change, free, grant);
    grantNext(draft, free);
  }

  /** Ends the place of a lease that knows of it no more. */
  static void endPlace(Draft draft, Lock lock, TicketId ticket) {
    Waiter waiter = lock.queue().require(ticket);
    Lock rest = lock.withoutWaiter(ticket, draft.now);
    draft.locks = draft.locks.with(rest);
    draft.places = draft.places.granted(waiter).without(ticket);
    changed(draft, LockChange.QUEUE, rest, rest.grant());
  }

  /** Ends a place, also with its lease. */
  static void leaveQueue(Draft draft, Lock lock, TicketId ticket) {
    LeaseId lease = lock.queue().require(ticket).lease();
    if (lease != null) {
      draft.leases = draft.leases.with(draft.leases.require(lease).withoutPlace(lock.name()));
    }
    endPlace(draft, lock, ticket);
  }

  private static Result acquireForLease(Draft draft, LockAcquire acquire, Lock lock, Lease lease) {
    if (lease.locks().contains(lock.name())) {
      return LockAnswers.granted(draft.leases, lock, draft.now);
    }
    TicketId ticket = lease.places().get(lock.name());
    if (ticket == null) {
      return acquireAnew(draft, acquire, lock);
    }
    Lock kept = lock;
    if (acquire.waitMillis() > 0) {
      Waiter before = lock.queue().require(ticket);
      Waiter after =
          before.refreshed(draft.now + acquire.waitMillis(), acquire.server(), acquire.keepPlace());
      kept = lock.withWaiter(after);
      draft.locks = draft.locks.with(kept);
      draft.places = draft.places.granted(before).with(after, draft.now);
    }
    return LockAnswers.queued(kept, kept.queue().require(ticket), draft.now);
  }

  private static Result acquireAnew(Draft draft, LockAcquire acquire, Lock lock) {
    boolean free = lock.idle();
    if (!free && acquire.waitMillis() == 0) {
      return LockAnswers.held(draft.leases, lock, draft.now);
    }
    long waitersMax = draft.limits.waitersOnLockMax();
    if (!free && lock.queue().size() >= waitersMax) {
      return new QueueFull(waitersMax);
    }
    Failure refusal = draft.growthRefusal(Lock.WEIGHT_BYTES + Lease.WEIGHT_BYTES);
    if (refusal != null) {
      return refusal;
    }
    Waiter waiter = waiter(draft, acquire);
    if (free) {
      grant(draft, lock, waiter);
      return LockAnswers.granted(draft.leases, draft.locks.require(lock.name()), draft.now);
    }
    return enqueue(draft, lock, waiter);
  }

  private static Waiter waiter(Draft draft, LockAcquire acquire) {
    return new Waiter(
        new TicketId(draft.index, acquire.nonce()),
        acquire.name(),
        acquire.owner(),
        acquire.holder(),
        draft.now,
        draft.now + acquire.waitMillis(),
        acquire.server(),
        acquire.keepPlace());
  }

  private static Result enqueue(Draft draft, Lock lock, Waiter waiter) {
    LeaseId lease = waiter.lease();
    if (lease != null) {
      draft.leases =
          draft.leases.with(draft.leases.require(lease).withPlace(lock.name(), waiter.ticket()));
    }
    Lock longer = lock.withWaiter(waiter);
    draft.locks = draft.locks.with(longer);
    draft.places = draft.places.with(waiter, draft.now);
    changed(draft, LockChange.QUEUE, longer, longer.grant());
    return LockAnswers.queued(longer, waiter, draft.now);
  }

  /**
   * Grants a free lock to the first who may have it. One whose lease is just ending is passed over.
   */
  private static void grantNext(Draft draft, Lock lock) {
    MapCursor<TicketId, Waiter> queue = lock.queue().cursor();
    for (Waiter next = queue.nextValue(); next != null; next = queue.nextValue()) {
      if (draft.rules.mayBeGranted(next, draft.leases, draft.now)) {
        draft.places = draft.places.granted(next);
        grant(draft, lock, next);
        return;
      }
    }
  }

  /**
   * Grants a free lock. The waiter's time no longer counts; its lease, if it is to be made, starts
   * now.
   */
  private static void grant(Draft draft, Lock lock, Waiter waiter) {
    TicketId ticket = waiter.ticket();
    Lease lease =
        switch (waiter.holder()) {
          case ExistingLease(LeaseId id) -> draft.leases.require(id).withoutPlace(lock.name());
          case OwnLease(long ttlMillis) -> {
            LeaseId id = new LeaseId(ticket.index(), ticket.nonce());
            yield Lease.start(id, ttlMillis, LeaseKind.OF_LOCK, draft.now);
          }
        };
    draft.leases = draft.leases.with(lease.withLock(lock.name(), ticket));
    long token = draft.rules.token(lock, draft.nextRevision());
    Grant grant = new Grant(ticket, waiter.owner(), lease.id(), token, draft.now);
    Lock granted = lock.granted(grant);
    draft.locks = draft.locks.with(granted);
    draft.places = draft.places.withTicket(ticket, lock.name());
    changed(draft, LockChange.ACQUIRED, granted, grant);
  }

  /** Ends a grant by its holder's will; with a lease of its own that ends too. */
  private static void giveBack(Draft draft, Lock lock, Grant grant) {
    Lease lease = draft.leases.require(grant.lease());
    if (lease.own()) {
      LeaseChanges.end(draft, lease, LeaseEnd.RELEASED);
    } else {
      draft.leases = draft.leases.with(lease.withoutLock(lock.name()));
      endGrant(draft, lock, false);
    }
  }

  private static void changed(Draft draft, LockChange change, Lock lock, @Nullable Grant grant) {
    draft.lockChanged(
        change,
        lock.name(),
        grant == null ? 0 : grant.token(),
        grant == null ? "" : grant.owner(),
        grant == null ? null : grant.lease(),
        lock.queue().size());
  }
}
