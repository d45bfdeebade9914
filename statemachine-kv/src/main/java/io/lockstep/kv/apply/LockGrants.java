package io.lockstep.kv.apply;

import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.Queue;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The beginning and end of grants and places. Whatever ends hands the lock on: to the first in the
 * queue who may have it, and if that one shares it to all who may and come before the next that
 * does not. One who wants several locks together stands in all their queues, and gets all of them
 * once it is first in each.
 */
final class LockGrants {
  private LockGrants() {}

  /** Grants a lock to one who need not wait. */
  static void grantAtOnce(Draft draft, Lock lock, Waiter waiter) {
    grant(draft, lock, waiter, false);
  }

  static void enqueue(Draft draft, Lock lock, Waiter waiter) {
    LeaseId lease = waiter.lease();
    if (lease != null) {
      draft.leases =
          draft.leases.with(draft.leases.require(lease).withPlace(lock.name(), waiter.ticket()));
    }
    Lock longer = lock.withWaiter(waiter);
    draft.locks = draft.locks.with(longer);
    draft.places = draft.places.with(waiter, draft.now);
    changed(draft, LockChange.QUEUE, longer, longer.grants().latest());
  }

  /** Ends a grant at all its locks by its holder's will; a lease that was made for it ends too. */
  static void giveBack(Draft draft, Grant grant) {
    if (grant.madeItsLease()) {
      LeaseChanges.end(draft, draft.leases.require(grant.lease()), LeaseEnd.RELEASED);
    } else {
      List<LockName> names = removeGrant(draft, grant, GrantEnd.RELEASED, "");
      names.forEach(name -> handOn(draft, draft.locks.require(name)));
    }
  }

  /**
   * As {@link #giveBack}, and hands the lock on to {@code heir}, who waits for it and may have it.
   */
  static void giveBackTo(Draft draft, Grant grant, Waiter heir) {
    draft.heir = heir.ticket();
    giveBack(draft, grant);
    draft.heir = null;
  }

  /** Ends a grant whose lease knows of it no more, and leaves it to the caller to hand it on. */
  static void endGrant(Draft draft, Lock lock, TicketId ticket, GrantEnd end, String reason) {
    removeGrant(draft, lock, lock.grants().require(ticket), end, reason);
  }

  /** Ends a grant at all its locks, and leaves it to the caller to hand these on. */
  private static List<LockName> removeGrant(Draft draft, Grant grant, GrantEnd end, String reason) {
    List<LockName> names = draft.places.locksOf(grant.ticket());
    for (LockName name : names) {
      Lock lock = draft.locks.require(name);
      draft.leases = draft.leases.with(draft.leases.require(grant.lease()).withoutLock(name));
      removeGrant(draft, lock, lock.grants().require(grant.ticket()), end, reason);
    }
    return names;
  }

  private static void removeGrant(
      Draft draft, Lock lock, Grant grant, GrantEnd end, String reason) {
    Lock ended = lock.ended(grant, end, reason, draft.now);
    Lock rest =
        end == GrantEnd.EXPIRED
            ? ended.closedUntil(draft.rules.closedUntil(grant, draft.now))
            : ended;
    draft.locks = draft.locks.with(rest);
    draft.places = draft.places.without(grant.ticket(), lock.name());
    switch (end) {
      case RELEASED -> changed(draft, LockChange.RELEASED, rest, grant);
      case EXPIRED -> changed(draft, LockChange.EXPIRED, rest, grant);
      case FORCED -> draft.lockForced(rest, grant, reason);
    }
  }

  /**
   * Takes a lock away from all who hold it, and with it what they took together with it, then hands
   * it on without a delay. A lease that was made for such a grant ends too, with all else that it
   * holds; another one runs on.
   */
  static void force(Draft draft, Lock lock, String reason) {
    List<Grant> ending = lock.grants().first(lock.grants().size());
    draft.locks = draft.locks.with(lock.opened(draft.now));
    SortedSet<LockName> shorter = new TreeSet<>();
    for (Grant grant : ending) {
      shorter.addAll(removeGrant(draft, grant, GrantEnd.FORCED, reason));
    }
    List<LeaseId> own = ending.stream().filter(Grant::madeItsLease).map(Grant::lease).toList();
    // Their places first, so that none is granted another lock on its way out.
    own.forEach(id -> dropPlacesOf(draft, id, shorter));
    own.forEach(
        id ->
            LeaseChanges.endSeen(
                draft,
                draft.leases.require(id),
                LeaseEnd.REVOKED,
                GrantEnd.FORCED,
                reason,
                shorter));
    handOn(draft, shorter);
  }

  /** Hands locks on after all that ends has ended: who comes next is granted once a revision. */
  static void handOn(Draft draft, SortedSet<LockName> shorter) {
    shorter.forEach(name -> handOn(draft, draft.locks.require(name)));
  }

  private static void dropPlacesOf(Draft draft, LeaseId id, SortedSet<LockName> shorter) {
    MapCursor<LockName, TicketId> places = draft.leases.require(id).places().cursor();
    for (var place = places.next(); place != null; place = places.next()) {
      Lock waitedFor = draft.locks.require(place.key());
      if (waitedFor.queue().get(place.value()) != null) {
        dropPlace(draft, waitedFor, place.value());
        shorter.add(place.key());
      }
    }
  }

  /** Ends a delay, and hands the lock on to those who waited for that. */
  static void open(Draft draft, Lock lock) {
    Lock opened = lock.opened(draft.now);
    draft.locks = draft.locks.with(opened);
    handOn(draft, opened);
  }

