package io.lockstep.raft.wire;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;

/**
 * The encoding of what a snapshot stands for, in its file and when it is sent. The first byte is
 * the version; the membership has a version of its own.
 */
public final class SnapshotMetaCodec {
  private static final int VERSION = 1;

  private SnapshotMetaCodec() {}

  public static void encode(SnapshotMeta meta, ByteWriter target) {
    target
        .u8(VERSION)
        .varint(meta.last().term())
        .varint(meta.last().index())
        .varint(meta.clusterTimeMillis())
        .bytes(MembershipCodec.encode(meta.membership()));
  }

  /** Reads what {@link #encode} wrote; throws {@link Malformed} for anything else. */
  public static SnapshotMeta decode(ByteReader source) {
    int version = source.u8();
    if (version != VERSION) {
      throw new Malformed("a snapshot's header in unknown format " + version);
    }
    EntryId last = new EntryId(source.varint(), source.varint());
    long clusterTimeMillis = source.varint();
    if (last.index() == 0 || last.term() == 0) {
      throw new Malformed("a snapshot stands for entries");
    }
    return new SnapshotMeta(last, clusterTimeMillis, MembershipCodec.decode(source.bytes()));
  }
}
