package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.OfGates;
import io.lockstep.kv.command.Command.RemoveLatch;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.gate.GateTable;
import io.lockstep.kv.gate.Latch;
import io.lockstep.kv.gate.Once;
import io.lockstep.kv.gate.Once.Claimed;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ClaimLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LatchNotFound;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PeriodDone;
import io.lockstep.kv.result.Failure.PeriodRunning;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.result.Result.LatchState;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.PeriodFinished;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.NumberKind;
import io.lockstep.raft.bytes.Bytes;

/** Changes of latches and of work that is to be done once a period. */
final class GateChanges {
  private GateChanges() {}

  static Result execute(Draft draft, OfGates command) {
    return switch (command) {
      case ArriveLatch arrive -> arrive(draft, arrive);
      case RemoveLatch remove -> remove(draft, remove.name());
      case ClaimOnce claim -> claim(draft, claim);
      case FinishOnce finish -> finish(draft, finish);
    };
  }

  private static Result arrive(Draft draft, ArriveLatch arrive) {
    if (KeyChanges.lengthInvalid(arrive.name())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    Latch known = draft.gates.latch(arrive.name());
    if (known != null && known.parties() != arrive.parties()) {
      return new LimitDiffers(arrive.parties(), known.parties());
    }
    Latch latch = known == null ? Latch.closed(arrive.parties()) : known;
    // Who comes to an open latch is let through and need not be remembered.
    if (!latch.open() && !latch.arrived().contains(arrive.id())) {
      Failure refusal = draft.growthRefusal(GateTable.growth(arrive.name(), known, arrive.id()));
      if (refusal != null) {
        return refusal;
      }
      draft.gates = draft.gates.arrived(arrive.name(), latch, arrive.id());
      latch = latch.with(arrive.id());
    }
    return new LatchState(latch.parties(), latch.arrived().size());
  }

  private static Result remove(Draft draft, Bytes name) {
    if (draft.gates.latch(name) == null) {
      return new LatchNotFound();
    }
    draft.gates = draft.gates.without(name);
    return new Done();
  }

  private static Result claim(Draft draft, ClaimOnce claim) {
    if (KeyChanges.lengthInvalid(claim.name())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    Failure refusal = LeaseChanges.ttlRefusal(draft, claim.ttlMillis());
    if (refusal != null) {
      return refusal;
    }
    Once once = draft.gates.once(claim.name());
    Long done = once.done().get(claim.period());
    if (done != null) {
      return new PeriodDone(done);
    }
    Claimed running = once.running().get(claim.period());
    if (running != null) {
      long expiresIn = draft.leases.require(running.lease()).expiresInMillis(draft.now);
      return new PeriodRunning(running.token(), expiresIn);
    }
    refusal =
        draft.growthRefusal(Once.PERIOD_WEIGHT_BYTES + claim.name().length() + Lease.WEIGHT_BYTES);
    return refusal == null ? grant(draft, claim) : refusal;
  }

  private static Result grant(Draft draft, ClaimOnce claim) {
    LeaseId id = new LeaseId(draft.index, claim.nonce());
    Lease lease = Lease.start(id, claim.ttlMillis(), LeaseKind.PLAIN, draft.now);
    draft.leases = draft.leases.with(lease);
    long token = draft.nextRevision();
    draft.gates = draft.gates.claimed(claim.name(), claim.period(), new Claimed(token, id));
    draft.numberChanged(NumberKind.ONCE, claim.name(), token);
    return new PeriodClaimed(token, id, lease.ttlMillis(), lease.expiresInMillis(draft.now));
  }

  private static Result finish(Draft draft, FinishOnce finish) {
    Once once = draft.gates.once(finish.name());
    Bytes running = once.runningUnder(finish.token());
    if (running == null) {
      return once.doneTokens().contains(finish.token())
          ? new PeriodFinished(finish.token())
          : new ClaimLost(finish.token());
    }
    LeaseId lease = once.running().require(running).lease();
    LeaseChanges.end(draft, draft.leases.require(lease), LeaseEnd.RELEASED);
    draft.gates = draft.gates.finished(finish.name(), running, finish.token());
    return new PeriodFinished(finish.token());
  }

  /** A lease ends: the period that was claimed by it can be claimed again. */
  static void leaseEnds(Draft draft, Lease lease) {
    GateTable.Work work = draft.gates.workOf(lease.id());
    if (work != null) {
      draft.gates = draft.gates.freed(lease.id(), work);
    }
  }
}
