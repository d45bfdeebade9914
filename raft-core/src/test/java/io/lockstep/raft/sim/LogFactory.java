package io.lockstep.raft.sim;

import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;

/** Opens the log of a node and recovers what is in it. */
@FunctionalInterface
interface LogFactory {
  LogStore open(SimNode<?> node, SegmentStore segments, VirtualLoop background) throws IOException;
}
