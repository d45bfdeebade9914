package io.lockstep.raft.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node is under repair, durably. Owned by the log thread. After an {@link IOException}
 * the node stops.
 */
public interface RepairStore {
  /** The repair that has begun and not ended; null for a node that has lost nothing. */
  @Nullable Repair load() throws IOException;

  /** Returns when {@code repair} survives a power cut. Called before the log is cut. */
  void begin(Repair repair) throws IOException;

  /**
   * Returns when it is durable that the node has again all that it may have acknowledged. Called
   * only when those entries are durable.
   */
  void end() throws IOException;
}
