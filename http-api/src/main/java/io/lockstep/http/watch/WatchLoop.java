package io.lockstep.http.watch;

import java.util.function.LongConsumer;

/** The thread that a {@link WatchHub} and its watchers live on. */
public interface WatchLoop {
  /**
   * Says what is to run here; called once, by the hub.
   *
   * @param turn after each {@link #wake}
   * @param sweep a few times a second, with the time
   * @param closing when this node begins to stop
   */
  void attach(Runnable turn, LongConsumer sweep, Runnable closing);

  /** Has the turn run soon. Callable from any thread; again only when that turn has begun. */
  void wake();
}
