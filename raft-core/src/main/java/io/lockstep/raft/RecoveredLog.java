package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a node found in its durable log at start: all of it survives a power cut.
 *
 * @param start the place before the first entry that can be read; {@link EntryId#NONE} until the
 *     log is compacted
 * @param last the id of the last entry; {@code start} for a log without entries
 * @param tail the newest entries, without holes and up to {@code last}; possibly fewer than the
 *     whole log, empty only if the log is
 * @param termStarts where each term begins, in order: the first is {@code start} itself, unless
 *     nothing was compacted
 * @param memberships the membership entries of the log, in order
 * @param snapshot the newest one, whose state is restored; within the log or at its start. Null
 *     only when nothing was compacted
 * @param damaged whether entries were lost that this node may have acknowledged, and are not
 *     replaced yet
 */
public record RecoveredLog(
    EntryId start,
    EntryId last,
    List<Entry> tail,
    List<EntryId> termStarts,
    List<Entry> memberships,
    @Nullable SnapshotMeta snapshot,
    boolean damaged) {
  /** A log that nothing was ever written to. */
  public static final RecoveredLog EMPTY =
      new RecoveredLog(EntryId.NONE, EntryId.NONE, List.of(), List.of(), List.of(), null, false);

  public RecoveredLog {
    tail = List.copyOf(tail);
    termStarts = List.copyOf(termStarts);
    memberships = List.copyOf(memberships);
    Invariant.check(tail.isEmpty() == last.equals(start), "the tail holds the last entry");
    Invariant.check(
        tail.size() <= last.index() - start.index(), "the tail is part of the log", tail.size(), 0);
    for (int i = 0; i < tail.size(); i++) {
      long index = last.index() - tail.size() + 1 + i;
      Invariant.check(tail.get(i).index() == index, "the tail has no holes", index, i);
    }
    Invariant.check(
        tail.isEmpty() || tail.getLast().id().equals(last), "the tail ends at the last entry");
    checkSnapshot(start, last, snapshot);
    checkTermStarts(start, last, termStarts);
  }

  /**
   * A log of which the tail is in memory.
   *
   * @param termAt the term of the entry at an index after {@code start} up to {@code last}; asked
   *     about once for each doubling of a term's length
   * @param memberships the membership entries of the whole log, in order
   */
  public static RecoveredLog of(
      EntryId start,
      EntryId last,
      List<Entry> tail,
      LongUnaryOperator termAt,
      List<Entry> memberships,
      @Nullable SnapshotMeta snapshot) {
    List<EntryId> starts = new ArrayList<>();
    long from = Math.max(1, start.index());
    while (from <= last.index()) {
      long term = from == start.index() ? start.term() : termAt.applyAsLong(from);
      starts.add(new EntryId(term, from));
      from = endOfTerm(from, term, last, termAt) + 1;
    }
    return new RecoveredLog(start, last, tail, starts, memberships, snapshot, false);
  }

  /** The same, of a node that is under repair. */
  public RecoveredLog underRepair() {
    return new RecoveredLog(start, last, tail, termStarts, memberships, snapshot, true);
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

  private static void checkSnapshot(EntryId start, EntryId last, @Nullable SnapshotMeta snapshot) {
    if (snapshot == null) {
      Invariant.check(start.equals(EntryId.NONE), "what is compacted is in a snapshot");
      return;
    }
    long index = snapshot.last().index();
    Invariant.check(
        start.index() <= index, "compaction ends at the snapshot", start.index(), index);
    Invariant.check(index <= last.index(), "the log reaches the snapshot", index, last.index());
  }

  private static void checkTermStarts(EntryId start, EntryId last, List<EntryId> starts) {
    if (last.equals(EntryId.NONE)) {
      Invariant.check(starts.isEmpty(), "an empty log has no terms");
      return;
    }
    Invariant.check(!starts.isEmpty(), "a log has terms");
    Invariant.check(
        starts.getFirst().index() == Math.max(1, start.index()),
        "the terms are known from the start on, also where the tail is shorter than the log",
        starts.getFirst().index(),
        start.index());
    for (int i = 1; i < starts.size(); i++) {
      Invariant.check(starts.get(i).term() > starts.get(i - 1).term(), "terms rise along a log");
      Invariant.check(starts.get(i).index() > starts.get(i - 1).index(), "each term has entries");
    }
    Invariant.check(starts.getLast().term() == last.term(), "the last term is the last entry's");
  }
}
