package io.lockstep.raft.journal;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where each live entry lies, and its term: eight bytes an entry and sixteen a change of term.
 * Grows without copying what is there. Owned by the log thread.
 */
final class EntryTable {
  private static final int CHUNK = 1 << 12;

  private final List<long[]> chunks = new ArrayList<>();
  private long count;

  private long[] runFrom = new long[8];
  private long[] runTerm = new long[8];
  private int runs;

  /** The id of the last entry, {@link EntryId#NONE} for none. */
  EntryId last() {
    return count == 0 ? EntryId.NONE : new EntryId(runTerm[runs - 1], count);
  }

  /** The term of the entry at {@code index}; 0 for index 0. */
  long term(long index) {
    Invariant.check(index >= 0 && index <= count, "the entry exists", index, count);
    if (index == 0) {
      return 0;
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
    Invariant.check(count == 0 || term >= runTerm[runs - 1], "terms rise", term, count);
    Invariant.check(segment > 0 && segment >>> 31 == 0 && position >= 0, "a location is in range");
    if (count % CHUNK == 0) {
      chunks.add(new long[CHUNK]);
    }
    chunks.getLast()[(int) (count % CHUNK)] = segment << 32 | position;
    count++;
    if (runs == 0 || runTerm[runs - 1] != term) {
      addRun(term);
    }
  }

  /** Forgets the entries from {@code index} on. */
  void truncateFrom(long index) {
    Invariant.check(index >= 1 && index <= count + 1, "what is truncated exists", index, count);
    count = index - 1;
    while (chunks.size() > (count + CHUNK - 1) / CHUNK) {
      chunks.removeLast();
    }
    while (runs > 0 && runFrom[runs - 1] >= index) {
      runs--;
    }
  }

  private long location(long index) {
    Invariant.check(index >= 1 && index <= count, "the entry exists", index, count);
    long slot = index - 1;
    return chunks.get((int) (slot / CHUNK))[(int) (slot % CHUNK)];
  }

  private void addRun(long term) {
    if (runs == runFrom.length) {
      runFrom = Arrays.copyOf(runFrom, 2 * runs);
      runTerm = Arrays.copyOf(runTerm, 2 * runs);
    }
    runFrom[runs] = count;
    runTerm[runs++] = term;
  }
}
