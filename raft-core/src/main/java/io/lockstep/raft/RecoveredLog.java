package io.lockstep.raft;

import java.util.List;

/**
 * What a node found in its durable log at start: all of it survives a power cut.
 *
 * @param firstIndex the lowest index that can be read; 1 until the log is compacted
 * @param last the id of the last entry, {@link EntryId#NONE} for an empty log
 * @param tail the newest entries, without holes and up to {@code last}; possibly fewer than the
 *     whole log, empty only if the log is
 */
public record RecoveredLog(long firstIndex, EntryId last, List<Entry> tail) {
  /** A log that nothing was ever written to. */
  public static final RecoveredLog EMPTY = new RecoveredLog(1, EntryId.NONE, List.of());

  public RecoveredLog {
    tail = List.copyOf(tail);
    Invariant.check(firstIndex >= 1, "a log starts at 1 or later");
    Invariant.check(tail.isEmpty() == last.equals(EntryId.NONE), "the tail holds the last entry");
    for (int i = 0; i < tail.size(); i++) {
      long index = last.index() - tail.size() + 1 + i;
      Invariant.check(tail.get(i).index() == index, "the tail has no holes", index, i);
    }
    Invariant.check(
        tail.isEmpty() || tail.getLast().id().equals(last), "the tail ends at the last entry");
  }
}
