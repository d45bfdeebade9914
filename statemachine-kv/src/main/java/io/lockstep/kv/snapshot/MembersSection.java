package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.member.ClientAddress;
import io.lockstep.kv.member.KeyTable;
import io.lockstep.kv.member.MemberEntry;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members and then the addresses at which clients reach them, both by id. */
final class MembersSection implements Section {
  @Override
  public int id() {
    return 10;
  }

  @Override
  public String title() {
    return "members";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    Fields.writeCount(out, state.members().members().size());
    for (MemberEntry member : state.members().members()) {
      out.begin().text(member.id().text()).u8(EventCodec.code(member.role()));
      out.end();
    }
    Fields.writeCount(out, state.members().addresses().size());
    for (ClientAddress address : state.members().addresses()) {
      out.begin().text(address.id().text()).text(address.url());
      out.end();
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    List<MemberEntry> members = new ArrayList<>();
    long count = count(in);
    NodeId last = null;
    for (long i = 0; i < count; i++) {
      ByteReader item = in.next();
      last = after(last, Fields.node(item));
      members.add(new MemberEntry(last, EventCodec.memberRole(item.u8())));
      item.end();
    }
    List<ClientAddress> addresses = new ArrayList<>();
    count = count(in);
    last = null;
    for (long i = 0; i < count; i++) {
      ByteReader item = in.next();
      last = after(last, Fields.node(item));
      addresses.add(new ClientAddress(last, Fields.address(item)));
      item.end();
    }
    state.members = new MemberTable(members, addresses, KeyTable.EMPTY);
  }

  private static long count(ItemReader in) throws IOException {
    long count = Fields.readCount(in);
    if (count > MemberTable.MEMBERS_MAX) {
      throw new Malformed(count + " members");
    }
    return count;
  }

  private static NodeId after(@Nullable NodeId last, NodeId id) {
    if (last != null && last.compareTo(id) >= 0) {
      throw new Malformed("members do not ascend");
    }
    return id;
  }
}
