package io.lockstep.raft.journal;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads entries from where the table says they lie, and checks that they are what was written.
 * Reads ahead: entries appended in a row lie close together.
 */
final class JournalReader {
  private static final int WINDOW_BYTES = 128 << 10;

  private final SegmentStore store;
  private final RecordCodec codec;
  private final Map<Long, Segment> segments;
  private final EntryTable entries;
  private byte[] window = new byte[WINDOW_BYTES];
  private long windowSegment;
  private int windowFrom;
  private int windowBytes;

  JournalReader(
      SegmentStore store, RecordCodec codec, Map<Long, Segment> segments, EntryTable entries) {
    this.store = store;
    this.codec = codec;
    this.segments = segments;
    this.entries = entries;
  }

  List<Entry> read(long from, long toExclusive, int bytesMax) throws IOException {
    Invariant.check(from < toExclusive, "a range is not empty", from, toExclusive);
    Invariant.check(from >= entries.first(), "entries were not compacted", from, entries.first());
    Invariant.check(toExclusive - 1 <= entries.last().index(), "entries exist", from, toExclusive);
    windowBytes = 0;
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (long index = from; index < toExclusive; index++) {
      Entry entry = read(index);
      bytes += entry.weightBytes();
      if (!found.isEmpty() && bytes > bytesMax) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  List<Entry> tail(int bytesMax) throws IOException {
    if (entries.isEmpty()) {
      return List.of();
    }
    long last = entries.last().index();
    long from = last;
    long bytes = 0;
    windowBytes = 0;
    while (from > entries.first()) {
      bytes += weightAtMost(from);
      if (bytes + weightAtMost(from - 1) > bytesMax) {
        break;
      }
      from--;
    }
    return read(from, last + 1, Integer.MAX_VALUE);
  }

  /** What the entry weighs, or a little more: told by where the next one lies, if that is near. */
  private long weightAtMost(long index) throws IOException {
    long segment = entries.segment(index);
    int position = entries.position(index);
    if (index < entries.last().index() && entries.segment(index + 1) == segment) {
      int distance = entries.position(index + 1) - position;
      if (distance > 0 && distance <= WINDOW_BYTES) {
        return distance;
      }
    }
    return read(index).weightBytes();
  }

  private Entry read(long index) throws IOException {
    long number = entries.segment(index);
    int position = entries.position(index);
    int at = reach(number, position, RecordCodec.HEAD_BYTES);
    int length = RecordCodec.startsRecord(window, at) ? RecordCodec.statedLength(window, at) : 0;
    if (length < RecordCodec.HEAD_BYTES || length > segment(number).length() - position) {
      throw unreadable(index, number, position);
    }
    at = reach(number, position, length);
    if (!codec.isRecord(window, at, at + length)) {
      throw unreadable(index, number, position);
    }
    JournalRecord record = RecordCodec.decode(window, at);
    if (record.index() != index || record.term() != entries.term(index)) {
      throw unreadable(index, number, position);
    }
    return new Entry(
        index,
        record.term(),
        record.clusterTimeMillis(),
        EntryKind.ofCode(record.kindCode()),
        RecordCodec.payload(window, at));
  }

  /**
   * Makes the window hold {@code bytes} from {@code position} on; returns where in it they begin.
   */
  private int reach(long number, int position, int bytes) throws IOException {
    boolean held =
        number == windowSegment
            && position >= windowFrom
            && position + (long) bytes <= windowFrom + (long) windowBytes;
    if (!held) {
      if (window.length < bytes) {
        window = new byte[bytes];
      }
      windowSegment = number;
      windowFrom = position;
      windowBytes = 0;
      windowBytes = segment(number).read(position, ByteBuffer.wrap(window));
      if (windowBytes < bytes) {
        throw new DamagedJournalException(store.describe(number), position, "it ends too early");
      }
    }
    return position - windowFrom;
  }

  private Segment segment(long number) {
    return Objects.requireNonNull(segments.get(number), "a segment with entries is open");
  }

  private DamagedJournalException unreadable(long index, long number, int position) {
    return new DamagedJournalException(
        store.describe(number), position, "entry " + index + " is not what was written");
  }
}
