package io.lockstep.kv.model;

import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.CandidateNotFound;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Proclaimed;
import io.lockstep.kv.result.Result.Transferred;
import io.lockstep.kv.watch.Event.ElectionChange;
import org.jspecify.annotations.Nullable;

/** Contract 7: what elections have that locks have not. */
final class ModelElections {
  private final Model model;

  ModelElections(Model model) {
    this.model = model;
  }

  /** Contract 7: elections publish the winner's value. */
  Result proclaim(Proclaim proclaim) {
    ModelLocks.Lock lock = model.locks.byName.get(proclaim.name());
    ModelLocks.Grant grant = inOffice(lock, proclaim.claim());
    if (grant == null) {
      return absence(lock, proclaim.claim());
    }
    if (proclaim.value().length() > model.limits.valueBytesMax()) {
      return new ValueTooLarge(model.limits.valueBytesMax());
    }
    Failure growth = model.refusesGrowth(proclaim.value().length());
    if (growth != null) {
      return growth;
    }
    ModelLocks.Grant changed =
        new ModelLocks.Grant(
            grant.from(),
            grant.lease(),
            proclaim.value(),
            grant.token(),
            grant.joint(),
            grant.since());
    lock.grants.set(lock.grants.indexOf(grant), changed);
    model.history.election(ElectionChange.VALUE, lock, changed);
    return new Proclaimed(lock.name, grant.token());
  }

  /** Contract 7: transfer to a named candidate. */
  Result transfer(Transfer transfer) {
    ModelLocks.Lock lock = model.locks.byName.get(transfer.name());
    ModelLocks.Grant grant = inOffice(lock, transfer.claim());
    if (grant == null) {
      return absence(lock, transfer.claim());
    }
    model.locks.heir =
        lock.queue.stream()
            .filter(
                waiter -> waiter.asked.owner().equals(transfer.to()) && model.locks.runs(waiter))
            .findFirst()
            .orElse(null);
    if (model.locks.heir == null) {
      return new CandidateNotFound(transfer.to());
    }
    model.locks.giveBack(grant);
    model.locks.heir = null;
    ModelLocks.Grant next = lock.grants.getLast();
    return new Transferred(lock.name, next.token(), transfer.to());
  }

  private ModelLocks.@Nullable Grant inOffice(ModelLocks.@Nullable Lock lock, Claim claim) {
    return lock == null ? null : lock.find(one -> ModelLocks.fits(claim, one.token(), one.lease()));
  }

  private Result absence(ModelLocks.@Nullable Lock lock, Claim claim) {
    if (lock == null) {
      return new NotHolder(null);
    }
    for (PastGrant past : lock.past.reversed()) {
      if (ModelLocks.fits(claim, past.token(), past.lease())) {
        return past.lost()
            ? new GrantLost(past.token())
            : new NotHolder(model.locks.said.holderInfo(lock));
      }
    }
    return new NotHolder(model.locks.said.holderInfo(lock));
  }
}
