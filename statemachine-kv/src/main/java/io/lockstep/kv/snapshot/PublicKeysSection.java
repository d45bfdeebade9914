package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.member.KeyTable;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The public keys of members, by node and key. */
final class PublicKeysSection implements Section {
  @Override
  public int id() {
    return 11;
  }

  @Override
  public String title() {
    return "public keys";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    List<PublishedKey> keys = state.members().keys().keys();
    Fields.writeCount(out, keys.size());
    for (PublishedKey key : keys) {
      out.begin()
          .text(key.node().text())
          .bytes(key.bytes())
          .varint(key.sinceMillis())
          .varint(key.inUse() ? 0 : key.untilMillis());
      out.end();
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    long count = Fields.readCount(in);
    if (count > KeyTable.KEYS_MAX) {
      throw new Malformed(count + " keys");
    }
    List<PublishedKey> keys = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      keys.add(readKey(in.next()));
    }
    KeyTable table = new KeyTable(keys);
    if (!table.keys().equals(keys)) {
      throw new Malformed("keys do not ascend");
    }
    state.members = new MemberTable(state.members.members(), state.members.addresses(), table);
  }

  private static PublishedKey readKey(ByteReader item) {
    NodeId node = Fields.node(item);
    Bytes bytes = FieldCodec.bytes(item, PublishedKey.BYTES);
    if (bytes.length() != PublishedKey.BYTES) {
      throw new Malformed("a key of " + bytes.length() + " bytes");
    }
    long since = Fields.number(item);
    long until = Fields.number(item);
    item.end();
    return new PublishedKey(node, bytes, since, until == 0 ? PublishedKey.IN_USE : until);
  }
}
