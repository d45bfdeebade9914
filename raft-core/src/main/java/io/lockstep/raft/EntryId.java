package io.lockstep.raft;

/**
 * The identity of a log entry. Two logs that hold the same id hold the same entry and the same
 * entries before it (Raft thesis 3.5, Log Matching).
 *
 * @param term the term of the leader that created the entry; 0 only in {@link #NONE}
 * @param index position in the log, from 1; 0 only in {@link #NONE}
 */
public record EntryId(long term, long index) {
  /** The place before the first entry. */
  public static final EntryId NONE = new EntryId(0, 0);

  public EntryId {
    Invariant.check(term >= 0 && index >= 0, "term and index are not negative", term, index);
  }

  /**
   * Whether a log that ends here is at least as up to date as one that ends at {@code other}
   * (thesis 3.6.1).
   */
  public boolean atLeastAsUpToDateAs(EntryId other) {
    return term != other.term ? term > other.term : index >= other.index;
  }
}
