package io.lockstep.raft;

import java.util.Arrays;
import java.util.List;

/**
 * The term of every entry of a log, as the index where each term starts: terms never decrease along
 * a log, and there are few of them.
 */
final class TermStarts {
  private long[] starts = new long[16];
  private long[] terms = new long[16];
  private int count;

  TermStarts(List<EntryId> termStarts) {
    termStarts.forEach(start -> add(start.index(), start.term()));
  }

  /** Takes in the entry that follows on the last one. */
  void add(long index, long term) {
    if (count > 0 && terms[count - 1] == term) {
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      terms = Arrays.copyOf(terms, 2 * count);
    }
    starts[count] = index;
    terms[count] = term;
    count++;
  }

  void truncateFrom(long index) {
    while (count > 0 && starts[count - 1] >= index) {
      count--;
    }
  }

  /** Forgets the terms before {@code index}, which is in the log and becomes its start. */
  void compactTo(long index) {
    int run = runOf(index);
    Invariant.check(run >= 0, "a log is compacted to a place in it", index, count);
    System.arraycopy(starts, run, starts, 0, count - run);
    System.arraycopy(terms, run, terms, 0, count - run);
    count -= run;
    starts[0] = index;
  }

  /** Forgets everything: the log goes on after {@code start}. */
  void resetTo(EntryId start) {
    count = 0;
    add(start.index(), start.term());
  }

  /** The term at an index of the log; 0 before its start. */
  long termAt(long index) {
    int run = runOf(index);
    return run < 0 ? 0 : terms[run];
  }

  /**
   * The last entry at or before {@code index} whose term is at most {@code term}; {@link
   * EntryId#NONE} when it is not known to be in the log.
   */
  EntryId lastAtOrBefore(long index, long term) {
    long at = index;
    int run = runOf(index);
    while (run >= 0 && terms[run] > term) {
      at = starts[run] - 1;
      run--;
    }
    return run < 0 ? EntryId.NONE : new EntryId(terms[run], at);
  }

  private int runOf(long index) {
    if (count > 0 && index >= starts[count - 1]) {
      return count - 1;
    }
    int found = Arrays.binarySearch(starts, 0, count, index);
    return found >= 0 ? found : -found - 2;
  }
}
