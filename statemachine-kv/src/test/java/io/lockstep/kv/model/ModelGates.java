package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.OfGates;
import io.lockstep.kv.command.Command.RemoveLatch;
import io.lockstep.kv.command.LeaseId;
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
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Contract 7: latches, and what is to be done once a period. */
public final class ModelGates {
  /** A latch. */
  public static final class Latch {
    public int parties;
    public final TreeSet<Bytes> here = new TreeSet<>();
  }

  /** A period that was claimed, and perhaps done. */
  private static final class Period {
    Bytes name;
    Bytes period;
    long token;
    LeaseId lease;
    boolean done;
  }

  public final TreeMap<Bytes, Latch> latches = new TreeMap<>();
  private final List<Period> periods = new ArrayList<>();
  private final Model model;

  ModelGates(Model model) {
    this.model = model;
  }

  Result execute(OfGates command) {
    return switch (command) {
      case ArriveLatch arrive -> arrive(arrive);
      case RemoveLatch remove ->
          latches.remove(remove.name()) == null ? new LatchNotFound() : new Done();
      case ClaimOnce claim -> claim(claim);
      case FinishOnce finish -> finish(finish);
    };
  }

  private Result arrive(ArriveLatch asked) {
    if (asked.name().isEmpty() || asked.name().length() > 1024) {
      return new KeyLengthInvalid(1024);
    }
    Latch latch = latches.get(asked.name());
    if (latch != null && latch.parties != asked.parties()) {
      return new LimitDiffers(asked.parties(), latch.parties);
    }
    boolean known = latch != null && latch.here.contains(asked.id());
    boolean open = latch != null && latch.here.size() == latch.parties;
    if (!known && !open) {
      long growth = 80L + asked.id().length() + (latch == null ? 200 + asked.name().length() : 0);
      Failure refusal = model.refusesGrowth(growth);
      if (refusal != null) {
        return refusal;
      }
      latch = latches.computeIfAbsent(asked.name(), name -> new Latch());
      latch.parties = asked.parties();
      latch.here.add(asked.id());
    }
    return new LatchState(latch.parties, latch.here.size());
  }

  private Result claim(ClaimOnce asked) {
    if (asked.name().isEmpty() || asked.name().length() > 1024) {
      return new KeyLengthInvalid(1024);
    }
    if (!model.leases.ttlAllowed(asked.ttlMillis())) {
      return model.leases.ttlFailure();
    }
    for (Period known : periods) {
      if (known.name.equals(asked.name()) && known.period.equals(asked.period())) {
        return known.done
            ? new PeriodDone(known.token)
            : new PeriodRunning(known.token, model.leases.expiresIn(known.lease));
      }
    }
    Failure refusal = model.refusesGrowth(912L + asked.name().length());
    if (refusal != null) {
      return refusal;
    }
    Period anew = new Period();
    anew.name = asked.name();
    anew.period = asked.period();
    anew.token = model.history.next();
    anew.lease = new LeaseId(model.index, asked.nonce());
    periods.add(anew);
    model.leases.start(anew.lease, asked.ttlMillis(), false);
    model.history.number(NumberKind.ONCE, asked.name(), anew.token);
    return new PeriodClaimed(anew.token, anew.lease, asked.ttlMillis(), asked.ttlMillis());
  }

  private Result finish(FinishOnce asked) {
    for (Period known : periods) {
      if (known.name.equals(asked.name()) && known.token == asked.token()) {
        if (!known.done) {
          known.done = true;
          model.leases.end(known.lease, LeaseEnd.RELEASED);
        }
        return new PeriodFinished(asked.token());
      }
    }
    return new ClaimLost(asked.token());
  }

  void leaseEnded(LeaseId lease) {
    periods.removeIf(period -> !period.done && period.lease.equals(lease));
  }

  long weight() {
    long sum = 0;
    for (Bytes name : latches.keySet()) {
      sum += 200 + name.length();
      for (Bytes id : latches.get(name).here) {
        sum += 80 + id.length();
      }
    }
    for (Period period : periods) {
      sum += 512 + period.name.length();
    }
    return sum;
  }
}
