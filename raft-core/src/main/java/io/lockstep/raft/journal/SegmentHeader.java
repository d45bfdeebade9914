package io.lockstep.raft.journal;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;

/**
 * The payload of a segment's first record. Sequence, index and term of what came before are in the
 * record itself.
 *
 * @param reset whether the log begins anew here, after the entry that the record names; nothing in
 *     older segments counts any more
 * @param length the length that the segment had when it was begun: a shorter one was cut off
 * @param chain the chain hash over all records before this segment
 * @param owner whose log this is
 */
record SegmentHeader(boolean reset, long length, long chain, Bytes owner) {
  /** Has no {@link #reset}: it was never one. */
  private static final int VERSION_WITHOUT_RESET = 1;

  private static final int VERSION = 2;

  /** The bytes of a header that this version cannot read. */
  static final class UnknownVersion extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownVersion(int version) {
      super("journal format " + version + ", this version reads " + VERSION);
    }
  }

  Bytes encode() {
    return new ByteWriter(64)
        .i32(VERSION)
        .bool(reset)
        .i64(length)
        .i64(chain)
        .bytes(owner)
        .toBytes();
  }

  /** Throws {@link UnknownVersion} for what a later version wrote. */
  static SegmentHeader decode(Bytes payload) {
    ByteReader reader = new ByteReader(payload);
    int version = reader.i32();
    if (version != VERSION && version != VERSION_WITHOUT_RESET) {
      throw new UnknownVersion(version);
    }
    boolean reset = version != VERSION_WITHOUT_RESET && reader.bool();
    return new SegmentHeader(reset, reader.i64(), reader.i64(), reader.bytes());
  }
}
