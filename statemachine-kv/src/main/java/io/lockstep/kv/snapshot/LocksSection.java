package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.Grants;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.Queue;
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

/**
 * When each node that waits for clients was heard; then all locks, elections and semaphores by
 * name, each followed by its holders and its queue.
 */
final class LocksSection implements Section {
  /** Where format 1 has a name, which is never empty. */
  private static final int AFTER_FORMAT_1 = 0;

  /** Delays are there from this format on. */
  private static final int FORMAT_OF_DELAYS = 16;

  @Override
  public int id() {
    return 3;
  }

  @Override
  public String title() {
    return "locks";
  }

  /** A power of two: one altered bit makes none of another, which may be written alike. */
  @Override
  public int format() {
    return 16;
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
    MapCursor<LockName, Lock> locks = state.locks().cursor();
    for (Lock lock = locks.nextValue(); lock != null; lock = locks.nextValue()) {
      writeLock(out.begin(), lock);
      out.end();
      MapCursor<TicketId, Grant> grants = lock.grants().cursor();
      for (Grant grant = grants.nextValue(); grant != null; grant = grants.nextValue()) {
        writeGrant(out.begin(), lock.name(), grant);
        out.end();
      }
      MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
      for (Waiter waiter = queue.nextValue(); waiter != null; waiter = queue.nextValue()) {
        writeWaiter(out.begin(), waiter);
        out.end();
      }
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    if (Integer.bitCount(format) != 1) {
      throw new Malformed("nobody writes format " + format);
    }
    long servers = Fields.readCount(in);
    for (long i = 0; i < servers; i++) {
      ByteReader item = in.next();
      state.locks.addServer(FieldCodec.server(item), Fields.number(item));
      item.end();
    }
    long locks = Fields.readCount(in);
    for (long i = 0; i < locks; i++) {
      state.locks.add(readLock(in, format), state.leases);
    }
  }

  private static void writeLock(ByteWriter out, Lock lock) {
    FieldCodec.write(out.u8(AFTER_FORMAT_1), lock.name());
    out.varint(lock.grants().size());
    out.varint(lock.past().size());
    for (PastGrant past : lock.past()) {
      FieldCodec.write(out.varint(past.token()), past.lease());
      out.u8(past.mode().code()).text(past.owner()).u8(past.end().code()).bool(past.joint());
      out.varint(past.sinceMillis()).varint(past.endedMillis());
      if (past.end() == GrantEnd.FORCED) {
        out.text(past.reason());
      }
    }
    out.varint(lock.queue().size());
    if (lock.grants().isEmpty() && lock.queue().isEmpty()) {
      out.varint(lock.idleSinceMillis());
    }
    out.varint(lock.opensMillis());
  }

  private static void writeGrant(ByteWriter out, LockName lock, Grant grant) {
    FieldCodec.write(out, grant.ticket());
    out.text(grant.owner());
    FieldCodec.write(out, grant.lease());
    out.varint(grant.token()).varint(grant.sinceMillis());
    out.u8(grant.mode().code()).bytes(grant.value()).bool(grant.joint());
    if (lock.kind() == LockKind.SEMAPHORE) {
      FieldCodec.write(out, grant.permits());
    }
    out.varint(grant.delayMillis());
  }

  private static Lock readLock(ItemReader in, int format) throws IOException {
    ByteReader item = in.next();
    Bytes first = item.bytes();
    boolean format1 = !first.isEmpty();
    LockName name = format1 ? LockName.lock(first) : FieldCodec.lockName(item);
    Fields.checkName(name.text());
    // Format 1 has at most one grant, here; later ones as many as are told, each after this.
    Grants grants = Grants.NONE;
    long holders = 0;
    if (!format1) {
      holders = Fields.number(item);
    } else if (item.bool()) {
      grants = grants.with(readGrant(item, name, format, true));
    }
    List<PastGrant> past = new ArrayList<>();
    int pastGrants = FieldCodec.count(item, Lock.PAST_MAX);
    for (int i = 0; i < pastGrants; i++) {
      past.add(readPast(item, format1));
    }
    long waiters = Fields.number(item);
    boolean unused = grants.isEmpty() && holders == 0 && waiters == 0;
    long idleSince = unused ? Fields.number(item) : 0;
    long opens = format < FORMAT_OF_DELAYS ? 0 : Fields.number(item);
    item.end();
    for (long i = 0; i < holders; i++) {
      grants = with(grants, name, format, in.next());
    }
    Lock lock = new Lock(name, grants, Queue.EMPTY, past, idleSince, opens);
    Waiter last = null;
    for (long i = 0; i < waiters; i++) {
      Waiter waiter = readWaiter(in.next(), format, name);
      if (last != null && Queue.ORDER.compare(last, waiter) >= 0) {
        throw new Malformed("a queue is not in its order");
      }
      last = waiter;
      lock = lock.withWaiter(waiter);
    }
    return lock;
  }

  private static Grants with(Grants before, LockName lock, int format, ByteReader in) {
    Grant grant = readGrant(in, lock, format, false);
    in.end();
    if (!before.isEmpty() && (before.exclusive() || grant.mode() == LockMode.EXCLUSIVE)) {
      throw new Malformed("an exclusive holder is not alone");
    }
    Permits permits = grant.permits();
    Grant other = before.latest();
    if (before.permits() + permits.count() > permits.limit()
        || other != null && other.permits().limit() != permits.limit()) {
      throw new Malformed("more permits are held than there are");
    }
    return before.with(grant);
  }

  private static Grant readGrant(ByteReader in, LockName lock, int format, boolean format1) {
    TicketId ticket = FieldCodec.ticketId(in);
    String owner = FieldCodec.text(in);
    LeaseId lease = FieldCodec.leaseId(in);
    long token = Fields.number(in);
    long since = Fields.number(in);
    LockMode mode = format1 ? LockMode.EXCLUSIVE : FieldCodec.lockMode(in);
    Bytes value = format1 ? Bytes.EMPTY : in.bytes();
    boolean joint = !format1 && in.bool();
    Permits permits = lock.kind() == LockKind.SEMAPHORE ? FieldCodec.permits(in) : Permits.NONE;
    long delay = format < FORMAT_OF_DELAYS ? 0 : Fields.number(in);
    return new Grant(ticket, mode, owner, lease, value, token, joint, since, permits, delay);
  }

  private static PastGrant readPast(ByteReader in, boolean format1) {
    long token = Fields.number(in);
    LeaseId lease = FieldCodec.leaseId(in);
    if (format1) {
      GrantEnd end = in.bool() ? GrantEnd.EXPIRED : GrantEnd.RELEASED;
      return new PastGrant(token, lease, LockMode.EXCLUSIVE, "", end, false, 0, 0, "");
    }
    LockMode mode = FieldCodec.lockMode(in);
    String owner = FieldCodec.text(in);
    GrantEnd end = end(in.u8());
    boolean joint = in.bool();
    long since = Fields.number(in);
    long ended = Fields.number(in);
    // Before format 4 nothing was taken away.
    String reason = end == GrantEnd.FORCED ? FieldCodec.text(in) : "";
    return new PastGrant(token, lease, mode, owner, end, joint, since, ended, reason);
  }

  private static GrantEnd end(int code) {
    for (GrantEnd end : GrantEnd.values()) {
      if (end.code() == code) {
        return end;
      }
    }
    throw new Malformed("unknown end of a grant " + code);
  }

  private static void writeWaiter(ByteWriter out, Waiter waiter) {
    FieldCodec.write(out, waiter.ticket());
    out.text(waiter.owner());
    FieldCodec.write(out, waiter.holder());
    out.varint(waiter.sinceMillis()).varint(waiter.deadlineMillis());
    FieldCodec.write(out, waiter.server());
    out.bool(waiter.keepPlace()).u8(waiter.mode().code()).varint(waiter.queueTtlMillis());
    FieldCodec.write(out, waiter.lock().kind(), waiter.bid());
    out.varint(waiter.delayMillis());
  }

  private static Waiter readWaiter(ByteReader in, int format, LockName lock) {
    TicketId ticket = FieldCodec.ticketId(in);
    String owner = FieldCodec.text(in);
    Holder holder = FieldCodec.holder(in);
    long since = Fields.number(in);
    long deadline = Fields.number(in);
    Server server = FieldCodec.server(in);
    boolean keepPlace = in.bool();
    // Format 1 has only exclusive locks whose places are not polled.
    boolean more = in.remaining() > 0;
    LockMode mode = more ? FieldCodec.lockMode(in) : LockMode.EXCLUSIVE;
    long queueTtl = more ? Fields.number(in) : 0;
    Bid bid = more ? FieldCodec.bid(in, lock.kind()) : Bid.NONE;
    long delay = format < FORMAT_OF_DELAYS ? 0 : Fields.number(in);
    in.end();
    return new Waiter(
        ticket, lock, mode, owner, holder, bid, since, deadline, server, keepPlace, queueTtl,
        delay);
  }
}
