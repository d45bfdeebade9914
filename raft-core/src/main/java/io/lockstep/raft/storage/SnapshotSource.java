package io.lockstep.raft.storage;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A stored snapshot that is being read. Owned by one thread. */
public interface SnapshotSource extends ChunkSource, AutoCloseable {
  /** What the snapshot stands for. */
  SnapshotMeta meta();

  /**
   * The next chunk of the state, each checked; null at the end, after the digest of the whole was
   * checked too.
   *
   * @throws UnreadableSnapshotException for damage; the message names the file and says what to do
   */
  @Override
  @Nullable Bytes next() throws IOException;

  @Override
  void close() throws IOException;
}
