package io.lockstep.kv.apply;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.PlaceTable;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.Invariant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be said about a lock at one moment of cluster time. */
final class LockAnswers {
  private LockAnswers() {}

  static LockGranted granted(LeaseTable leases, Lock lock, Grant grant, long now) {
    Lease lease = leases.require(grant.lease());
    return new LockGranted(
        lock.name(),
        grant.mode(),
        grant.token(),
        lease.id(),
        grant.ticket(),
        lease.ttlMillis(),
        lease.expiresInMillis(now));
  }

  /** What has become of a ticket that has not ended. */
  static Result.Success ofTicket(
      LeaseTable leases, PlaceTable places, LockTable locks, TicketId ticket, long now) {
    List<LockName> names = places.locksOf(ticket);
    Lock first = locks.require(names.getFirst());
    List<LockName> also = names.subList(1, names.size());
    Waiter waiter = first.queue().get(ticket);
    if (waiter == null) {
      LockGranted one = granted(leases, first, first.grants().require(ticket), now);
      return also.isEmpty() ? one : one.with(also);
    }
    LockQueued one = queued(first, waiter, now);
    long position = one.position();
    for (LockName name : also) {
      position = Math.max(position, locks.require(name).queue().rank(ticket) + 1L);
    }
    return new LockQueued(
        one.name(), ticket, one.lease(), position, one.remainingWaitMillis(), also);
  }

  static LockQueued queued(Lock lock, Waiter waiter, long now) {
    return new LockQueued(
        lock.name(),
        waiter.ticket(),
        waiter.lease(),
        lock.queue().rank(waiter.ticket()) + 1L,
        waiter.remainingWaitMillis(now));
  }

  /**
   * Why a lock is not free.
   *
   * @param wanted how many permits of a semaphore are
   */
  static LockHeld held(LeaseTable leases, Lock lock, Permits wanted, long now) {
    HolderInfo holder =
        lock.name().kind() == LockKind.SEMAPHORE && lock.queue().isEmpty()
            ? makingRoom(leases, lock, wanted, now)
            : holderInfo(leases, lock, now);
    int queue = lock.queue().size();
    long opensIn = opensInMillis(lock, now);
    if (holder == null && opensIn > 0) {
      return new LockHeld(LockReason.DELAY, null, opensIn, queue);
    }
    if (holder == null) {
      Waiter first =
          Invariant.present(lock.queue().cursor().nextValue(), "what is not free is someone's");
      return new LockHeld(LockReason.RESERVED, null, first.remainingWaitMillis(now) + 1, queue);
    }
    LockReason reason = queue == 0 ? LockReason.HELD : LockReason.QUEUED;
    long retryAfter = Math.max(holder.expiresInMillis() + 1, opensIn);
    return new LockHeld(reason, holder, retryAfter, queue);
  }

  /** How long a delay still holds a lock up; 0 when none does. */
  static long opensInMillis(Lock lock, long now) {
    return lock.closed() ? Math.max(0, lock.opensMillis() - now) + 1 : 0;
  }

  /**
   * With whose end there will be enough permits, unless leases are renewed. Looks at no more
   * holders than permits are wanted.
   */
  private static @Nullable HolderInfo makingRoom(
      LeaseTable leases, Lock lock, Permits wanted, long now) {
    long free = lock.permitsFree();
    MapCursor<?, LeaseId> holders = leases.permitEnds().of(lock.name());
    for (LeaseId id = holders.nextValue(); id != null; id = holders.nextValue()) {
      Grant grant = grantOf(leases, lock, id);
      free += grant.permits().count();
      if (free >= wanted.count()) {
        return holderInfo(leases, grant, now);
      }
    }
    return null;
  }

  private static Grant grantOf(LeaseTable leases, Lock lock, LeaseId holder) {
    return lock.grants().require(leases.require(holder).locks().require(lock.name()));
  }

  /**
   * Why a lease does not run. One that an acquire will make at its grant was not made yet.
   *
   * @param madeUpTo the greatest index of an entry that can have made a lease
   */
  static Failure absence(
      LeaseTable leases, PlaceTable places, LockTable locks, LeaseId id, long madeUpTo) {
    TicketId ticket = new TicketId(id.index(), id.nonce());
    LockName name = places.lockOf(ticket);
    Waiter waiter = name == null ? null : locks.require(name).queue().get(ticket);
    return waiter != null && waiter.lease() == null
        ? new LeaseNotFound(id)
        : leases.absence(id, madeUpTo);
  }

  /** Who holds a lock; of several the one whose lease is due last. Null when nobody does. */
  static @Nullable HolderInfo holderInfo(LeaseTable leases, Lock lock, long now) {
    if (lock.name().kind() == LockKind.SEMAPHORE) {
      LeaseId last = leases.permitEnds().last(lock.name());
      return last == null ? null : holderInfo(leases, grantOf(leases, lock, last), now);
    }
    HolderInfo last = null;
    MapCursor<TicketId, Grant> grants = lock.grants().cursor();
    for (Grant grant = grants.nextValue(); grant != null; grant = grants.nextValue()) {
      HolderInfo info = holderInfo(leases, grant, now);
      if (last == null || info.expiresInMillis() > last.expiresInMillis()) {
        last = info;
      }
    }
    return last;
  }

  static HolderInfo holderInfo(LeaseTable leases, Grant grant, long now) {
    long expiresIn = leases.require(grant.lease()).expiresInMillis(now);
    return new HolderInfo(grant.owner(), grant.token(), grant.lease(), grant.token(), expiresIn);
  }
}
