package io.lockstep.kv.command;

import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.Command.OfIds;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;

/** The part of {@link CommandCodec} for sequences and fences: tags from 64 on. */
final class IdCommandCodec {
  static final int FIRST_TAG = 64;
  private static final long WALL_MILLIS_MAX = 1L << 44;
  static final long TOKEN_MAX = 1L << 53;

  private IdCommandCodec() {}

  static void write(ByteWriter out, OfIds command) {
    switch (command) {
      case ReserveIds reserve ->
          out.u8(64)
              .bytes(reserve.name())
              .varint(reserve.count())
              .i64(reserve.owner())
              .varint(reserve.stampUntil());
      case TakeIds take ->
          out.u8(65)
              .bytes(take.name())
              .varint(take.count())
              .bool(take.stamped())
              .varint(take.since())
              .varint(take.first())
              .varint(take.stampFirst());
      case AdvanceFence(Bytes name, long token) -> out.u8(66).bytes(name).varint(token);
      case LeaseWorkerId lease ->
          out.u8(67)
              .bytes(lease.name())
              .u8(lease.bits())
              .varint(lease.ttlMillis())
              .i64(lease.nonce())
              .varint(lease.wallMillis());
    }
  }

  static OfIds read(int tag, ByteReader in) {
    return switch (tag) {
      case 64 -> readReserve(in);
      case 65 -> readTake(in);
      case 66 -> readAdvance(in);
      case 67 -> readWorker(in);
      default -> throw new Malformed("unknown command " + tag);
    };
  }

  private static ReserveIds readReserve(ByteReader in) {
    Bytes name = in.bytes();
    long count = number(in);
    long owner = in.i64();
    if (owner == 0) {
      throw new Malformed("a block is reserved for somebody");
    }
    return new ReserveIds(name, count, owner, number(in));
  }

  private static TakeIds readTake(ByteReader in) {
    Bytes name = in.bytes();
    long count = FieldCodec.number(in, Sequence.COUNT_MAX);
    boolean stamped = in.bool();
    TakeIds take = new TakeIds(name, count, stamped, in.varint(), number(in), number(in));
    if (count == 0 || !stamped && take.stampFirst() > 0) {
      throw new Malformed("no ids are taken, or stamps that were not asked for");
    }
    return take;
  }

  private static AdvanceFence readAdvance(ByteReader in) {
    AdvanceFence advance = new AdvanceFence(in.bytes(), FieldCodec.number(in, TOKEN_MAX));
    if (advance.token() == 0) {
      throw new Malformed("a token is greater than 0");
    }
    return advance;
  }

  private static LeaseWorkerId readWorker(ByteReader in) {
    Bytes name = in.bytes();
    int bits = in.u8();
    if (bits < 1 || bits > WorkerPool.BITS_MAX) {
      throw new Malformed("a pool has 1 to " + WorkerPool.BITS_MAX + " bits");
    }
    return new LeaseWorkerId(
        name, bits, FieldCodec.millis(in), in.i64(), FieldCodec.number(in, WALL_MILLIS_MAX));
  }

  private static long number(ByteReader in) {
    return FieldCodec.number(in, Sequence.END);
  }
}
