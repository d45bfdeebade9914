package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.WatchStep;

/**
 * One frame with more events than are written at once, such as the end of a lease with thousands of
 * keys: it goes out piece by piece, as its reader takes it, and is never whole in memory.
 */
final class LongChange {
  private static final int PIECE_BYTES = 64 << 10;

  private final WatchStep.Frame frame;
  private final WatchForm form;
  private int next;

  private LongChange(WatchStep.Frame frame, WatchForm form) {
    this.frame = frame;
    this.form = form;
  }

  /** Whether a frame is to be written so. */
  static boolean isLong(WatchStep.Frame frame) {
    if (frame.events().size() == 1) {
      return false;
    }
    long bytes = 0;
    for (Event event : frame.events()) {
      bytes += event.weightBytes();
      if (bytes > PIECE_BYTES) {
        return true;
      }
    }
    return false;
  }

  static LongChange of(WatchStep.Frame frame, WatchForm form) {
    return new LongChange(frame, form);
  }

  /** Writes the next piece into an empty text; true when it was the last. */
  boolean writeSome(JsonText text) {
    if (next == 0) {
      WatchFrames.beginChange(text, form, frame.revision());
    } else {
      text.plain(",");
    }
    do {
      WatchFrames.write(text, frame.events().get(next));
      next++;
    } while (next < frame.events().size() && text.size() < PIECE_BYTES);
    boolean last = next == frame.events().size();
    if (last) {
      WatchFrames.endItems(text, form);
    }
    return last;
  }
}
