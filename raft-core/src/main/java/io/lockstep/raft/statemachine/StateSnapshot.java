package io.lockstep.raft.statemachine;

import java.io.IOException;

/**
 * All state as it was after one entry, to be written out while later entries are applied. Immutable
 * and cheap to hold: it shares what did not change with the states after it.
 */
public interface StateSnapshot {
  /**
   * Writes the whole state, in an order that depends on nothing but the state: two replicas at one
   * index give the same chunks, byte for byte, however each came there. Any thread may call it, any
   * number of times; it never holds more than a chunk or one large item.
   */
  void writeTo(ChunkSink sink) throws IOException;
}
