package io.lockstep.raft.sim;

import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.JournalOptions;
import io.lockstep.raft.journal.RepairPolicy;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.SegmentedJournal;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;

/** Opens the journal of a simulated node: the real one, on a simulated disk, in small segments. */
final class SimLogs {
  private static final int SEGMENT_BYTES = JournalOptions.BLOCK_BYTES_MIN;
  private static final int RECORD_BYTES_MAX = 8 << 10;

  private SimLogs() {}

  static Bytes owner(SimNode<?> node) {
    return Bytes.utf8(node.id().text());
  }

  static JournalOptions options(Bytes owner, boolean mayBeNew) {
    return new JournalOptions(owner, SEGMENT_BYTES, SEGMENT_BYTES, RECORD_BYTES_MAX, mayBeNew);
  }

  static LogStore open(
      SimNode<?> node,
      SegmentStore segments,
      VirtualLoop background,
      RepairStore repairs,
      RepairPolicy policy)
      throws IOException {
    SimDisk disk = node.disk();
    JournalOptions options = options(owner(node), !disk.wasUsed());
    LogStore journal =
        SegmentedJournal.openRepaired(
            segments, options, background::execute, node.clock()::nanoTime, repairs, policy);
    disk.used();
    return journal;
  }
}
