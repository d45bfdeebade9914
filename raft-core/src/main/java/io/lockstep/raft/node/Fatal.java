package io.lockstep.raft.node;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one way down: the first failure of any part is reported, later ones follow from it. Callable
 * from any thread. A failed force is never tried again, so nothing leads back from here.
 */
final class Fatal {
  private final FatalHandler handler;
  private final Runnable afterwards;
  private final AtomicBoolean fired = new AtomicBoolean();

  /**
   * Nothing has failed yet.
   *
   * @param afterwards called after the handler, should it return
   */
  Fatal(FatalHandler handler, Runnable afterwards) {
    this.handler = handler;
    this.afterwards = afterwards;
  }

  void fail(String where, Throwable cause) {
    if (fired.compareAndSet(false, true)) {
      handler.fatal(where, cause);
      afterwards.run();
    }
  }

  /** Whether the node has failed: then nothing is acknowledged any more. */
  boolean fired() {
    return fired.get();
  }
}
