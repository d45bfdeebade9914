package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One watch: a cursor and the socket that it feeds. It holds no events; when the socket is full it
 * is parked and merely falls behind. Owned by its hub's loop.
 */
public final class WatchStream implements Watcher {
  private static final int STEP_BYTES = 64 << 10;

  /** Where it stands. */
  enum Phase {
    /** The state is being sent, before the changes. */
    STATE,
    /** Everything was sent; the hub's position is its own. */
    IDLE,
    /** There is, or may be, something to send. */
    READY,
    /** The socket is full. */
    PARKED,
    /** Over. */
    ENDED
  }

  private final WatchHub hub;
  private final WatchForm form;
  private final WatchCursor cursor;
  private final WatchOutlet out;

  /** With which others it shares the stream; null for none. */
  private final @Nullable WatchGroup group;

  private @Nullable WatchState state;

  /** A frame of which a part was sent. */
  private @Nullable LongChange open;

  private Phase phase;

  /** Whether the socket was full within the state. */
  private boolean waiting;

  private long sentNanos;

  WatchStream(
      WatchHub hub,
      WatchOutlet out,
      WatchForm form,
      Selection selection,
      long after,
      @Nullable WatchState state,
      @Nullable WatchGroup group) {
    this.hub = hub;
    this.form = form;
    this.cursor = new WatchCursor(selection, after);
    this.out = out;
    this.group = group;
    this.state = state;
    this.phase = state == null ? Phase.READY : Phase.STATE;
  }

  @Override
  public Selection selection() {
    return cursor.selection();
  }

  Phase phase() {
    return phase;
  }

  /** Sends the head and what is there already. */
  void start(KvView view) {
    out.attach(this::drained, this::gone);
    out.begin(form, view.revision());
    sentNanos = now();
    if (state == null && group == null) {
      progress();
    }
    hub.ready(this);
  }

  @Override
  public void concerned(long hubPosition) {
    if (phase == Phase.IDLE) {
      cursor.skipTo(hubPosition);
      phase = Phase.READY;
      hub.ready(this);
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
    WatchState rest = state;
    if (phase == Phase.STATE && rest != null) {
      return serveState(rest);
    }
    if (phase != Phase.READY) {
      return 0;
    }
    if (out.full()) {
      phase = Phase.PARKED;
      return 0;
    }
    LongChange begun = open;
    if (begun != null) {
      out.hold();
      return serveSome(begun);
    }
    return switch (cursor.next(view.events(), STEP_BYTES)) {
      case WatchStep.Gap(long oldest) -> {
        JsonText text = out.json();
        WatchFrames.gap(text, form, oldest);
        finish(text);
        yield text.size();
      }
      case WatchStep.Changes changes -> serveChanges(changes);
    };
  }

  private int serveChanges(WatchStep.Changes changes) {
    List<WatchStep.Frame> frames = changes.frames();
    // A step ends with the frame that passes its bound: there is none after a long one.
    if (!frames.isEmpty() && LongChange.isLong(frames.getLast())) {
      open = LongChange.of(frames.getLast(), form);
      frames = frames.subList(0, frames.size() - 1);
    }
    int sent = hub.frames().write(out, form, selection(), frames);
    if (sent > 0) {
      sentNanos = now();
    }
    if (changes.more() || open != null) {
      hub.ready(this);
    } else {
      phase = Phase.IDLE;
    }
    return sent;
  }

  private int serveSome(LongChange rest) {
    JsonText text = out.json();
    boolean complete = rest.writeSome(text);
    int size = text.size();
    out.write(text);
    if (complete) {
      open = null;
      out.release();
    }
    sentNanos = now();
    hub.ready(this);
    return size;
  }

  private int serveState(WatchState rest) {
    waiting = out.full();
    if (waiting) {
      return 0;
    }
    JsonText text = out.json();
    boolean complete = rest.writeSome(text, form);
    if (complete) {
      WatchFrames.synced(text, form, cursor.position());
      state = null;
      phase = Phase.READY;
    }
    out.write(text);
    sentNanos = now();
    hub.ready(this);
    return text.size();
  }

  /** Tells a quiet reader how far it is complete. */
  @Override
  public void sweep(long nowNanos, long hubPosition, long quietNanos) {
    if (group != null) {
      if (phase == Phase.IDLE) {
        cursor.skipTo(hubPosition);
      }
      group.swept(nowNanos, quietNanos, phase == Phase.STATE ? 0 : cursor.position());
      return;
    }
    if (phase == Phase.IDLE && nowNanos - sentNanos >= quietNanos && !out.full()) {
      cursor.skipTo(hubPosition);
      progress();
    }
  }

  /** Ends it, for this node is stopping. */
  @Override
  public void goodbye(long hubPosition) {
    if (phase == Phase.IDLE) {
      cursor.skipTo(hubPosition);
    }
    if (!tornOrEnded()) {
      JsonText text = out.json();
      long complete = phase == Phase.STATE ? 0 : cursor.position();
      WatchFrames.goodbye(text, form, complete, hub.retryMillis());
      finish(text);
    }
  }

  @Override
  public void diverged() {
    if (!tornOrEnded()) {
      JsonText text = out.json();
      WatchFrames.diverged(text, form, hub.retryMillis());
      finish(text);
    }
  }

  /**
   * Whether nothing more can be said. Within a frame the stream is cut: what would come now could
   * be taken for a part of the frame, so its reader sees it torn instead.
   */
  private boolean tornOrEnded() {
    if (phase != Phase.ENDED && open != null) {
      phase = Phase.ENDED;
      hub.remove(this);
      out.cut();
    }
    return phase == Phase.ENDED;
  }

  private void progress() {
    JsonText text = out.json();
    WatchFrames.progress(text, form, cursor.position());
    out.write(text);
    sentNanos = now();
  }

  private void finish(JsonText last) {
    out.write(last);
    phase = Phase.ENDED;
    hub.remove(this);
    out.end();
  }

  private void drained() {
    if (phase == Phase.PARKED) {
      phase = Phase.READY;
      hub.ready(this);
    } else if (phase == Phase.STATE && waiting) {
      waiting = false;
      hub.ready(this);
    }
  }

  private void gone() {
    phase = Phase.ENDED;
    hub.remove(this);
  }

  private long now() {
    return out.nanoTime();
  }
}
