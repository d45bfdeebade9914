package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What a node found in its durable log at start: all of it survives a power cut.
 *
 * @param firstIndex the lowest index that can be read; 1 until the log is compacted
 * @param last the id of the last entry, {@link EntryId#NONE} for an empty log
 * @param tail the newest entries, without holes and up to {@code last}; possibly fewer than the
 *     whole log, empty only if the log is
 * @param termStarts the id of the first entry of each term in the log, in order
 * @param memberships the membership entries of the log, in order
 */
public record RecoveredLog(
    long firstIndex,
    EntryId last,
    List<Entry> tail,
    List<EntryId> termStarts,
    List<Entry> memberships) {
  /** A log that nothing was ever written to. */
  public static final RecoveredLog EMPTY = new RecoveredLog(1, EntryId.NONE, List.of());

  public RecoveredLog {
    tail = List.copyOf(tail);
    termStarts = List.copyOf(termStarts);
    memberships = List.copyOf(memberships);
    Invariant.check(firstIndex >= 1, "a log starts at 1 or later");
    Invariant.check(tail.isEmpty() == last.equals(EntryId.NONE), "the tail holds the last entry");
    for (int i = 0; i < tail.size(); i++) {
      long index = last.index() - tail.size() + 1 + i;
      Invariant.check(tail.get(i).index() == index, "the tail has no holes", index, i);
    }
    Invariant.check(
        tail.isEmpty() || tail.getLast().id().equals(last), "the tail ends at the last entry");
    checkTermStarts(firstIndex, last, termStarts);
  }

  /** A log of which every entry is in {@code tail}. */
  public RecoveredLog(long firstIndex, EntryId last, List<Entry> tail) {
    this(firstIndex, last, tail, termStartsOf(tail), membershipsOf(tail));
  }

  /**
   * A log of which the tail is in memory.
   *
   * @param termAt the term of the entry at an index from {@code firstIndex} to {@code last}; asked
   *     about once for each doubling of a term's length
   * @param memberships the membership entries of the whole log, in order
   */
  public static RecoveredLog of(
      long firstIndex,
      EntryId last,
      List<Entry> tail,
      LongUnaryOperator termAt,
      List<Entry> memberships) {
    List<EntryId> starts = new ArrayList<>();
    for (long start = firstIndex; start <= last.index(); ) {
      long term = termAt.applyAsLong(start);
      starts.add(new EntryId(term, start));
      start = endOfTerm(start, term, last, termAt) + 1;
    }
    return new RecoveredLog(firstIndex, last, tail, starts, memberships);
  }

  /** The membership entries among {@code entries}. */
  public static List<Entry> membershipsOf(List<Entry> entries) {
    return entries.stream().filter(entry -> entry.kind() == EntryKind.MEMBERSHIP).toList();
  }

  /** The last index of {@code term}: terms never decrease along a log, so they can be bisected. */
  private static long endOfTerm(long start, long term, EntryId last, LongUnaryOperator termAt) {
    if (term == last.term()) {
      return last.index();
    }
    long within = start;
    long beyond = last.index();
    while (within + 1 < beyond) {
      long middle = within + (beyond - within) / 2;
      if (termAt.applyAsLong(middle) == term) {
        within = middle;
      } else {
        beyond = middle;
      }
    }
    return within;
  }

  private static List<EntryId> termStartsOf(List<Entry> tail) {
    List<EntryId> starts = new ArrayList<>();
    for (Entry entry : tail) {
      if (starts.isEmpty() || starts.getLast().term() != entry.term()) {
        starts.add(entry.id());
      }
    }
    return starts;
  }

  private static void checkTermStarts(long firstIndex, EntryId last, List<EntryId> starts) {
    if (last.equals(EntryId.NONE)) {
      Invariant.check(starts.isEmpty(), "an empty log has no terms");
      return;
    }
    Invariant.check(!starts.isEmpty(), "a log has terms");
    Invariant.check(
        starts.getFirst().index() == firstIndex,
        "the terms are known from the first entry on, also where the tail is shorter than the log",
        starts.getFirst().index(),
        firstIndex);
    for (int i = 1; i < starts.size(); i++) {
      Invariant.check(starts.get(i).term() > starts.get(i - 1).term(), "terms rise along a log");
      Invariant.check(starts.get(i).index() > starts.get(i - 1).index(), "each term has entries");
    }
    Invariant.check(starts.getLast().term() == last.term(), "the last term is the last entry's");
  }
}
