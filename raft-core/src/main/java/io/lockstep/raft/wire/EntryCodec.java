package io.lockstep.raft.wire;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;

/**
 * The encoding of one log entry: index, term, cluster time, kind, payload. It has no version of its
 * own: what holds it has one. An encoded entry is never longer than {@link Entry#weightBytes}.
 */
public final class EntryCodec {
  /**
   * The fewest bytes that an entry takes: one each for its four numbers and the payload's length.
   */
  static final int BYTES_MIN = 5;

  private EntryCodec() {}

  public static void encode(Entry entry, ByteWriter target) {
    target
        .varint(entry.index())
        .varint(entry.term())
        .varint(entry.clusterTimeMillis())
        .u8(entry.kind().code())
        .bytes(entry.payload());
  }

  /** Reads one entry; throws {@link Malformed} for what {@link #encode} never writes. */
  public static Entry decode(ByteReader source) {
    long index = source.varint();
    long term = source.varint();
    long clusterTimeMillis = source.varint();
    EntryKind kind = kind(source.u8());
    Bytes payload = source.bytes();
    if (index == 0 || term == 0) {
      throw new Malformed("an entry has an index and a term, not " + index + ", " + term);
    }
    if (kind == EntryKind.EMPTY && !payload.isEmpty()) {
      throw new Malformed("an empty entry has no payload");
    }
    if (kind == EntryKind.MEMBERSHIP) {
      MembershipCodec.decode(payload);
    }
    return new Entry(index, term, clusterTimeMillis, kind, payload);
  }

  private static EntryKind kind(int code) {
    try {
      return EntryKind.ofCode(code);
    } catch (IllegalArgumentException e) {
      throw new Malformed("unknown entry kind " + code);
    }
  }
}
