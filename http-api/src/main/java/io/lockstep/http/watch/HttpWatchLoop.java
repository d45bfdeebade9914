package io.lockstep.http.watch;

import io.lockstep.http.server.HttpLoop;
import io.lockstep.http.server.LoopTask;
import java.util.function.LongConsumer;

/** An event loop of the HTTP server, with a hub's turn in its inbox. */
public final class HttpWatchLoop implements WatchLoop {
  private final HttpLoop loop;
  private Runnable hubsTurn = () -> {};
  private final LoopTask task =
      new LoopTask() {
        @Override
        protected void run() {
          hubsTurn.run();
        }
      };

  public HttpWatchLoop(HttpLoop loop) {
    this.loop = loop;
  }

  @Override
  public void attach(Runnable turn, LongConsumer sweep, Runnable closing) {
    hubsTurn = turn;
    loop.onSweep(sweep);
    loop.onClosing(closing);
  }

  @Override
  public void wake() {
    loop.post(task);
  }
}
