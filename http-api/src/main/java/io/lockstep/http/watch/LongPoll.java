package io.lockstep.http.watch;

import io.lockstep.http.error.Problems;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.LocalState;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import io.vertx.core.Vertx;

/**
 * One question for the next change, answered once: when something selected has changed, or when its
 * time has passed. Between publishes that concern others it costs nothing. Owned by its hub's loop.
 */
public final class LongPoll implements Watcher {
  private static final int STEP_BYTES = 64 << 10;
  private static final long NO_TIMER = -1;

  /** What is answered in the end: one of these is called, once. */
  public interface Ending {
    /** Something selected has changed; {@code state} shows what it is like now. */
    void changed(Exchange exchange, LocalState state);

    /** Nothing selected has changed up to the revision of {@code state}. */
    void unchanged(Exchange exchange, LocalState state);

    /** It cannot be told: what is to be looked at is not remembered any more. */
    void forgotten(Exchange exchange, LocalState state);
  }

  private final WatchHub hub;
  private final Exchange exchange;
  private final WatchCursor cursor;
  private final Ending ending;
  private boolean idle;
  private boolean passed;
  private boolean ended;
  private long timer = NO_TIMER;

  LongPoll(WatchHub hub, Exchange exchange, Selection selection, long after, Ending ending) {
    this.hub = hub;
    this.exchange = exchange;
    this.cursor = new WatchCursor(selection, after);
    this.ending = ending;
  }

  /** Begins to wait, at most {@code waitMillis}: 0 for a look at what there is. */
  void start(long waitMillis) {
    exchange.whenGone(this::end);
    if (exchange.loop().closing()) {
      goodbye(hub.position());
      return;
    }
    if (waitMillis == 0) {
      passed = true;
    } else {
      timer = vertx().setTimer(waitMillis, id -> timePassed());
    }
    hub.ready(this);
  }

  @Override
  public Selection selection() {
    return cursor.selection();
  }

  @Override
  public void concerned(long hubPosition) {
    if (idle) {
      cursor.skipTo(hubPosition);
      lookYourself();
    }
  }

  @Override
  public void lookYourself() {
    if (idle) {
      idle = false;
      hub.ready(this);
    }
  }

  @Override
  public int serve(KvView view) {
    if (ended) {
      return 0;
    }
    // As new as the view that it is served with or newer, and its age is known.
    LocalState state = hub.local();
    switch (cursor.next(state.view().events(), STEP_BYTES)) {
      case WatchStep.Gap gap -> finish(() -> ending.forgotten(exchange, state));
      case WatchStep.Changes changes -> {
        if (!changes.frames().isEmpty()) {
          finish(() -> ending.changed(exchange, state));
        } else if (changes.more()) {
          hub.ready(this);
        } else if (passed) {
          finish(() -> ending.unchanged(exchange, state));
        } else {
          idle = true;
        }
      }
    }
    return 0;
  }

  private void timePassed() {
    timer = NO_TIMER;
    passed = true;
    if (idle) {
      concerned(hub.position());
    }
  }

  /** It has a timer of its own. */
  @Override
  public void sweep(long nowNanos, long hubPosition, long quietNanos) {}

  @Override
  public void goodbye(long hubPosition) {
    if (!ended) {
      finish(() -> exchange.problem(Problems.of(Refusal.SHUTTING_DOWN)));
    }
  }

  @Override
  public void diverged() {
    if (!ended) {
      finish(() -> exchange.problem(Problems.of(Refusal.DIVERGED)));
    }
  }

  private void finish(Runnable answer) {
    end();
    exchange.run(answer);
  }

  private void end() {
    ended = true;
    hub.remove(this);
    if (timer != NO_TIMER) {
      vertx().cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  private Vertx vertx() {
    return exchange.loop().context().owner();
  }
}
