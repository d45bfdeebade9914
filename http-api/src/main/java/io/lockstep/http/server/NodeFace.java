package io.lockstep.http.server;

/** What every answer says about the node that gives it. Callable from any thread. */
public interface NodeFace {
  /** The serving node's id. */
  String node();

  /** The id of the leader that it knows, {@code none} while it knows none. */
  String leader();

  /** The revision of its published state. */
  long revision();

  /** The moment, on the node's monotonic clock. */
  long nanoTime();
}
