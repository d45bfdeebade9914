package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.LimitsCodec;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;

/** The limits that apply consults. */
final class LimitsSection implements Section {
  @Override
  public int id() {
    return 1;
  }

  @Override
  public String title() {
    return "limits";
  }

  @Override
  public int format() {
    return 1;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    LimitsCodec.write(out.begin(), state.limits());
    out.end();
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    ByteReader item = in.next();
    state.limits = LimitsCodec.read(item);
    item.end();
  }
}
