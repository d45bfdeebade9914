package io.lockstep.raft.node;

import io.lockstep.raft.HardState;
import io.lockstep.raft.storage.HardStateStore;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A hard state whose disk is a field. */
final class MemoryHardState implements HardStateStore {
  private final List<String> trace;
  private HardState saved = HardState.INITIAL;
  @Nullable IOException failure;

  /** What happens elsewhere while it is saved. */
  Runnable duringSave = () -> {};

  MemoryHardState(List<String> trace) {
    this.trace = trace;
  }

  static MemoryHardState of(HardState state, List<String> trace) {
    MemoryHardState store = new MemoryHardState(trace);
    store.saved = state;
    return store;
  }

  @Override
  public HardState load() {
    return saved;
  }

  @Override
  public void save(HardState hardState) throws IOException {
    trace.add("save " + hardState.term());
    duringSave.run();
    if (failure != null) {
      throw failure;
    }
    saved = hardState;
  }
}
