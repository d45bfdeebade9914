package io.lockstep.raft.wire;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of what a snapshot stands for, in its file and when it is sent. The first byte is
 * the version.
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
        .varint(meta.membership().voters().size());
    meta.membership().voters().forEach(voter -> target.text(voter.text()));
  }

  /** Reads what {@link #encode} wrote; throws {@link Malformed} for anything else. */
  public static SnapshotMeta decode(ByteReader source) {
    int version = source.u8();
    if (version != VERSION) {
      throw new Malformed("a snapshot's header in unknown format " + version);
    }
    EntryId last = new EntryId(source.varint(), source.varint());
    long clusterTimeMillis = source.varint();
    int count = source.count();
    if (last.index() == 0 || last.term() == 0 || count == 0) {
      throw new Malformed("a snapshot stands for entries and has voters");
    }
    List<NodeId> voters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      voters.add(node(source.text()));
    }
    return new SnapshotMeta(last, clusterTimeMillis, new Membership(voters));
  }

  private static NodeId node(String text) {
    try {
      return new NodeId(text);
    } catch (IllegalArgumentException e) {
      throw new Malformed("a voter is not a node's id");
    }
  }
}
