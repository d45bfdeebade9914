package io.lockstep.raft;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest entries of a log, in memory, without holes. */
final class Tail {
  private @Nullable Entry[] ring = new Entry[1_024];
  private long first;
  private long next;
  private long bytes;

  private List<Entry> slice = List.of();
  private long sliceFrom;
  private long sliceEnd;
  private long sliceBytesMax;

  /** Empty; the first entry will be that of {@code index}. */
  Tail(long index) {
    first = index;
    next = index;
  }

  /** The index of the oldest entry here; that of the next entry when empty. */
  long first() {
    return first;
  }

  long next() {
    return next;
  }

  long bytes() {
    return bytes;
  }

  Entry get(long index) {
    Invariant.check(index >= first && index < next, "the entry is in memory", index, first);
    Entry entry = ring[slot(index)];
    if (entry == null) {
      throw new Invariant.Broken("the tail has no holes");
    }
    return entry;
  }

  void add(Entry entry) {
    Invariant.check(entry.index() == next, "entries follow on each other", entry.index(), next);
    if (next - first == ring.length) {
      grow();
    }
    ring[slot(next)] = entry;
    next++;
    bytes += entry.weightBytes();
  }

  /** Drops the entries from {@code index} on; below {@link #first} none are left. */
  void truncateFrom(long index) {
    while (next > Math.max(first, index)) {
      bytes -= get(next - 1).weightBytes();
      next--;
      ring[slot(next)] = null;
    }
    if (index < first) {
      first = index;
      next = index;
    }
    forgetSlice();
  }

  /** Drops the entries before {@code index}. */
  void dropBefore(long index) {
    while (first < Math.min(index, next)) {
      dropFirst();
    }
  }

  void dropFirst() {
    bytes -= get(first).weightBytes();
    ring[slot(first)] = null;
    first++;
  }

  /**
   * The entries from {@code from}, at least one, about {@code bytesMax}, none at or past {@code
   * toExclusive}. Followers at one place are given one list.
   */
  List<Entry> slice(long from, long toExclusive, long bytesMax) {
    if (from == sliceFrom && toExclusive == sliceEnd && bytesMax == sliceBytesMax) {
      return slice;
    }
    long weight = get(from).weightBytes();
    long end = from + 1;
    while (end < toExclusive && weight + get(end).weightBytes() <= bytesMax) {
      weight += get(end).weightBytes();
      end++;
    }
    Entry[] entries = new Entry[(int) (end - from)];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = get(from + i);
    }
    slice = Collections.unmodifiableList(Arrays.asList(entries));
    sliceFrom = from;
    sliceEnd = toExclusive;
    sliceBytesMax = bytesMax;
    return slice;
  }

  private void forgetSlice() {
    slice = List.of();
    sliceFrom = 0;
  }

  private void grow() {
    @Nullable Entry[] larger = new Entry[2 * ring.length];
    for (long index = first; index < next; index++) {
      larger[(int) index & larger.length - 1] = get(index);
    }
    ring = larger;
  }

  private int slot(long index) {
    return (int) index & ring.length - 1;
  }
}
