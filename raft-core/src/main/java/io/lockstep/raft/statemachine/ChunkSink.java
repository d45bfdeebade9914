package io.lockstep.raft.statemachine;

import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;

/** Takes the chunks of a state, in order. Owned by one thread. */
@FunctionalInterface
public interface ChunkSink {
  /** No chunk is longer. */
  int CHUNK_BYTES_MAX = 1 << 20;

  /** Takes the next chunk: 1 to {@link #CHUNK_BYTES_MAX} bytes. */
  void put(Bytes chunk) throws IOException;
}
