package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.Command.OfIds;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Limits;
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
import org.jspecify.annotations.Nullable;

/** Changes of sequences and fences. */
final class IdChanges {
  private IdChanges() {}

  static Result execute(Draft draft, OfIds command) {
    return switch (command) {
      case ReserveIds reserve -> reserve(draft, reserve);
      case TakeIds take -> take(draft, take);
      case AdvanceFence advance -> advance(draft, advance);
      case LeaseWorkerId lease -> WorkerChanges.lease(draft, lease);
    };
  }

  /** A block for a node that gives ids out of it. The owner's blocks before stay good. */
  private static Result reserve(Draft draft, ReserveIds reserve) {
    Sequence before = draft.ids.sequence(reserve.name());
    Failure refusal = refusal(draft, reserve.name(), before, reserve.count());
    if (refusal != null) {
      return refusal;
    }
    boolean extended = before.owner() == reserve.owner() && before.since() > 0;
    long stampEnd = Math.max(before.stampEnd(), reserve.stampUntil());
    Sequence after =
        new Sequence(
            before.next() + reserve.count(),
            reserve.owner(),
            extended ? before.since() : draft.index,
            stampEnd);
    changed(draft, reserve.name(), after);
    return new IdsReserved(before.next(), after.next(), after.since(), before.stampEnd(), stampEnd);
  }

  /**
   * Ids for one call: those out of a block that it names, if the block is of the present owner;
   * else new ones, and then every block is outdated: what is left of them is less than these.
   */
  private static Result take(Draft draft, TakeIds take) {
    Sequence before = draft.ids.sequence(take.name());
    if (draft.rules.ofPresentBlock(before, take)) {
      return new IdsTaken(take.first(), take.first() + take.count() - 1, take.stampFirst());
    }
    Failure refusal = refusal(draft, take.name(), before, take.count());
    if (refusal != null) {
      return refusal;
    }
    long stamp = take.stamped() ? Math.max(before.stampEnd(), take.stampFirst()) : 0;
    if (stamp > Sequence.END - take.count()) {
      return new IdsExhausted();
    }
    long last = before.next() + take.count() - 1;
    long stampEnd = take.stamped() ? stamp + take.count() : before.stampEnd();
    changed(draft, take.name(), new Sequence(last + 1, 0, draft.index, stampEnd));
    return new IdsTaken(before.next(), last, stamp);
  }

  private static @Nullable Failure refusal(Draft draft, Bytes name, Sequence before, long count) {
    if (KeyChanges.lengthInvalid(name)) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    return before.next() > Sequence.END - count
        ? new IdsExhausted()
        : draft.growthRefusal(draft.ids.growthBySequence(name));
  }

  private static void changed(Draft draft, Bytes name, Sequence after) {
    draft.ids = draft.ids.with(name, after);
    draft.numberChanged(NumberKind.SEQUENCE, name, after.next());
  }

  private static Result advance(Draft draft, AdvanceFence advance) {
    if (KeyChanges.lengthInvalid(advance.name())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    long before = draft.ids.fence(advance.name());
    if (draft.rules.outdated(advance.token(), before)) {
      return new StaleFence(advance.token(), before);
    }
    if (advance.token() == before) {
      return new FenceAdvanced(before, false);
    }
    Failure refusal = draft.growthRefusal(draft.ids.growthByFence(advance.name()));
    if (refusal != null) {
      return refusal;
    }
    draft.ids = draft.ids.withFence(advance.name(), advance.token());
    draft.numberChanged(NumberKind.FENCE, advance.name(), advance.token());
    return new FenceAdvanced(advance.token(), true);
  }
}
