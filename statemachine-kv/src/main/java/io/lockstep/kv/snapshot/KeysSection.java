package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;

/** All keys as they were at the oldest revision that is remembered, in key order. */
final class KeysSection implements Section {
  @Override
  public int id() {
    return 5;
  }

  @Override
  public String title() {
    return "keys";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    KeySpace oldest = state.log().at(state.log().compacted() + 1).keys();
    Fields.writeCount(out, oldest.size());
    MapCursor<?, KeyRecord> keys = oldest.cursor();
    for (KeyRecord record = keys.nextValue(); record != null; record = keys.nextValue()) {
      Fields.write(out.begin(), record);
      out.end();
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    KeySpace.Builder keys = new KeySpace.Builder();
    long count = Fields.readCount(in);
    for (long i = 0; i < count; i++) {
      ByteReader item = in.next();
      keys.add(Fields.record(item));
      item.end();
    }
    state.oldestKeys = keys.build();
  }
}
