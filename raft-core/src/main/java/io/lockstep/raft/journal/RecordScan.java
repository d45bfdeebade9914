package io.lockstep.raft.journal;

import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Finds every whole, unharmed record in the raw bytes of one segment, whatever lies between them.
 * So neither a damaged length nor damage to a store's own structures hides what comes after it.
 * What is inside a record found is not searched.
 */
final class RecordScan {
  private static final int WINDOW_BYTES = 1 << 20;

  private final Segment segment;
  private final RecordCodec codec;
  private final long length;
  private byte[] window;
  private long windowFrom;
  private int windowBytes;
  private int at;

  private int position = -1;
  private int end;

  RecordScan(Segment segment, RecordCodec codec) throws IOException {
    this.segment = segment;
    this.codec = codec;
    this.length = segment.length();
    this.window = new byte[(int) Math.min(WINDOW_BYTES, Math.max(length, RecordCodec.HEAD_BYTES))];
  }

  /** Moves to the next record; false when there is none. */
  boolean next() throws IOException {
    while (reach(RecordCodec.HEAD_BYTES)) {
      if (!skipToStart()) {
        continue;
      }
      int stated = statedLength();
      if (stated > 0 && reach(stated) && codec.isRecord(window, at, at + stated)) {
        position = (int) (windowFrom + at);
        end = position + stated;
        return true;
      }
      at += RecordCodec.SCAN_STEP;
    }
    return false;
  }

  /** Moves to where a record may start; false if there is no such place in the window. */
  private boolean skipToStart() {
    int lastStart = windowBytes - RecordCodec.HEAD_BYTES;
    int candidate = at;
    while (candidate <= lastStart && !RecordCodec.startsRecord(window, candidate)) {
      candidate += RecordCodec.SCAN_STEP;
    }
    at = candidate;
    return candidate <= lastStart;
  }

  /** Where the record found begins. */
  int position() {
    return position;
  }

  /** Where the record found ends, without padding. */
  int end() {
    return end;
  }

  JournalRecord record() {
    return RecordCodec.decode(window, (int) (position - windowFrom));
  }

  Bytes payload() {
    return RecordCodec.payload(window, (int) (position - windowFrom));
  }

  int checksum() {
    return RecordCodec.storedChecksum(window, (int) (position - windowFrom));
  }

  /** The stated length of what looks like a record of this segment; 0 if it cannot be one. */
  private int statedLength() {
    int stated = RecordCodec.statedLength(window, at);
    boolean possible =
        stated >= RecordCodec.HEAD_BYTES
            && stated <= length - (windowFrom + at)
            && RecordCodec.statedSegment(window, at) == segment.number();
    return possible ? stated : 0;
  }

  /** Skips what was found last, then makes the window hold {@code bytes} from there on. */
  private boolean reach(int bytes) throws IOException {
    if (position >= 0) {
      int found = end - position;
      position = -1;
      at += found + RecordCodec.SCAN_STEP - 1 & -RecordCodec.SCAN_STEP;
    }
    if (at + (long) bytes <= windowBytes) {
      return true;
    }
    if (windowFrom + at + bytes > length) {
      return false;
    }
    slide(bytes);
    return bytes <= windowBytes;
  }

  private void slide(int bytes) throws IOException {
    int kept = Math.max(0, windowBytes - at);
    byte[] source = window;
    if (bytes > window.length) {
      window = new byte[Math.max(bytes, 2 * WINDOW_BYTES)];
    }
    System.arraycopy(source, windowBytes - kept, window, 0, kept);
    windowFrom += at;
    at = 0;
    ByteBuffer rest = ByteBuffer.wrap(window, kept, window.length - kept);
    windowBytes = kept + segment.read(windowFrom + kept, rest);
  }
}
