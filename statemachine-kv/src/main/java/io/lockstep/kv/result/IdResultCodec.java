package io.lockstep.kv.result;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.kv.result.Failure.ClaimLost;
import io.lockstep.kv.result.Failure.IdsExhausted;
import io.lockstep.kv.result.Failure.LatchNotFound;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PeriodDone;
import io.lockstep.kv.result.Failure.PeriodRunning;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Failure.StaleFence;
import io.lockstep.kv.result.Result.FenceAdvanced;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.kv.result.Result.LatchState;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.PeriodFinished;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;

/** The part of {@link ResultCodec} for sequences and fences: tags from 160, and from 176 on. */
final class IdResultCodec {
  private IdResultCodec() {}

  static void write(ByteWriter out, Result.OfIds result) {
    switch (result) {
      case IdsReserved reserved ->
          out.u8(160)
              .varint(reserved.first())
              .varint(reserved.end())
              .varint(reserved.since())
              .varint(reserved.stampFirst())
              .varint(reserved.stampEnd());
      case IdsTaken(long first, long last, long stampFirst) ->
          out.u8(161).varint(first).varint(last).varint(stampFirst);
      case FenceAdvanced(long token, boolean changed) -> out.u8(162).varint(token).bool(changed);
      case WorkerLeased worker -> {
        FieldCodec.write(out.u8(163), worker.lease());
        out.varint(worker.number()).varint(worker.minTimestampMillis());
        out.varint(worker.ttlMillis()).varint(worker.expiresInMillis());
      }
      case LatchState(long parties, long arrived) -> out.u8(164).varint(parties).varint(arrived);
      case PeriodClaimed claimed -> {
        FieldCodec.write(out.u8(165).varint(claimed.token()), claimed.lease());
        out.varint(claimed.ttlMillis()).varint(claimed.expiresInMillis());
      }
      case PeriodFinished(long token) -> out.u8(166).varint(token);
    }
  }

  static void write(ByteWriter out, Failure.OfIds failure) {
    switch (failure) {
      case IdsExhausted() -> out.u8(176);
      case StaleFence(long given, long current) -> out.u8(177).varint(given).varint(current);
      case LimitDiffers(long given, long stored) -> out.u8(178).varint(given).varint(stored);
      case PoolExhausted(long limit, long retry) -> out.u8(179).varint(limit).varint(retry);
      case LatchNotFound() -> out.u8(180);
      case PeriodRunning(long token, long expiresIn) -> out.u8(181).varint(token).varint(expiresIn);
      case PeriodDone(long token) -> out.u8(182).varint(token);
      case ClaimLost(long token) -> out.u8(183).varint(token);
    }
  }

  static Result.OfIds readSuccess(int tag, ByteReader in) {
    return switch (tag) {
      case 160 -> new IdsReserved(in.varint(), in.varint(), in.varint(), in.varint(), in.varint());
      case 161 -> new IdsTaken(in.varint(), in.varint(), in.varint());
      case 162 -> new FenceAdvanced(in.varint(), in.bool());
      case 163 ->
          new WorkerLeased(
              FieldCodec.leaseId(in),
              (int) FieldCodec.number(in, 1L << WorkerPool.BITS_MAX),
              in.varint(),
              in.varint(),
              in.varint());
      case 164 -> new LatchState(in.varint(), in.varint());
      case 165 -> new PeriodClaimed(in.varint(), FieldCodec.leaseId(in), in.varint(), in.varint());
      case 166 -> new PeriodFinished(in.varint());
      default -> throw new Malformed("unknown result " + tag);
    };
  }

  static Failure.OfIds readFailure(int tag, ByteReader in) {
    return switch (tag) {
      case 176 -> new IdsExhausted();
      case 177 -> new StaleFence(in.varint(), in.varint());
      case 178 -> new LimitDiffers(in.varint(), in.varint());
      case 179 -> new PoolExhausted(in.varint(), in.varint());
      case 180 -> new LatchNotFound();
      case 181 -> new PeriodRunning(in.varint(), in.varint());
      case 182 -> new PeriodDone(in.varint());
      case 183 -> new ClaimLost(in.varint());
      default -> throw new Malformed("unknown result " + tag);
    };
  }
}
