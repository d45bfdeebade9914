package io.lockstep.raft.storage;

import io.lockstep.raft.HardState;
import java.io.IOException;

/**
 * The durable term and vote. Owned by the log thread. After an {@link IOException} the node stops.
 */
public interface HardStateStore {
  /**
   * What was last saved, {@link HardState#INITIAL} in a store that was made new. A damaged store
   * throws.
   */
  HardState load() throws IOException;

  /** Returns when {@code hardState} survives a power cut. */
  void save(HardState hardState) throws IOException;
}
