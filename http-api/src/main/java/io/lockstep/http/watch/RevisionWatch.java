package io.lockstep.http.watch;

import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;

/** A watch whose changes are told in a foreign form. Owned by its hub's loop. */
public final class RevisionWatch implements Watcher {
  private static final int STEP_BYTES = 64 << 10;

  private enum Phase {
    /** Everything was told; the hub's position is its own. */
    IDLE,
    /** There is, or may be, something to be told. */
    READY,
    /** The sink is full. */
    PARKED,
    /** Over. */
    ENDED
  }

  private final WatchHub hub;
  private final WatchCursor cursor;
  private final RevisionSink sink;
  private Phase phase = Phase.READY;

  RevisionWatch(WatchHub hub, Selection selection, long after, RevisionSink sink) {
    this.hub = hub;
    this.cursor = new WatchCursor(selection, after);
    this.sink = sink;
  }

  void start() {
    hub.ready(this);
  }

  @Override
  public Selection selection() {
    return cursor.selection();
  }

  /** The sink has room again. */
  public void resume() {
    if (phase == Phase.PARKED) {
      phase = Phase.READY;
      hub.ready(this);
    }
  }

  /** Nobody wants to hear more; the sink hears nothing from now on. */
  public void cancel() {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      hub.remove(this);
    }
  }

  @Override
  public void concerned(long hubPosition) {
    if (phase == Phase.IDLE) {
      cursor.skipTo(hubPosition);
      lookYourself();
    }
  }

  @Override
  public void lookYourself() {
    if (phase == Phase.IDLE) {
      phase = Phase.READY;
      hub.ready(this);
    }
  }

  @Override
  public int serve(KvView view) {
    if (phase != Phase.READY) {
      return 0;
    }
    if (sink.full()) {
      phase = Phase.PARKED;
      return 0;
    }
    return switch (cursor.next(view.events(), STEP_BYTES)) {
      case WatchStep.Gap(long oldest) -> {
        cancel();
        sink.gap(oldest);
        yield 0;
      }
      case WatchStep.Changes changes -> {
        if (changes.more()) {
          hub.ready(this);
        } else {
          phase = Phase.IDLE;
        }
        yield changes.frames().isEmpty() ? 0 : sink.changes(changes);
      }
    };
  }

  @Override
  public void sweep(long nowNanos, long hubPosition, long quietNanos) {}

  @Override
  public void diverged() {
    if (phase != Phase.ENDED) {
      cancel();
      sink.diverged();
    }
  }

  @Override
  public void goodbye(long hubPosition) {
    if (phase != Phase.ENDED) {
      cancel();
      sink.stopping();
    }
  }
}
