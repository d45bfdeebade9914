package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log whose disk is a list. It notes what it is asked for, and fails or runs out of room on wish.
 */
final class MemoryLog implements LogStore {
  private final List<String> trace;
  private final List<Entry> entries = new ArrayList<>();
  private EntryId base = EntryId.NONE;
  private int forced;

  /** Entries that fit. */
  int capacity = Integer.MAX_VALUE;

  /** Said while there is room for an entry. */
  Room roomWhenAny = Room.AMPLE;

  @Nullable Throwable failure;
  @Nullable IOException failForce;

  /** What happens elsewhere while a force runs. */
  Runnable duringForce = () -> {};

  /** Said to be on the disk. */
  int segments = 1;

  int forces;
  int idles;
  boolean closed;

  MemoryLog(List<String> trace) {
    this.trace = trace;
  }

  /** What survives a power cut. */
  MemoryLog afterPowerCut(List<String> newTrace) {
    MemoryLog next = new MemoryLog(newTrace);
    next.base = base;
    next.entries.addAll(entries.subList(0, Math.min(forced, entries.size())));
    return next;
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  @Override
  public EntryId last() {
    return entries.isEmpty() ? base : entries.getLast().id();
  }

  @Override
  public long firstIndex() {
    return base.index() + 1;
  }

  @Override
  public void compactTo(long firstKept) throws IOException {
    fail();
    trace.add("compact " + firstKept);
    if (firstKept > firstIndex()) {
      EntryId before = entries.get(at(firstKept - 1)).id();
      entries.subList(0, at(firstKept)).clear();
      forced = Math.max(0, forced - (int) (before.index() - base.index()));
      base = before;
    }
  }

  @Override
  public void resetTo(EntryId last) throws IOException {
    fail();
    trace.add("reset " + last.index());
    entries.clear();
    forced = 0;
    base = last;
  }

  @Override
  public int segments() {
    return segments;
  }

  private int at(long index) {
    return (int) (index - base.index() - 1);
  }

  @Override
  public int append(List<Entry> more) throws IOException {
    fail();
    int count = Math.min(more.size(), Math.max(0, capacity - entries.size()));
    for (Entry entry : more.subList(0, count)) {
      if (entry.index() != last().index() + 1) {
        throw new IOException("a hole before " + entry);
      }
      entries.add(entry);
    }
    trace.add("append " + more.getFirst().index() + "+" + count);
    return count;
  }

  @Override
  public void truncateFrom(long fromIndex) throws IOException {
    fail();
    trace.add("truncate " + fromIndex);
    entries.subList(at(fromIndex), entries.size()).clear();
    forced = Math.min(forced, entries.size());
  }

  @Override
  public void force() throws IOException {
    forces++;
    trace.add("force");
    duringForce.run();
    if (failForce != null) {
      throw failForce;
    }
    fail();
    forced = entries.size();
  }

  @Override
  public List<Entry> read(long from, long toExclusive, int bytesMax) throws IOException {
    fail();
    trace.add("read " + from + ".." + toExclusive);
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (long i = from; i < toExclusive && (found.isEmpty() || bytes < bytesMax); i++) {
      Entry entry = entries.get(at(i));
      bytes += entry.weightBytes();
      found.add(entry);
    }
    return found;
  }

  @Override
  public List<Entry> tail(int bytesMax) {
    int from = entries.size();
    for (long bytes = 0; from > 0 && bytes < bytesMax; from--) {
      bytes += entries.get(from - 1).weightBytes();
    }
    return List.copyOf(entries.subList(from, entries.size()));
  }

  @Override
  public void idle() {
    idles++;
  }

  @Override
  public Room room() {
    return entries.size() < capacity ? roomWhenAny : Room.NONE;
  }

  @Override
  public void close() {
    closed = true;
  }

  private void fail() throws IOException {
    if (failure instanceof IOException io) {
      throw io;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }
}
