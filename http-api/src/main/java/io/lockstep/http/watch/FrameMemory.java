package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchStep;
import java.util.HashMap;
import java.util.Map;

/**
 * Frames written a moment ago: many watches of the same thing get the same bytes. Bounded; owned by
 * one loop.
 */
final class FrameMemory {
  private static final int BYTES_MAX = 1 << 20;

  private record Key(long revision, WatchForm form, Selection selection) {}

  private final Map<Key, byte[]> frames = new HashMap<>();
  private int bytes;

  /** Sends a frame; how many bytes. */
  int write(WatchOutlet out, WatchForm form, Selection selection, WatchStep.Frame frame) {
    Key key = new Key(frame.revision(), form, selection);
    byte[] known = frames.get(key);
    if (known == null) {
      JsonText text = out.json();
      WatchFrames.change(text, form, frame.revision(), frame.events());
      known = text.toArray();
      if (form.watch() == null && bytes + known.length <= BYTES_MAX) {
        frames.put(key, known);
        bytes += known.length;
      }
    }
    out.write(known);
    return known.length;
  }

  /** Forgets all: the next events are others. */
  void clear() {
    if (!frames.isEmpty()) {
      frames.clear();
      bytes = 0;
    }
  }
}
