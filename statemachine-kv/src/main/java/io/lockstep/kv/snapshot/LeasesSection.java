package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lease.LeaseTable.Ended;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.List;

/**
 * The leases that run, with their deadlines, in the order of their ids; then the ends that are
 * remembered, in their order. What a lease holds is told by keys and locks.
 */
final class LeasesSection implements Section {
  @Override
  public int id() {
    return 2;
  }

  @Override
  public String title() {
    return "leases";
  }

  @Override
  public int format() {
    return 2;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    Fields.writeCount(out, state.leases().size());
    MapCursor<?, Lease> running = state.leases().running();
    for (Lease lease = running.nextValue(); lease != null; lease = running.nextValue()) {
      ByteWriter item = out.begin();
      FieldCodec.write(item, lease.id());
      item.varint(lease.ttlMillis()).varint(lease.deadlineMillis()).u8(lease.kind().code());
      FieldCodec.write(item, lease.labels());
      out.end();
    }
    Fields.writeCount(out, state.leases().ended().size());
    for (Ended end : state.leases().ended()) {
      ByteWriter item = out.begin();
      FieldCodec.write(item, end.id());
      item.varint(end.order()).varint(end.revision());
      out.end();
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    long running = Fields.readCount(in);
    for (long i = 0; i < running; i++) {
      ByteReader item = in.next();
      LeaseId id = FieldCodec.leaseId(item);
      long ttlMillis = Fields.number(item);
      long deadlineMillis = Fields.number(item);
      LeaseKind kind = kind(item.u8());
      // Format 1 has no labels, and nothing in their place.
      List<Label> labels = item.remaining() == 0 ? List.of() : FieldCodec.labels(item);
      state.leases.add(id, ttlMillis, deadlineMillis, kind, labels);
      item.end();
    }
    long ended = Fields.readCount(in);
    for (long i = 0; i < ended; i++) {
      ByteReader item = in.next();
      state.leases.addEnd(
          new Ended(FieldCodec.leaseId(item), Fields.number(item), Fields.number(item)));
      item.end();
    }
  }

  private static LeaseKind kind(int code) {
    for (LeaseKind kind : LeaseKind.values()) {
      if (kind.code() == code) {
        return kind;
      }
    }
    throw new Malformed("unknown kind of lease " + code);
  }
}
