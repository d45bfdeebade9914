package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When each node that waits for clients was heard; then all locks by name, each followed by its
 * queue.
 */
final class LocksSection implements Section {
  @Override
  public int id() {
    return 3;
  }

  @Override
  public String title() {
    return "locks";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    List<Server> servers = state.places().servers();
    Fields.writeCount(out, servers.size());
    for (Server server : servers) {
      ByteWriter item = out.begin();
      FieldCodec.write(item, server);
      item.varint(state.places().heardMillis(server));
      out.end();
    }
    Fields.writeCount(out, state.locks().size());
    MapCursor<Bytes, Lock> locks = state.locks().cursor();
    for (Lock lock = locks.nextValue(); lock != null; lock = locks.nextValue()) {
      writeLock(out.begin(), lock);
      out.end();
      MapCursor<TicketId, Waiter> queue = lock.queue().cursor();
      for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
        writeWaiter(out.begin(), waiter);
        out.end();
      }
    }
  }

  @Override
  public void read(ItemReader in, RestoredState state) throws IOException {
    long servers = Fields.readCount(in);
    for (long i = 0; i < servers; i++) {
      ByteReader item = in.next();
      state.locks.addServer(FieldCodec.server(item), Fields.number(item));
      item.end();
    }
    long locks = Fields.readCount(in);
    for (long i = 0; i < locks; i++) {
      state.locks.add(readLock(in), state.leases);
    }
  }

  private static void writeLock(ByteWriter out, Lock lock) {
    out.bytes(lock.name());
    Grant grant = lock.grant();
    out.bool(grant != null);
    if (grant != null) {
      FieldCodec.write(out, grant.ticket());
      out.text(grant.owner());
      FieldCodec.write(out, grant.lease());
      out.varint(grant.token()).varint(grant.sinceMillis());
    }
    out.varint(lock.past().size());
    for (PastGrant past : lock.past()) {
      FieldCodec.write(out.varint(past.token()), past.lease());
      out.bool(past.lost());
    }
    out.varint(lock.queue().size());
    if (lock.idle()) {
      out.varint(lock.idleSinceMillis());
    }
  }

  private static Lock readLock(ItemReader in) throws IOException {
    ByteReader item = in.next();
    Bytes name = Fields.name(item);
    Grant grant = item.bool() ? readGrant(item) : null;
    List<PastGrant> past = new ArrayList<>();
    int pastGrants = FieldCodec.count(item, Lock.PAST_MAX);
    for (int i = 0; i < pastGrants; i++) {
      past.add(new PastGrant(Fields.number(item), FieldCodec.leaseId(item), item.bool()));
    }
    long waiters = Fields.number(item);
    boolean idle = grant == null && waiters == 0;
    long idleSince = idle ? Fields.number(item) : 0;
    item.end();
    Lock lock = new Lock(name, grant, Lock.unheld(name).queue(), past, idleSince);
    @Nullable TicketId last = null;
    for (long i = 0; i < waiters; i++) {
      Waiter waiter = readWaiter(in.next(), name);
      if (last != null && last.compareTo(waiter.ticket()) >= 0) {
        throw new Malformed("the tickets of a queue do not ascend");
      }
      last = waiter.ticket();
      lock = lock.withWaiter(waiter);
    }
    return lock;
  }

  private static Grant readGrant(ByteReader in) {
    return new Grant(
        FieldCodec.ticketId(in),
        FieldCodec.text(in),
        FieldCodec.leaseId(in),
        Fields.number(in),
        Fields.number(in));
  }

  private static void writeWaiter(ByteWriter out, Waiter waiter) {
    FieldCodec.write(out, waiter.ticket());
    out.text(waiter.owner());
    FieldCodec.write(out, waiter.holder());
    out.varint(waiter.sinceMillis()).varint(waiter.deadlineMillis());
    FieldCodec.write(out, waiter.server());
    out.bool(waiter.keepPlace());
  }

  private static Waiter readWaiter(ByteReader in, Bytes lock) {
    Waiter waiter =
        new Waiter(
            FieldCodec.ticketId(in),
            lock,
            FieldCodec.text(in),
            FieldCodec.holder(in),
            Fields.number(in),
            Fields.number(in),
            FieldCodec.server(in),
            in.bool());
    in.end();
    return waiter;
  }
}
