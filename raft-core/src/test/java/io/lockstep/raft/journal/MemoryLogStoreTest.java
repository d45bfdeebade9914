package io.lockstep.raft.journal;

import java.util.Random;

class MemoryLogStoreTest extends LogStoreContract {
  @Override
  protected JournalDisk newDisk() {
    return new MemoryDisk(new Random(1));
  }

  @Override
  protected int seeds() {
    return 200;
  }
}
