package io.lockstep.raft.journal;

import java.util.Random;

class MemoryLogRepairTest extends LogRepairContract {
  @Override
  protected JournalDisk newDisk() {
    return new MemoryDisk(new Random(1));
  }

  @Override
  protected int flips() {
    return 300;
  }
}
