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

  static LogStore open(
      SimNode<?> node,
      SegmentStore segments,
      VirtualLoop background,
      RepairStore repairs,
      RepairPolicy policy)
      throws IOException {
    SimDisk disk = node.disk();
    JournalOptions options =
        new JournalOptions(
            Bytes.utf8(node.id().text()),
            SEGMENT_BYTES,
            SEGMENT_BYTES,
            RECORD_BYTES_MAX,
            !disk.wasUsed());
    LogStore journal =
        SegmentedJournal.openRepaired(
            segments, options, background::execute, node.clock()::nanoTime, repairs, policy);
    disk.used();
    return journal;
  }
}
