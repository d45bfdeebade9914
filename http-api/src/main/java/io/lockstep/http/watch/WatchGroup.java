package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Several watches that share the answer to one request. Each writes whole frames; while one is in
 * the middle of a long frame the stream is full for the others. The stream ends with the last of
 * them. Owned by its hub's loop.
 */
final class WatchGroup {
  private final WatchOutlet out;
  private final WatchForm form;
  private final Set<Part> parts = new LinkedHashSet<>();
  private @Nullable Part holder;
  private boolean over;
  private long sentNanos;

  /** Of the sweep at hand: how many have told how far they are complete, and the least of it. */
  private int told;

  private long complete;

  WatchGroup(WatchOutlet out, WatchForm form) {
    this.out = out;
    this.form = form;
  }

  /** Where one of the watches writes. */
  WatchOutlet part() {
    Part part = new Part();
    parts.add(part);
    return part;
  }

  /**
   * Sends the head, when all parts are there, and something that makes it leave at once.
   *
   * @param from up to which revision nothing is missing from the start; negative when a state comes
   *     first
   */
  void begin(long revision, long from) {
    out.attach(this::drained, this::gone);
    out.begin(form, revision);
    if (from >= 0) {
      progress(from);
    }
  }

  /**
   * One of the watches is complete up to {@code revision}; 0 while it is not at all. When all have
   * told, a reader that has heard nothing for long is told the least of it.
   */
  void swept(long nowNanos, long quietNanos, long revision) {
    complete = told == 0 ? revision : Math.min(complete, revision);
    told++;
    if (told < parts.size()) {
      return;
    }
    told = 0;
    boolean quiet = nowNanos - sentNanos >= quietNanos;
    if (quiet && complete > 0 && holder == null && !out.full()) {
      progress(complete);
    }
  }

  private void progress(long revision) {
    JsonText text = out.json();
    WatchFrames.progressOfAll(text, form, revision);
    out.write(text);
    sentNanos = out.nanoTime();
  }

  private void drained() {
    List.copyOf(parts).forEach(part -> part.drained.run());
  }

  private void gone() {
    over = true;
    List<Part> all = List.copyOf(parts);
    parts.clear();
    all.forEach(part -> part.gone.run());
  }

  /** The outlet of one watch. */
  private final class Part implements WatchOutlet {
    private Runnable drained = () -> {};
    private Runnable gone = () -> {};

    @Override
    public void attach(Runnable whenDrained, Runnable whenGone) {
      drained = whenDrained;
      gone = whenGone;
    }

    @Override
    public void begin(WatchForm own, long revision) {}

    @Override
    public boolean full() {
      return over || heldByAnother() || out.full();
    }

    private boolean heldByAnother() {
      return holder != null && holder != this;
    }

    @Override
    public void hold() {
      holder = this;
    }

    @Override
    public void release() {
      holder = null;
      drained();
    }

    @Override
    public JsonText json() {
      return out.json();
    }

    @Override
    public void write(JsonText text) {
      // Within another's frame nothing can be said, not even a last word: that frame will be torn.
      if (!over && !heldByAnother()) {
        out.write(text);
        sentNanos = out.nanoTime();
      }
    }

    @Override
    public void write(byte[] bytes) {
      if (!over && !heldByAnother()) {
        out.write(bytes);
        sentNanos = out.nanoTime();
      }
    }

    @Override
    public void end() {
      if (parts.remove(this) && parts.isEmpty() && !over) {
        over = true;
        out.end();
      }
    }

    @Override
    public void cut() {
      if (!over) {
        over = true;
        out.cut();
      }
    }

    @Override
    public long nanoTime() {
      return out.nanoTime();
    }
  }
}
