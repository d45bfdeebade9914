package io.lockstep.kv.command;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;

/** The binary encoding of {@link Limits}: all numbers in the order of the record. */
public final class LimitsCodec {
  private static final long LIMIT_MAX = 1L << 53;

  private LimitsCodec() {}

  public static void write(ByteWriter out, Limits limits) {
    out.varint(limits.valueBytesMax())
        .varint(limits.historyRevisionsMin())
        .varint(limits.historyMillisMax())
        .varint(limits.quotaBytes())
        .varint(limits.leaseTtlMillisMin())
        .varint(limits.leaseTtlMillisMax())
        .varint(limits.keysOnLeaseMax())
        .varint(limits.keysOfRangeDeleteMax())
        .varint(limits.waitersOnLockMax())
        .varint(limits.idleLocksMax())
        .varint(limits.idleLockMillis())
        .varint(limits.serverSilenceMillis())
        .varint(limits.storedAnswersMax())
        .varint(limits.storedAnswerMillisMax())
        .varint(limits.storedAnswerMillisMin())
        .varint(limits.storedAnswerBytesMax())
        .varint(limits.endedLeasesMax());
  }

  public static Limits read(ByteReader in) {
    Limits limits =
        new Limits(
            limit(in), limit(in), limit(in), limit(in), limit(in), limit(in), limit(in), limit(in),
            limit(in), limit(in), limit(in), limit(in), limit(in), limit(in), limit(in), limit(in),
            limit(in));
    if (limits.leaseTtlMillisMin() > limits.leaseTtlMillisMax()
        || limits.storedAnswerMillisMin() > limits.storedAnswerMillisMax()) {
      throw new Malformed("a lower limit is above its upper limit");
    }
    return limits;
  }

  private static long limit(ByteReader in) {
    return FieldCodec.number(in, LIMIT_MAX);
  }
}
