package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a node remembers from its earlier lives.
 *
 * @param log its tail has about as many bytes as the core keeps in memory
 */
record Recovery(HardState hardState, RecoveredLog log) {
  private static final int STRIDE = 64;

  /**
   * Reads it, on the log loop, and forces the log first: what an earlier life wrote and did not
   * force must not count as durable.
   *
   * @throws IOException also when the hard state is older than the log, that is, lost
   */
  static Recovery read(LogStore log, HardStateStore hardStates, long tailBytesMax)
      throws IOException {
    HardState hardState = hardStates.load();
    EntryId last = log.last();
    if (hardState.term() < last.term()) {
      throw new IOException(
          "the hard state is lost: it knows term "
              + hardState.term()
              + ", but the log ends in term "
              + last.term());
    }
    log.force();
    List<Entry> tail = tail(log, last, tailBytesMax);
    try {
      return new Recovery(
          hardState,
          RecoveredLog.of(log.firstIndex(), last, tail, index -> termAt(log, tail, index)));
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }

  private static long termAt(LogStore log, List<Entry> tail, long index) {
    long tailFirst = tail.getFirst().index();
    if (index >= tailFirst) {
      return tail.get((int) (index - tailFirst)).term();
    }
    try {
      return log.read(index, index + 1, 1).getFirst().term();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<Entry> tail(LogStore log, EntryId last, long bytesMax) throws IOException {
    List<Entry> newestFirst = new ArrayList<>();
    long bytes = 0;
    long end = last.index() + 1;
    while (end > log.firstIndex() && bytes < bytesMax && !last.equals(EntryId.NONE)) {
      long begin = Math.max(log.firstIndex(), end - STRIDE);
      List<Entry> stride = readAll(log, begin, end);
      for (int i = stride.size() - 1; i >= 0 && bytes < bytesMax; i--) {
        newestFirst.add(stride.get(i));
        bytes += stride.get(i).weightBytes();
      }
      end = begin;
    }
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  private static List<Entry> readAll(LogStore log, long from, long toExclusive) throws IOException {
    List<Entry> entries = new ArrayList<>();
    while (from + entries.size() < toExclusive) {
      entries.addAll(log.read(from + entries.size(), toExclusive, Integer.MAX_VALUE));
    }
    return entries;
  }
}
