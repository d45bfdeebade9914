package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LockAcquire;
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
    for (Lock lock : model.locks.byName.values()) {
      Grant grant = lock.find(one -> one.ticket().equals(ticket));
      if (grant != null) {
        return granted(lock, grant);
      }
      Waiter waiter = ModelLocks.find(lock, ticket);
      if (waiter != null) {
        return queued(lock, waiter);
      }
    }
    return ticket.index() > 0 && ticket.index() <= madeUpTo
        ? new TicketEnded(ticket)
        : new TicketNotFound(ticket);
  }

  Result granted(Lock lock, Grant grant) {
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

  Result held(Lock lock, LockAcquire acquire) {
    HolderInfo holder =
        ModelPermits.areOf(lock) && lock.queue.isEmpty()
            ? holderInfo(
                ModelPermits.makingRoom(
                    lock, acquire, grant -> model.leases.expiresIn(grant.lease())))
            : holderInfo(lock);
    return new LockHeld(
        lock.queue.isEmpty() ? LockReason.HELD : LockReason.QUEUED,
        holder,
        holder.expiresInMillis() + 1,
        lock.queue.size());
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
