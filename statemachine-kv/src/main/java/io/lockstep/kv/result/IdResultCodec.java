package io.lockstep.kv.result;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.kv.result.Failure.IdsExhausted;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Failure.StaleFence;
import io.lockstep.kv.result.Result.FenceAdvanced;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
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
    }
  }

  static void write(ByteWriter out, Failure.OfIds failure) {
    switch (failure) {
      case IdsExhausted() -> out.u8(176);
      case StaleFence(long given, long current) -> out.u8(177).varint(given).varint(current);
      case LimitDiffers(long given, long stored) -> out.u8(178).varint(given).varint(stored);
      case PoolExhausted(long limit, long retry) -> out.u8(179).varint(limit).varint(retry);
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
      default -> throw new Malformed("unknown result " + tag);
    };
  }

  static Failure.OfIds readFailure(int tag, ByteReader in) {
    return switch (tag) {
      case 176 -> new IdsExhausted();
      case 177 -> new StaleFence(in.varint(), in.varint());
      case 178 -> new LimitDiffers(in.varint(), in.varint());
      case 179 -> new PoolExhausted(in.varint(), in.varint());
      default -> throw new Malformed("unknown result " + tag);
    };
  }
}
