package io.lockstep.raft.storage;

import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSink;
import java.io.IOException;

/**
 * Takes in the chunks of a snapshot from another member, into a file that is not a snapshot yet.
 * Owned by one thread. After an exception only {@link #abort} may be called.
 */
public interface SnapshotSink extends ChunkSink {
  @Override
  void put(Bytes chunk) throws IOException;

  /**
   * Ends the snapshot: reads it again, checks it against its digest, and forces it. Then {@link
   * SnapshotStore#install} may make it the newest. Whoever calls this knows that all chunks came.
   */
  void finish() throws IOException;

  /** Gives up, and leaves nothing behind. Does nothing after {@link #finish}. */
  void abort() throws IOException;
}
