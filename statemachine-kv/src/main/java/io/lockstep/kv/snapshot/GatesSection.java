package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.gate.Latch;
import io.lockstep.kv.gate.Once;
import io.lockstep.kv.gate.Once.Claimed;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The latches by name, each with those who arrived; then work once a period by name, each with the
 * claims by period and with what was done by token.
 */
final class GatesSection implements Section {
  @Override
  public int id() {
    return 9;
  }

  @Override
  public String title() {
    return "latches and work once a period";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    Fields.writeCount(out, state.gates().latchCount());
    var latches = state.gates().latches();
    for (var next = latches.next(); next != null; next = latches.next()) {
      Latch latch = next.value();
      out.begin().bytes(next.key()).varint(latch.parties()).varint(latch.arrived().size());
      out.end();
      var ids = latch.arrived().cursor();
      for (Bytes id = ids.nextKey(); id != null; id = ids.nextKey()) {
        out.begin().bytes(id);
        out.end();
      }
    }
    Fields.writeCount(out, state.gates().onceCount());
    var onces = state.gates().onces();
    for (var next = onces.next(); next != null; next = onces.next()) {
      write(next.key(), next.value(), out);
    }
  }

  private static void write(Bytes name, Once once, ItemWriter out) throws IOException {
    out.begin().bytes(name).varint(once.running().size()).varint(once.done().size());
    out.end();
    var claims = once.running().cursor();
    for (var next = claims.next(); next != null; next = claims.next()) {
      ByteWriter item = out.begin().bytes(next.key()).varint(next.value().token());
      FieldCodec.write(item, next.value().lease());
      out.end();
    }
    var done = once.doneTokens().cursor();
    for (var next = done.next(); next != null; next = done.next()) {
      out.begin().varint(next.key()).bytes(next.value());
      out.end();
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    long latches = Fields.readCount(in);
    Bytes last = null;
    for (long i = 0; i < latches; i++) {
      last = readLatch(in, state, last);
    }
    long onces = Fields.readCount(in);
    last = null;
    for (long i = 0; i < onces; i++) {
      last = readOnce(in, state, last);
    }
  }

  private static Bytes readLatch(ItemReader in, RestoredState state, @Nullable Bytes last)
      throws IOException {
    ByteReader head = in.next();
    Bytes name = after(last, Fields.name(head));
    long parties = FieldCodec.number(head, Latch.PARTIES_MAX);
    long arrived = Fields.number(head);
    head.end();
    if (parties == 0 || arrived == 0 || arrived > parties) {
      throw new Malformed(arrived + " have arrived where " + parties + " are waited for");
    }
    Bytes lastId = null;
    Latch latch = Latch.closed((int) parties);
    for (long i = 0; i < arrived; i++) {
      ByteReader item = in.next();
      lastId = after(lastId, FieldCodec.bytes(item, Latch.ID_BYTES_MAX));
      item.end();
      state.gates = state.gates.arrived(name, latch, lastId);
      latch = latch.with(lastId);
    }
    return name;
  }

  private static Bytes readOnce(ItemReader in, RestoredState state, @Nullable Bytes last)
      throws IOException {
    ByteReader head = in.next();
    Bytes name = after(last, Fields.name(head));
    long running = Fields.number(head);
    long done = Fields.number(head);
    head.end();
    if (running == 0 && done == 0 || done > Once.DONE_MAX) {
      throw new Malformed("work of no period, or of more than are remembered");
    }
    Bytes period = null;
    for (long i = 0; i < running; i++) {
      ByteReader item = in.next();
      period = after(period, FieldCodec.bytes(item, Once.PERIOD_BYTES_MAX));
      Claimed claim = new Claimed(Fields.number(item), FieldCodec.leaseId(item));
      item.end();
      LeaseId lease = claim.lease();
      state.leases.demand(lease);
      boolean taken = state.gates.once(name).runningUnder(claim.token()) != null;
      if (taken || state.gates.workOf(lease) != null) {
        throw new Malformed("two claims of one token or lease");
      }
      state.gates = state.gates.claimed(name, period, claim);
    }
    long token = -1;
    for (long i = 0; i < done; i++) {
      ByteReader item = in.next();
      long next = Fields.number(item);
      Bytes finished = FieldCodec.bytes(item, Once.PERIOD_BYTES_MAX);
      item.end();
      Once once = state.gates.once(name);
      if (next <= token || once.done().contains(finished) || once.running().contains(finished)) {
        throw new Malformed("a period is done twice, or out of order");
      }
      token = next;
      state.gates = state.gates.finished(name, finished, token);
    }
    return name;
  }

  private static Bytes after(@Nullable Bytes last, Bytes name) {
    if (last != null && last.compareTo(name) >= 0) {
      throw new Malformed("names do not ascend");
    }
    return name;
  }
}
