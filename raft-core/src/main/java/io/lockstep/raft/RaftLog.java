package io.lockstep.raft;

import java.util.List;

/**
 * What the protocol knows of this node's log: the newest entries, the term of every entry, and how
 * far the log is flushed, committed and applied.
 *
 * <p>Entries stay in memory until they are flushed and committed and {@code tailBytesMax} is
 * exceeded; those before are read through {@link Effect.ReadLog}.
 */
class RaftLog {
  private final int tailBytesMax;
  private final TermStarts terms;
  private final Tail tail;
  private final long firstIndex;
  private long lastTerm;
  private long lastStampMillis;
  private long flushed;
  private long committed;
  private long applied;
  private long truncatedUnder;

  RaftLog(RecoveredLog recovered, int tailBytesMax) {
    this.tailBytesMax = tailBytesMax;
    this.terms = new TermStarts(recovered.termStarts());
    this.firstIndex = recovered.firstIndex();
    this.tail = new Tail(recovered.last().index() + 1 - recovered.tail().size());
    recovered.tail().forEach(tail::add);
    this.lastTerm = recovered.last().term();
    this.lastStampMillis =
        recovered.tail().isEmpty() ? 0 : recovered.tail().getLast().clusterTimeMillis();
    this.flushed = recovered.last().index();
    this.committed = firstIndex - 1;
    this.applied = firstIndex - 1;
  }

  EntryId last() {
    return new EntryId(lastTerm, lastIndex());
  }

  long lastIndex() {
    return tail.next() - 1;
  }

  /** The stamp of the last entry, 0 for an empty log. */
  long lastStampMillis() {
    return lastStampMillis;
  }

  long flushed() {
    return flushed;
  }

  long committed() {
    return committed;
  }

  long applied() {
    return applied;
  }

  /** The lowest index in memory. */
  long tailFirst() {
    return tail.first();
  }

  /**
   * The term of the entry at {@code index}, 0 before the first; {@code index} is within the log.
   */
  long term(long index) {
    Invariant.check(index <= lastIndex(), "the index is within the log", index, lastIndex());
    return terms.termAt(index);
  }

  EntryId id(long index) {
    return new EntryId(term(index), index);
  }

  /** Whether this log holds the entry, and with it all before it (thesis 3.5, Log Matching). */
  boolean holds(EntryId id) {
    return id.index() <= lastIndex() && terms.termAt(id.index()) == id.term();
  }

  /** The last entry at or before {@code index} whose term is at most {@code term}. */
  EntryId lastAtOrBefore(long index, long term) {
    return terms.lastAtOrBefore(Math.min(index, lastIndex()), term);
  }

  List<Entry> slice(long from, long toExclusive, long bytesMax) {
    return tail.slice(from, toExclusive, bytesMax);
  }

  /** Appends entries that follow on the last; they are not durable until a flush says so. */
  void append(List<Entry> entries) {
    for (Entry entry : entries) {
      Invariant.check(entry.term() >= lastTerm, "terms rise along a log", entry.term(), lastTerm);
      Invariant.check(
          entry.clusterTimeMillis() >= lastStampMillis,
          "cluster time never decreases along a log",
          entry.clusterTimeMillis(),
          lastStampMillis);
      tail.add(entry);
      terms.add(entry.index(), entry.term());
      lastTerm = entry.term();
      lastStampMillis = entry.clusterTimeMillis();
    }
    evict();
  }

  /**
   * Drops the entries from {@code index} on, as a leader of {@code leaderTerm} demands (thesis
   * 3.5). Entries of its own follow at once.
   */
  void truncateFrom(long index, long leaderTerm) {
    Invariant.check(
        index > committed, "what is committed is never truncated (3.6.3)", index, committed);
    tail.truncateFrom(index);
    terms.truncateFrom(index);
    lastTerm = terms.termAt(index - 1);
    lastStampMillis = tail.next() > tail.first() ? tail.get(index - 1).clusterTimeMillis() : 0;
    flushed = Math.min(flushed, index - 1);
    truncatedUnder = leaderTerm;
  }

  /**
   * Takes note of a flush. One that was asked for under a leader before the one who truncated last
   * says nothing any more: an entry of the same id may have gone and come back since. A leader
   * never has entries of its own truncated, so a flush under the current one is never stale.
   */
  void flushed(long leaderTerm, EntryId upTo) {
    if (covers(leaderTerm)) {
      Invariant.check(holds(upTo), "what was flushed is in the log", upTo.index(), lastIndex());
      flushed = Math.max(flushed, upTo.index());
      evict();
    }
  }

  boolean covers(long leaderTerm) {
    return leaderTerm >= truncatedUnder;
  }

  void commitTo(long index) {
    Invariant.check(index <= lastIndex(), "only what is in the log commits", index, lastIndex());
    if (index > committed) {
      committed = index;
      evict();
    }
  }

  void appliedTo(long index) {
    Invariant.check(index <= committed, "only what is committed is applied", index, committed);
    applied = Math.max(applied, index);
  }

  private void evict() {
    long keptFrom = Math.min(Math.min(committed, flushed) + 1, lastIndex());
    while (tail.bytes() > tailBytesMax && tail.first() < keptFrom) {
      tail.dropFirst();
    }
  }
}
