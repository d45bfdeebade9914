package io.lockstep.raft.sim;

/**
 * The callers of a run: they use the cluster, remember what they heard, and judge it.
 *
 * @param <R> the state machine's result
 */
public interface Workload<R> {
  void start();

  /** More calls at once than {@code node} takes. */
  void flood(SimNode<R> node);

  /** No new calls from now on. */
  void stop();

  /** Grows with each write that was answered: what the liveness phase demands. */
  long progress();

  /** Calls answered so far. */
  long operations();

  /** Whether all nodes have reached the same state. */
  boolean settled();

  /** Judges the whole history, once all nodes have settled. */
  void checkEnd();

  /** Makes the callers of a cluster. */
  @FunctionalInterface
  interface Factory<R> {
    Workload<R> create(SimCluster<R> cluster);
  }
}
