package io.lockstep.raft.statemachine;

import io.lockstep.raft.Entry;

/**
 * The deterministic function that the log feeds. Called by one thread only, with every committed
 * entry in index order, from index 1 in each life of the process (until snapshots shorten that).
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
}
