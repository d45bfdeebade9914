package io.lockstep.kv.snapshot;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.member.ClientAddress;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What the parts of a snapshot have in common. */
final class Fields {
  /** Two of them can be added. */
  private static final long NUMBER_MAX = 1L << 61;

  private Fields() {}

  /** An index, a revision, a moment of cluster time. */
  static long number(ByteReader in) {
    return FieldCodec.number(in, NUMBER_MAX);
  }

  static void writeCount(ItemWriter out, long count) throws IOException {
    out.begin().varint(count);
    out.end();
  }

  /** How many items follow. Nothing may be allocated for them before they come. */
  static long readCount(ItemReader in) throws IOException {
    ByteReader item = in.next();
    long count = number(item);
    item.end();
    return count;
  }

  /** The key of a record, or the name of a lock. */
  static Bytes name(ByteReader in) {
    Bytes name = in.bytes();
    checkName(name);
    return name;
  }

  /** The length of a name is part of the grammar. */
  static void checkName(Bytes name) {
    if (name.isEmpty() || name.length() > Limits.KEY_BYTES_MAX) {
      throw new Malformed("a name of " + name.length() + " bytes");
    }
  }

  static NodeId node(ByteReader in) {
    try {
      return new NodeId(FieldCodec.text(in));
    } catch (IllegalArgumentException e) {
      throw new Malformed("no node has this name: " + e.getMessage());
    }
  }

  /** Where clients reach a member. */
  static String address(ByteReader in) {
    String text = FieldCodec.text(in);
    if (text.length() > ClientAddress.CHARACTERS_MAX) {
      throw new Malformed("an address of " + text.length() + " characters");
    }
    return text;
  }

  static void write(ByteWriter out, @Nullable LeaseId lease) {
    out.bool(lease != null);
    if (lease != null) {
      FieldCodec.write(out, lease);
    }
  }

  static @Nullable LeaseId lease(ByteReader in) {
    return in.bool() ? FieldCodec.leaseId(in) : null;
  }

  static void write(ByteWriter out, KeyRecord record) {
    KeyMeta meta = record.meta();
    out.bytes(record.key())
        .bytes(record.value())
        .text(record.contentType())
        .varint(meta.createRevision())
        .varint(meta.modRevision())
        .varint(meta.version());
    write(out, meta.lease());
  }

  static KeyRecord record(ByteReader in) {
    Bytes key = name(in);
    Bytes value = in.bytes();
    String contentType = FieldCodec.text(in);
    return new KeyRecord(
        key, value, contentType, new KeyMeta(number(in), number(in), number(in), lease(in)));
  }
}
