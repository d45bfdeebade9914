package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.id.WorkerPool;
import io.lockstep.kv.id.WorkerPool.Slot;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;

/** The pools of worker ids, by name, each with its numbers from 0 on. */
final class WorkersSection implements Section {
  @Override
  public int id() {
    return 8;
  }

  @Override
  public String title() {
    return "worker ids";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    Fields.writeCount(out, state.workers().size());
    var pools = state.workers().pools();
    for (var next = pools.next(); next != null; next = pools.next()) {
      WorkerPool pool = next.value();
      out.begin().bytes(next.key()).u8(pool.bits()).varint(pool.slots().size());
      out.end();
      var slots = pool.slots().cursor();
      for (Slot slot = slots.nextValue(); slot != null; slot = slots.nextValue()) {
        ByteWriter item = out.begin();
        Fields.write(item, slot.lease());
        item.varint(slot.highMillis()).varint(slot.sinceMillis());
        item.varint(slot.restsUntilMillis());
        out.end();
      }
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    long pools = Fields.readCount(in);
    Bytes last = null;
    for (long i = 0; i < pools; i++) {
      ByteReader head = in.next();
      Bytes name = Fields.name(head);
      int bits = head.u8();
      long count = Fields.number(head);
      head.end();
      if (last != null && last.compareTo(name) >= 0) {
        throw new Malformed("the names of pools do not ascend");
      }
      if (bits < 1 || bits > WorkerPool.BITS_MAX || count < 1 || count > 1L << bits) {
        throw new Malformed(count + " numbers in a pool of " + bits + " bits");
      }
      last = name;
      for (int number = 0; number < count; number++) {
        ByteReader item = in.next();
        Slot slot = slot(item, state);
        item.end();
        state.workers = state.workers.put(name, state.workers.pool(name, bits), number, slot);
      }
    }
  }

  private static Slot slot(ByteReader in, RestoredState state) {
    LeaseId lease = in.bool() ? FieldCodec.leaseId(in) : null;
    Slot slot = new Slot(lease, Fields.number(in), Fields.number(in), Fields.number(in));
    if (lease != null) {
      state.leases.demand(lease);
      if (slot.restsUntilMillis() > 0 || state.workers.heldBy(lease) != null) {
        throw new Malformed("a lease holds a number that rests, or two");
      }
    }
    return slot;
  }
}
