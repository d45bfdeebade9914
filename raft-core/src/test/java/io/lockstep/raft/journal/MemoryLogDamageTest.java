package io.lockstep.raft.journal;

import java.util.Random;

class MemoryLogDamageTest extends LogDamageContract {
  @Override
  protected JournalDisk newDisk() {
    return new MemoryDisk(new Random(1));
  }
}
