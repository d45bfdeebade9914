package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.model.ModelLocks.Grant;
import io.lockstep.kv.model.ModelLocks.Lock;
import io.lockstep.kv.model.ModelLocks.Waiter;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What those are told who ask for locks. */
public final class ModelLockAnswers {
  private final Model model;

  ModelLockAnswers(Model model) {
    this.model = model;
  }

  /** What a ticket's holder is told now. */
  public Result ticket(TicketId ticket) {
    return ticket(ticket, model.index);
  }

  Result ticket(TicketId ticket, long madeUpTo) {
    List<LockName> names = names(ticket);
    if (!names.isEmpty()) {
      return ofLocks(names, ticket);
    }
    return ticket.index() > 0 && ticket.index() <= madeUpTo
        ? new TicketEnded(ticket)
        : new TicketNotFound(ticket);
  }

  /** The locks that a ticket holds or waits for. */
  List<LockName> names(TicketId ticket) {
    return model.locks.byName.values().stream()
        .filter(
            lock ->
                lock.find(one -> one.ticket().equals(ticket)) != null
                    || ModelPlaces.find(lock, ticket) != null)
        .map(lock -> lock.name)
        .toList();
  }

  private Result ofLocks(List<LockName> names, TicketId ticket) {
    Lock first = model.locks.byName.get(names.getFirst());
    List<LockName> also = names.subList(1, names.size());
    Grant grant = first.find(one -> one.ticket().equals(ticket));
    if (grant != null) {
      LockGranted one = granted(first, grant);
      return new LockGranted(
          one.name(),
          one.mode(),
          one.token(),
          one.lease(),
          ticket,
          one.ttlMillis(),
          one.expiresInMillis(),
          also);
    }
    Waiter waiter = ModelPlaces.find(first, ticket);
    long position =
        names.stream()
            .mapToLong(name -> model.locks.byName.get(name).queue.indexOf(waiter) + 1)
            .max()
            .orElseThrow();
    return new LockQueued(
        first.name, ticket, waiter.lease(), position, waiter.deadline - model.now, also);
  }

  LockGranted granted(Lock lock, Grant grant) {
    return new LockGranted(
        lock.name,
        grant.mode(),
        grant.token(),
        grant.lease(),
        grant.ticket(),
        model.leases.get(grant.lease()).ttl,
        model.leases.expiresIn(grant.lease()));
  }

  Result queued(Lock lock, Waiter waiter) {
    return new LockQueued(
        lock.name,
        waiter.ticket,
        waiter.lease(),
        lock.queue.indexOf(waiter) + 1,
        waiter.deadline - model.now);
  }

  LockHeld held(Lock lock, LockAcquire acquire) {
    HolderInfo holder =
        ModelPermits.areOf(lock) && lock.queue.isEmpty()
            ? holderInfo(
                ModelPermits.makingRoom(
                    lock, acquire, grant -> model.leases.expiresIn(grant.lease())))
            : holderInfo(lock);
    long opensIn = opensIn(lock);
    if (holder == null && opensIn > 0) {
      return new LockHeld(LockReason.DELAY, null, opensIn, lock.queue.size());
    }
    if (holder == null) {
      long left = lock.queue.getFirst().deadline - model.now;
      return new LockHeld(LockReason.RESERVED, null, left + 1, lock.queue.size());
    }
    return new LockHeld(
        lock.queue.isEmpty() ? LockReason.HELD : LockReason.QUEUED,
        holder,
        Math.max(holder.expiresInMillis() + 1, opensIn),
        lock.queue.size());
  }

  public long opensIn(Lock lock) {
    return lock.opens == 0 ? 0 : lock.opens - model.now + 1;
  }

  /** The holder whose lease is due last; of several such the one with the least ticket. */
  public @Nullable Grant lastDue(Lock lock) {
    return lock.grants.stream()
        .min(
            Comparator.comparing((Grant grant) -> -model.leases.expiresIn(grant.lease()))
                .thenComparing(Grant::ticket))
        .orElse(null);
  }

  public @Nullable HolderInfo holderInfo(Lock lock) {
    Grant grant = lastDue(lock);
    return grant == null ? null : holderInfo(grant);
  }

  public HolderInfo holderInfo(Grant grant) {
    return new HolderInfo(
        grant.owner(),
        grant.token(),
        grant.lease(),
        grant.token(),
        model.leases.expiresIn(grant.lease()));
  }
}
