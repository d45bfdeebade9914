package io.lockstep.kv.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Locks in the formats of earlier versions. */
class LocksSectionTest {
  private static final LeaseId LEASE = new LeaseId(2, 7);
  private static final Server SERVER = new Server(new NodeId("n1"), 1);
  private static final Bytes HELD = Bytes.utf8("held");
  private static final Bytes IDLE = Bytes.utf8("idle");

  @Test
  void locksOfFormat1AreExclusive() throws IOException {
    List<Bytes> chunks = new ArrayList<>();
    ItemWriter out = new ItemWriter(chunks::add);
    Fields.writeCount(out, 1);
    ByteWriter item = out.begin();
    FieldCodec.write(item, SERVER);
    item.varint(4_000);
    out.end();
    Fields.writeCount(out, 2);
    writeHeld(out);
    out.begin().bytes(IDLE).bool(false).varint(0).varint(0).varint(3_000);
    out.end();
    out.flush();

    RestoredState state = new RestoredState(9, 5_000);
    state.leases.add(LEASE, 5_000, 9_000, LeaseKind.PLAIN, List.of());
    new LocksSection().read(new ItemReader(Chunks.source(chunks)), 1, state);
    LockTable locks = state.locks.table();
    Lock held = locks.require(LockName.lock(HELD));
    Grant grant = held.grants().require(new TicketId(3, 7));
    assertEquals(LockMode.EXCLUSIVE, grant.mode());
    assertEquals(47, grant.token());
    assertEquals(true, held.pastByToken(40).lost());
    Waiter waiter = held.queue().require(new TicketId(4, 8));
    assertEquals(LockMode.EXCLUSIVE, waiter.mode());
    assertEquals(6_000, waiter.deadlineMillis());
    assertEquals(3_000, locks.require(LockName.lock(IDLE)).idleSinceMillis());
    assertEquals(4_000, state.locks.places().heardMillis(SERVER));
  }

  private static void writeHeld(ItemWriter out) throws IOException {
    ByteWriter item = out.begin().bytes(HELD).bool(true);
    FieldCodec.write(item, new TicketId(3, 7));
    FieldCodec.write(item.text("owner"), LEASE);
    item.varint(47).varint(4_000);
    FieldCodec.write(item.varint(1).varint(40), new LeaseId(1, 7));
    item.bool(true).varint(1);
    out.end();
    item = out.begin();
    FieldCodec.write(item, new TicketId(4, 8));
    FieldCodec.write(item.text("waiter"), new Holder.OwnLease(5_000));
    item.varint(4_500).varint(6_000);
    FieldCodec.write(item, SERVER);
    item.bool(false);
    out.end();
  }
}
