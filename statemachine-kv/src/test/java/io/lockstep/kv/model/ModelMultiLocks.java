package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.model.ModelLocks.Lock;
import io.lockstep.kv.model.ModelLocks.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Result;
import java.util.Comparator;
import java.util.List;

/** Contract 7: several locks, all of them or none. */
final class ModelMultiLocks {
  private final Model model;

  ModelMultiLocks(Model model) {
    this.model = model;
  }

  Result acquire(LockAcquire acquire) {
    List<LockName> names = acquire.names();
    if (!names.stream().allMatch(name -> ModelKeys.lengthAllowed(name.text()))) {
      return new KeyLengthInvalid(1024);
    }
    switch (acquire.holder()) {
      case OwnLease(long ttl) -> {
        if (!model.leases.ttlAllowed(ttl)) {
          return model.leases.ttlFailure();
        }
      }
      case ExistingLease(LeaseId lease) -> {
        if (model.leases.get(lease) == null) {
          return model.leases.absence(lease);
        }
        Result known = known(acquire, lease);
        if (known != null) {
          return known;
        }
      }
    }
    return acquireAnew(acquire);
  }

  /** A lease that has all of them together gets that back; one that has some is refused. */
  private Result known(LockAcquire acquire, LeaseId lease) {
    for (LockName name : acquire.names()) {
      Lock lock = model.locks.byName.get(name);
      if (lock == null) {
        continue;
      }
      ModelLocks.Grant grant = lock.find(one -> one.lease().equals(lease));
      Waiter waiter = model.places.waiterOf(lock, lease);
      TicketId ticket = grant != null ? grant.ticket() : waiter != null ? waiter.ticket : null;
      if (ticket == null) {
        continue;
      }
      if (!model.locks.said.names(ticket).equals(acquire.names())) {
        return new LocksDiffer(name);
      }
      if (waiter != null) {
        model.places.keepLonger(acquire, waiter);
      }
      return model.locks.said.ticket(ticket);
    }
    return null;
  }

  private Result acquireAnew(LockAcquire acquire) {
    List<LockName> names = acquire.names();
    List<Lock> taken =
        names.stream()
            .filter(name -> model.locks.byName.containsKey(name))
            .map(model.locks.byName::get)
            .filter(lock -> !lock.idle())
            .toList();
    if (!taken.isEmpty() && acquire.waitMillis() == 0 && acquire.queueTtlMillis() == 0) {
      // The first of those with the longest time.
      return taken.stream()
          .map(lock -> new OneHeld(lock.name, model.locks.said.held(lock, acquire)))
          .min(Comparator.comparing(one -> -one.held().retryAfterMillis()))
          .orElseThrow();
    }
    long most = taken.stream().mapToLong(lock -> lock.queue.size()).max().orElse(-1);
    if (most >= model.limits.waitersOnLockMax()) {
      return new QueueFull(model.limits.waitersOnLockMax());
    }
    Failure growth = model.refusesGrowth(900L * names.size() + 400);
    if (growth != null) {
      return growth;
    }
    TicketId ticket = new TicketId(model.index, acquire.nonce());
    Waiter waiter = new Waiter(acquire, ticket, model.now);
    for (LockName name : names) {
      Lock lock = model.locks.byName.computeIfAbsent(name, Lock::new);
      if (taken.isEmpty()) {
        model.locks.grant(lock, waiter, false);
      } else {
        model.places.enqueue(lock, waiter);
      }
    }
    return model.locks.said.ticket(ticket);
  }
}
