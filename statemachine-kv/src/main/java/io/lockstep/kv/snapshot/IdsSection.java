package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.id.Beginnings;
import io.lockstep.kv.id.Sequence;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The sequences and then the fences, both by name; then where the numbers of other names begin,
 * which format 1 has not: it knows of no epoch but the first.
 */
final class IdsSection implements Section {
  @Override
  public int id() {
    return 7;
  }

  @Override
  public String title() {
    return "sequences and fences";
  }

  @Override
  public int format() {
    return 2;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    Fields.writeCount(out, state.ids().sequenceCount());
    var sequences = state.ids().sequences();
    for (var next = sequences.next(); next != null; next = sequences.next()) {
      Sequence sequence = next.value();
      ByteWriter item = out.begin().bytes(next.key()).varint(sequence.next());
      item.i64(sequence.owner()).varint(sequence.since()).varint(sequence.stampEnd());
      out.end();
    }
    Fields.writeCount(out, state.ids().fenceCount());
    var fences = state.ids().fences();
    for (var next = fences.next(); next != null; next = fences.next()) {
      out.begin().bytes(next.key()).varint(next.value());
      out.end();
    }
    Beginnings beginnings = state.ids().beginnings();
    ByteWriter item = out.begin().varint(beginnings.firstId()).varint(beginnings.firstStamp());
    item.varint(beginnings.fence());
    out.end();
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    long sequences = Fields.readCount(in);
    Bytes last = null;
    for (long i = 0; i < sequences; i++) {
      ByteReader item = in.next();
      last = after(last, Fields.name(item));
      Sequence sequence =
          new Sequence(Fields.number(item), item.i64(), Fields.number(item), Fields.number(item));
      item.end();
      state.ids = state.ids.with(last, sequence);
    }
    long fences = Fields.readCount(in);
    last = null;
    for (long i = 0; i < fences; i++) {
      ByteReader item = in.next();
      last = after(last, Fields.name(item));
      state.ids = state.ids.withFence(last, Fields.number(item));
      item.end();
    }
    if (format > 1) {
      ByteReader item = in.next();
      state.ids = state.ids.withBeginnings(beginnings(item));
      item.end();
    }
  }

  private static Beginnings beginnings(ByteReader in) {
    long firstId = FieldCodec.number(in, Sequence.END);
    long firstStamp = FieldCodec.number(in, Sequence.END);
    long fence = Fields.number(in);
    if (firstId == 0 || firstStamp == 0) {
      throw new Malformed("there is no number 0");
    }
    return new Beginnings(firstId, firstStamp, fence);
  }

  private static Bytes after(@Nullable Bytes last, Bytes name) {
    if (last != null && last.compareTo(name) >= 0) {
      throw new Malformed("names do not ascend");
    }
    return name;
  }
}
