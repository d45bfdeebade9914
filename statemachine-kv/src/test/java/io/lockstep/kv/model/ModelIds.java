package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.Command.OfIds;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.IdsExhausted;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.StaleFence;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.FenceAdvanced;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.kv.watch.Event.NumberKind;
import io.lockstep.raft.bytes.Bytes;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Contract 7 and 9: numbers that only rise, and whose block of them is good. */
public final class ModelIds {
  /** A sequence: what is free, and who may give out what is not. */
  public static final class Numbers {
    public long free = 1;
    public long freeStamp = 1;
    public long owner;
    public long since;
  }

  public final TreeMap<Bytes, Numbers> sequences = new TreeMap<>();
  public final TreeMap<Bytes, Long> fences = new TreeMap<>();
  private final Model model;

  ModelIds(Model model) {
    this.model = model;
  }

  Result execute(OfIds command) {
    return switch (command) {
      case ReserveIds reserve -> reserve(reserve);
      case TakeIds take -> take(take);
      case AdvanceFence advance -> advance(advance);
      case LeaseWorkerId lease -> model.workers.lease(lease);
    };
  }

  private Result reserve(ReserveIds asked) {
    Failure refusal = refusal(asked.name(), asked.count());
    if (refusal != null) {
      return refusal;
    }
    Numbers numbers = sequences.computeIfAbsent(asked.name(), name -> new Numbers());
    if (numbers.owner != asked.owner()) {
      numbers.owner = asked.owner();
      numbers.since = model.index;
    }
    long first = numbers.free;
    long firstStamp = numbers.freeStamp;
    numbers.free += asked.count();
    numbers.freeStamp = Math.max(firstStamp, asked.stampUntil());
    model.history.number(NumberKind.SEQUENCE, asked.name(), numbers.free);
    return new IdsReserved(first, numbers.free, numbers.since, firstStamp, numbers.freeStamp);
  }

  private Result take(TakeIds asked) {
    Numbers numbers = sequences.get(asked.name());
    boolean good =
        numbers != null
            && asked.first() > 0
            && asked.since() == numbers.since
            && asked.first() + asked.count() <= numbers.free;
    boolean stampsGood =
        numbers != null
            && asked.stampFirst() > 0
            && asked.stampFirst() + asked.count() <= numbers.freeStamp;
    if (good && (stampsGood || !asked.stamped())) {
      return taken(asked.first(), asked, asked.stampFirst());
    }
    Failure refusal = refusal(asked.name(), asked.count());
    if (refusal != null) {
      return refusal;
    }
    long stamp = Math.max(numbers == null ? 1 : numbers.freeStamp, asked.stampFirst());
    if (asked.stamped() && stamp + asked.count() > Sequence.END) {
      return new IdsExhausted();
    }
    Numbers now = sequences.computeIfAbsent(asked.name(), name -> new Numbers());
    long first = now.free;
    now.free += asked.count();
    now.owner = 0;
    now.since = model.index;
    if (asked.stamped()) {
      now.freeStamp = stamp + asked.count();
    }
    model.history.number(NumberKind.SEQUENCE, asked.name(), now.free);
    return taken(first, asked, asked.stamped() ? stamp : 0);
  }

  private static IdsTaken taken(long first, TakeIds asked, long stamp) {
    return new IdsTaken(first, first + asked.count() - 1, stamp);
  }

  private @Nullable Failure refusal(Bytes name, long count) {
    if (name.isEmpty() || name.length() > 1024) {
      return new KeyLengthInvalid(1024);
    }
    Numbers numbers = sequences.get(name);
    if ((numbers == null ? 1 : numbers.free) + count > Sequence.END) {
      return new IdsExhausted();
    }
    return model.refusesGrowth(numbers == null ? 200 + name.length() : 0);
  }

  private Result advance(AdvanceFence asked) {
    if (asked.name().isEmpty() || asked.name().length() > 1024) {
      return new KeyLengthInvalid(1024);
    }
    long seen = fences.getOrDefault(asked.name(), 0L);
    if (asked.token() <= seen) {
      return asked.token() == seen
          ? new FenceAdvanced(seen, false)
          : new StaleFence(asked.token(), seen);
    }
    Failure refusal = model.refusesGrowth(seen == 0 ? 160 + asked.name().length() : 0);
    if (refusal != null) {
      return refusal;
    }
    fences.put(asked.name(), asked.token());
    model.history.number(NumberKind.FENCE, asked.name(), asked.token());
    return new FenceAdvanced(asked.token(), true);
  }

  long weight() {
    long sum = 0;
    for (Bytes name : sequences.keySet()) {
      sum += 200 + name.length();
    }
    for (Bytes name : fences.keySet()) {
      sum += 160 + name.length();
    }
    return sum;
  }
}
