package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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

  /** Sends frames, all at once; how many bytes. */
  int write(WatchOutlet out, WatchForm form, Selection selection, List<WatchStep.Frame> several) {
    List<byte[]> parts = new ArrayList<>(several.size());
    int size = 0;
    for (WatchStep.Frame frame : several) {
      byte[] part = bytesOf(out, form, selection, frame);
      parts.add(part);
      size += part.length;
    }
    if (parts.size() == 1) {
      out.write(parts.getFirst());
    } else if (size > 0) {
      byte[] all = new byte[size];
      int at = 0;
      for (byte[] part : parts) {
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
      out.write(all);
    }
    return size;
  }

  private byte[] bytesOf(
      WatchOutlet out, WatchForm form, Selection selection, WatchStep.Frame frame) {
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
    return known;
  }

  /** Forgets all: the next events are others. */
  void clear() {
    if (!frames.isEmpty()) {
      frames.clear();
      bytes = 0;
    }
  }
}
