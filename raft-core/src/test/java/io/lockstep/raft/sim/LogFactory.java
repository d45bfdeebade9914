package io.lockstep.raft.sim;

import io.lockstep.raft.journal.RepairPolicy;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;

/** Opens the log of a node and recovers what is in it, repaired if that is allowed. */
@FunctionalInterface
interface LogFactory {
  LogStore open(
      SimNode<?> node,
      SegmentStore segments,
      VirtualLoop background,
      RepairStore repairs,
      RepairPolicy policy)
      throws IOException;
}