  /** Ends a place, also with its lease, and hands its locks on to who came after. */
  static void leaveQueue(Draft draft, TicketId ticket) {
    for (LockName name : dropPlace(draft, ticket)) {
      handOn(draft, draft.locks.require(name));
    }
  }

  /** Ends a place, also with its lease, and leaves it to the caller to hand these locks on. */
  static List<LockName> dropPlace(Draft draft, TicketId ticket) {
    List<LockName> names = draft.places.locksOf(ticket);
    for (LockName name : names) {
      dropPlace(draft, draft.locks.require(name), ticket);
    }
    return names;
  }

  private static void dropPlace(Draft draft, Lock lock, TicketId ticket) {
    LeaseId lease = lock.queue().require(ticket).lease();
    if (lease != null) {
      draft.leases = draft.leases.with(draft.leases.require(lease).withoutPlace(lock.name()));
    }
    removePlace(draft, lock, ticket);
  }

  /** Ends a place of a lease that knows of it no more, and leaves it to the caller to hand on. */
  static void removePlace(Draft draft, Lock lock, TicketId ticket) {
    Waiter waiter = lock.queue().require(ticket);
    Lock rest = lock.withoutWaiter(ticket, draft.now);
    draft.locks = draft.locks.with(rest);
    draft.places = draft.places.granted(waiter).without(ticket, lock.name());
    changed(draft, LockChange.QUEUE, rest, rest.grants().latest());
  }

  /** Grants a lock to those who may have it now: once a revision, so that they are all known. */
  static void handOn(Draft draft, Lock lock) {
    List<Waiter> next = next(draft, lock);
    for (Waiter waiter : next) {
      draft.places = draft.places.granted(waiter);
      for (LockName name : draft.places.locksOf(waiter.ticket())) {
        Lock one = draft.locks.require(name);
        grant(draft, one, one.queue().require(waiter.ticket()), next.size() > 1);
      }
    }
  }

  /**
   * Whether a waiter may have all the locks that it wants together, given that it is first at
   * {@code at} and nobody holds that. Until then it keeps its turn where it has it: whoever came
   * later stays behind it everywhere, so that who came first of all waits for holders only.
   */
  private static boolean turnEverywhere(Draft draft, Lock at, Waiter waiter) {
    for (LockName name : draft.places.locksOf(waiter.ticket())) {
      Lock lock = draft.locks.require(name);
      if (!name.equals(at.name()) && !draft.rules.isTurn(lock, firstAble(draft, lock), waiter)) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable TicketId firstAble(Draft draft, Lock lock) {
    MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
    for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
      if (draft.rules.mayBeGranted(waiter, draft.leases, draft.now)) {
        return waiter.ticket();
      }
    }
    return null;
  }

  /** Those whose turn it is. One whose lease is just ending is passed over. */
  private static List<Waiter> next(Draft draft, Lock lock) {
    if (lock.queue().isEmpty() || lock.grants().exclusive() || lock.closed()) {
      return List.of();
    }
    Waiter heir = draft.heir == null ? null : lock.queue().get(draft.heir);
    if (heir != null && lock.grants().isEmpty()) {
      return List.of(heir);
    }
    if (lock.name().kind() == LockKind.SEMAPHORE) {
      return nextForPermits(draft, lock);
    }
    List<Waiter> next = new ArrayList<>();
    MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
    for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
      if (!draft.rules.mayBeGranted(waiter, draft.leases, draft.now)) {
        continue;
      }
      boolean shared = waiter.mode() == LockMode.SHARED;
      boolean free = next.isEmpty() && lock.grants().isEmpty();
      if (shared || free && turnEverywhere(draft, lock, waiter)) {
        next.add(waiter);
      }
      if (!shared) {
        return next;
      }
    }
    return next;
  }

  /** As {@link #next}: who wants more permits than are free lets nobody pass. */
  private static List<Waiter> nextForPermits(Draft draft, Lock lock) {
    List<Waiter> next = new ArrayList<>();
    long free = lock.permitsFree();
    MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
    for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
      if (!draft.rules.mayBeGranted(waiter, draft.leases, draft.now)) {
        continue;
      }
      if (!draft.rules.fits(waiter.bid().permits(), free)) {
        return next;
      }
      free -= waiter.bid().permits().count();
      next.add(waiter);
    }
    return next;
  }

  /** The waiter's time no longer counts; its lease, if it is to be made, starts now. */
  private static void grant(Draft draft, Lock lock, Waiter waiter, boolean joint) {
    TicketId ticket = waiter.ticket();
    Lease lease =
        switch (waiter.holder()) {
          case ExistingLease(LeaseId id) -> draft.leases.require(id).withoutPlace(lock.name());
          case OwnLease(long ttlMillis) -> {
            LeaseId id = new LeaseId(ticket.index(), ticket.nonce());
            Lease started = draft.leases.get(id);
            yield started == null
                ? Lease.start(id, ttlMillis, LeaseKind.OF_LOCK, draft.now)
                : started;
          }
        };
    draft.leases = draft.leases.with(lease.withLock(lock.name(), ticket));
    Grant grant =
        new Grant(
            ticket,
            waiter.mode(),
            waiter.owner(),
            lease.id(),
            waiter.bid().value(),
            draft.rules.token(lock, draft.nextRevision()),
            joint,
            draft.now,
            waiter.bid().permits(),
            waiter.delayMillis());
    Lock granted = lock.granted(grant);
    draft.locks = draft.locks.with(granted);
    draft.places = draft.places.withTicket(ticket, lock.name());
    changed(draft, LockChange.ACQUIRED, granted, grant);
  }

  private static void changed(Draft draft, LockChange change, Lock lock, @Nullable Grant grant) {
    draft.lockChanged(change, lock, grant);
  }
}
