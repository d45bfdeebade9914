package io.lockstep.raft.journal;

import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A mark in memory, which outlives processes. */
public final class MemoryRepairs implements RepairStore {
  public @Nullable Repair begun;
  boolean fails;

  @Override
  public @Nullable Repair load() {
    return begun;
  }

  @Override
  public void begin(Repair repair) throws IOException {
    if (fails) {
      throw new IOException("Input/output error");
    }
    begun = repair;
  }

  @Override
  public void end() {
    begun = null;
  }
}
