package io.lockstep.raft.journal;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where each live entry lies, and its term: eight bytes an entry and sixteen a change of term.
 * Grows without copying what is there, and frees what was dropped. Owned by the log thread.
 */
final class EntryTable {
  private static final int CHUNK = 1 << 12;

  /** The id before the first entry; its term is 0 where that is not known. */
  private EntryId base = EntryId.NONE;

  /** Each index has one slot in one of them; the first is that of the first entry. */
  private final List<long[]> chunks = new ArrayList<>();

  private long firstChunk;
  private long lastIndex;

  private long[] runFrom = new long[8];
  private long[] runTerm = new long[8];
  private int runs;

  /** The id of the last entry; that before the first, if there is none. */
  EntryId last() {
    return isEmpty() ? base : new EntryId(runTerm[runs - 1], lastIndex);
  }

  /** The index of the first entry, or of the next one if there is none. */
  long first() {
    return base.index() + 1;
  }

  boolean isEmpty() {
    return lastIndex == base.index();
  }

  /** The term of an entry, or of the one before the first: 0 where that is not known. */
  long term(long index) {
    Invariant.check(index >= base.index() && index <= lastIndex, "it exists", index, lastIndex);
    if (index == base.index()) {
      return base.term();
    }
    int found = Arrays.binarySearch(runFrom, 0, runs, index);
    return runTerm[found >= 0 ? found : -found - 2];
  }

  /** The number of the segment that holds the entry. */
  long segment(long index) {
    return location(index) >>> 32;
  }

  /** Where in its segment the entry's record begins. */
  int position(long index) {
    return (int) location(index);
  }

  /** Adds the entry that follows on the last. */
  void append(long term, long segment, int position) {
    Invariant.check(term >= last().term(), "terms rise", term, last().term());
    Invariant.check(segment > 0 && segment >>> 31 == 0 && position >= 0, "a location is in range");
    long slot = lastIndex++;
    if (chunks.isEmpty()) {
      firstChunk = slot / CHUNK;
    }
    if (slot / CHUNK == firstChunk + chunks.size()) {
      chunks.add(new long[CHUNK]);
    }
    chunks.getLast()[(int) (slot % CHUNK)] = segment << 32 | position;
    if (runs == 0 || runTerm[runs - 1] != term) {
      addRun(term);
    }
  }

  /** Forgets the entries from {@code index} on. */
  void truncateFrom(long index) {
    Invariant.check(index >= first() && index <= lastIndex + 1, "it exists", index, lastIndex);
    lastIndex = index - 1;
    if (isEmpty()) {
      restart(base);
      return;
    }
    while (firstChunk + chunks.size() > (lastIndex - 1) / CHUNK + 1) {
      chunks.removeLast();
    }
    while (runs > 0 && runFrom[runs - 1] >= index) {
      runs--;
    }
  }

  /** Forgets all entries; the next to append follows on {@code before}. */
  void restart(EntryId before) {
    base = before;
    lastIndex = before.index();
    chunks.clear();
    runs = 0;
  }

  /**
   * The index of the first entry that lies in {@code segment} or a newer one; the next one's if
   * there is none. Along the log segments only rise: what supersedes was written later.
   */
  long firstIn(long segment) {
    long below = base.index();
    long found = lastIndex + 1;
    while (below + 1 < found) {
      long middle = below + (found - below) / 2;
      if (segment(middle) >= segment) {
        found = middle;
      } else {
        below = middle;
      }
    }
    return found;
  }

  /** Forgets the entries below {@code index}, but for the id of the last of them. */
  void dropBefore(long index) {
    Invariant.check(index >= first() && index <= lastIndex + 1, "it exists", index, lastIndex);
    EntryId before = new EntryId(term(index - 1), index - 1);
    if (index > lastIndex) {
      restart(before);
      return;
    }
    base = before;
    long chunk = (index - 1) / CHUNK;
    chunks.subList(0, (int) (chunk - firstChunk)).clear();
    firstChunk = chunk;
    int dropped = 0;
    while (dropped + 1 < runs && runFrom[dropped + 1] <= index) {
      dropped++;
    }
    runs -= dropped;
    System.arraycopy(runFrom, dropped, runFrom, 0, runs);
    System.arraycopy(runTerm, dropped, runTerm, 0, runs);
  }

  /** What it takes in memory, about. */
  long bytes() {
    return Long.BYTES * ((long) CHUNK * chunks.size() + 2L * runFrom.length);
  }

  private long location(long index) {
    Invariant.check(index >= first() && index <= lastIndex, "the entry exists", index, lastIndex);
    long slot = index - 1;
    return chunks.get((int) (slot / CHUNK - firstChunk))[(int) (slot % CHUNK)];
  }

  private void addRun(long term) {
    if (runs == runFrom.length) {
      runFrom = Arrays.copyOf(runFrom, 2 * runs);
      runTerm = Arrays.copyOf(runTerm, 2 * runs);
    }
    runFrom[runs] = lastIndex;
    runTerm[runs++] = term;
  }
}
