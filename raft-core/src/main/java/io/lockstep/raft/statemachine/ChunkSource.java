package io.lockstep.raft.statemachine;

import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Gives the chunks of a state, in order, as a {@link ChunkSink} took them. Owned by one thread. */
@FunctionalInterface
public interface ChunkSource {
  /** The next chunk; null at the end, and only when all before it was whole. */
  @Nullable Bytes next() throws IOException;
}
