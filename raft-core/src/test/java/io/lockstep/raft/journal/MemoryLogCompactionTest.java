package io.lockstep.raft.journal;

import java.util.Random;

class MemoryLogCompactionTest extends LogCompactionContract {
  @Override
  protected JournalDisk newDisk() {
    return new MemoryDisk(new Random(1));
  }
}
