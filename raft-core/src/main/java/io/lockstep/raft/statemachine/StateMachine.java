package io.lockstep.raft.statemachine;

import io.lockstep.raft.Entry;
import java.io.IOException;

/**
 * The deterministic function that the log feeds. Called by one thread only, with every committed
 * entry in index order: from index 1, or from the one after a snapshot that was restored.
 *
 * @param <R> what a command's proposer gets back
 */
public interface StateMachine<R> {
  /**
   * Applies one entry. A pure function of the entries so far: no clock, chance, host or node
   * option. For an entry without command the result is meaningless and dropped.
   */
  R apply(Entry entry);

  /**
   * The earliest cluster time after which something falls due; {@link Long#MAX_VALUE} when nothing
   * can.
   */
  long nextDueMillis();

  /**
   * Makes all that was applied visible to readers, in one step. Called after each batch, before its
   * results go out.
   */
  void publish();

  /** All state after the last entry that was applied. O(1). */
  StateSnapshot snapshot();

  /** The hash of all state after the last entry that was applied. O(1): it is computed later. */
  StateHash hash();

  /**
   * Replaces all state by the one in {@code chunks}, which become visible by the next {@link
   * #publish}. The next entry to be applied is the one after the snapshot's.
   *
   * @throws UnreadableSnapshotException for chunks that no {@link StateSnapshot} of a known format
   *     has written; the state is unchanged then, as after any exception of the source
   */
  void restore(ChunkSource chunks) throws IOException;
}
