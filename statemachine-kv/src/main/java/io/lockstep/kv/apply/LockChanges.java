package io.lockstep.kv.apply;

import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.ModeConflict;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.PermitsDiffer;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Failure.SemaphoreLimitDiffers;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.PlaceLeft;
import org.jspecify.annotations.Nullable;

/**
 * Requests about locks, elections and semaphores. An acquire is refused by the first that fails of:
 * name, value, lease, mode, the semaphore's limit, the lock's being free, room in the queue, quota.
 */
final class LockChanges {
  private LockChanges() {}

  static Result acquire(Draft draft, LockAcquire acquire) {
    if (KeyChanges.lengthInvalid(acquire.name().text())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    long valueBytesMax = draft.limits.valueBytesMax();
    if (acquire.bid().value().length() > valueBytesMax) {
      return new ValueTooLarge(valueBytesMax);
    }
    if (!acquire.also().isEmpty()) {
      return MultiLocks.acquire(draft, acquire);
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
    if (release.claim() instanceof ByToken(long token) && lock.ambiguous(token)) {
      return new AmbiguousToken(token);
    }
    Grant grant = present(draft, lock, release.claim());
    if (grant != null) {
      LockGrants.giveBack(draft, grant);
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

  static Result force(Draft draft, LockForce force) {
    Lock lock = draft.locks.get(force.name());
    Grant latest = lock == null ? null : lock.grants().latest();
    if (lock != null && latest == null && lock.closed() && force.token() == 0) {
      LockGrants.open(draft, lock);
      return new LockForced(lock.name(), lock.past().getLast().token(), 0);
    }
    if (lock == null || latest == null) {
      return new NotHolder(null);
    }
    if (force.token() != 0 && lock.grants().under(force.token()) == null) {
      return new NotHolder(LockAnswers.holderInfo(draft.leases, lock, draft.now));
    }
    LockGrants.force(draft, lock, force.reason());
    return new LockForced(lock.name(), latest.token(), lock.grants().size());
  }

  static Result leave(Draft draft, LockLeave leave) {
    TicketId ticket = leave.ticket();
    Failure absence = ticketAbsence(draft, leave.name(), ticket);
    if (absence != null) {
      return absence;
    }
    Grant grant = draft.locks.require(leave.name()).grants().get(ticket);
    if (grant == null) {
      LockGrants.leaveQueue(draft, ticket);
      return new PlaceLeft(false);
    }
    if (leave.sparesGrant()) {
      return stateOf(draft, ticket);
    }
    LockGrants.giveBack(draft, grant);
    return new PlaceLeft(true);
  }

  /** Lets a durable place last anew. */
  static RenewalResult poll(Draft draft, LockName name, TicketId ticket) {
    Failure absence = ticketAbsence(draft, name, ticket);
    if (absence != null) {
      return new Refused(absence);
    }
    for (LockName one : draft.places.locksOf(ticket)) {
      Lock lock = draft.locks.require(one);
      Waiter before = lock.queue().get(ticket);
      if (before != null) {
        Waiter after = before.polled(draft.now);
        draft.locks = draft.locks.with(lock.withWaiter(after));
        draft.places = draft.places.postponed(before, after);
      }
    }
    return new Polled(stateOf(draft, ticket));
  }

  /** What has become of a ticket that has not ended. */
  static Result.Success stateOf(Draft draft, TicketId ticket) {
    return LockAnswers.ofTicket(draft.leases, draft.places, draft.locks, ticket, draft.now);
  }

  /** Why this ticket neither waits for the lock nor holds it; null when it does. */
  private static @Nullable Failure ticketAbsence(Draft draft, LockName lock, TicketId ticket) {
    LockName name = draft.places.lockOf(ticket);
    if (name == null && ticket.index() > 0 && ticket.index() < draft.index) {
      return new TicketEnded(ticket);
    }
    return draft.places.locksOf(ticket).contains(lock) ? null : new TicketNotFound(ticket);
  }

  /** The lease of the one present grant with this token. */
  static @Nullable LeaseId leaseOfGrant(Draft draft, LockName name, long token) {
    Lock lock = draft.locks.get(name);
    Grant grant = lock == null || lock.ambiguous(token) ? null : lock.grants().under(token);
    return grant == null ? null : grant.lease();
  }

  /** Why there is not one present grant with this token. */
  static Failure grantAbsence(Draft draft, LockName name, long token) {
    Lock lock = draft.locks.get(name);
    if (lock == null) {
      return new NotHolder(null);
    }
    if (lock.ambiguous(token)) {
      return new AmbiguousToken(token);
    }
    PastGrant past = lock.pastByToken(token);
    return past != null && past.lost()
        ? new GrantLost(token)
        : new NotHolder(LockAnswers.holderInfo(draft.leases, lock, draft.now));
  }

  /** The present grant that a claim fits; a token must not be ambiguous. */
  static @Nullable Grant present(Draft draft, Lock lock, Claim claim) {
    return switch (claim) {
      case ByToken(long token) -> lock.grants().under(token);
      case ByLease(LeaseId id) -> {
        Lease lease = draft.leases.get(id);
        TicketId ticket = lease == null ? null : lease.locks().get(lock.name());
        yield ticket == null ? null : lock.grants().require(ticket);
      }
    };
  }

  private static Result acquireForLease(Draft draft, LockAcquire acquire, Lock lock, Lease lease) {
    TicketId held = lease.locks().get(lock.name());
    if (held != null) {
      Grant grant = lock.grants().require(held);
      Failure conflict = conflict(draft, acquire, held, grant.mode(), grant.permits());
      return conflict == null
          ? LockAnswers.granted(draft.leases, lock, grant, draft.now)
          : conflict;
    }
    TicketId ticket = lease.places().get(lock.name());
    if (ticket == null) {
      return acquireAnew(draft, acquire, lock);
    }
    Waiter before = lock.queue().require(ticket);
    Failure conflict = conflict(draft, acquire, ticket, before.mode(), before.bid().permits());
    if (conflict != null) {
      return conflict;
    }
    keepLonger(draft, lock, before, acquire);
    return stateOf(draft, ticket);
  }

  /** A place is asked for again: it lasts at least as long as that says. */
  static void keepLonger(Draft draft, Lock lock, Waiter before, LockAcquire again) {
    if (again.placeMillis() > 0) {
      Waiter after = before.refreshed(again, draft.now);
      draft.locks = draft.locks.with(lock.withWaiter(after));
      draft.places = draft.places.granted(before).with(after, draft.now);
    }
  }

  /** Why a lease that has something cannot get what it asks for; null when it is the same. */
  private static @Nullable Failure conflict(
      Draft draft, LockAcquire acquire, TicketId ticket, LockMode mode, Permits permits) {
    Permits wanted = acquire.bid().permits();
    if (!draft.places.locksOf(ticket).equals(acquire.names())) {
      return new LocksDiffer(acquire.name());
    }
    if (mode != acquire.mode()) {
      return new ModeConflict(mode);
    }
    if (wanted.limit() != permits.limit()) {
      return new SemaphoreLimitDiffers(wanted.limit(), permits.limit());
    }
    return wanted.count() == permits.count() ? null : new PermitsDiffer(permits.count());
  }

  private static Result acquireAnew(Draft draft, LockAcquire acquire, Lock lock) {
    Permits permits = acquire.bid().permits();
    if (!lock.idle() && lock.limit() != permits.limit()) {
      return new SemaphoreLimitDiffers(permits.limit(), lock.limit());
    }
    boolean free = free(draft, lock, acquire);
    if (!free && acquire.placeMillis() == 0) {
      return LockAnswers.held(draft.leases, lock, permits, draft.now);
    }
    long waitersMax = draft.limits.waitersOnLockMax();
    if (free ? lock.grants().size() > waitersMax : lock.queue().size() >= waitersMax) {
      return new QueueFull(waitersMax);
    }
    Failure refusal =
        draft.growthRefusal(
            Lock.WEIGHT_BYTES + Lease.WEIGHT_BYTES + acquire.bid().value().length());
    if (refusal != null) {
      return refusal;
    }
    Waiter waiter = waiter(draft, acquire, lock.name());
    if (free) {
      LockGrants.grantAtOnce(draft, lock, waiter);
      Lock granted = draft.locks.require(lock.name());
      Grant grant = granted.grants().require(waiter.ticket());
      return LockAnswers.granted(draft.leases, granted, grant, draft.now);
    }
    LockGrants.enqueue(draft, lock, waiter);
    return LockAnswers.queued(draft.locks.require(lock.name()), waiter, draft.now);
  }

  /** Whether one who comes now need not wait: what is shared is no one's before those who wait. */
  private static boolean free(Draft draft, Lock lock, LockAcquire acquire) {
    if (lock.idle()) {
      return true;
    }
    return acquire.mode() == LockMode.SHARED
        && !lock.closed()
        && lock.queue().isEmpty()
        && !lock.grants().exclusive()
        && (acquire.name().kind() != LockKind.SEMAPHORE
            || draft.rules.fits(acquire.bid().permits(), lock.permitsFree()));
  }

  static Waiter waiter(Draft draft, LockAcquire acquire, LockName name) {
    return new Waiter(
        new TicketId(draft.index, acquire.nonce()),
        name,
        acquire.mode(),
        acquire.owner(),
        acquire.holder(),
        acquire.bid(),
        draft.now,
        draft.now + acquire.placeMillis(),
        acquire.server(),
        acquire.keepPlace(),
        acquire.queueTtlMillis(),
        acquire.delayMillis());
  }
}
