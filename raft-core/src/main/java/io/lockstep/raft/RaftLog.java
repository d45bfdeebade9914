package io.lockstep.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the protocol knows of this node's log: the newest entries, the term of every entry, and how
 * far the log is flushed, committed and applied.
 *
 * <p>Entries stay in memory until they are flushed and committed and {@code tailBytesMax} is
 * exceeded; those before are read through {@link Effect.ReadLog}. The log begins after its {@link
 * #start}: what was before is only in a snapshot (thesis 5.1).
 */
class RaftLog {
  private final int tailBytesMax;
  private final TermStarts terms;
  private Tail tail;
  private EntryId start;
  private @Nullable SnapshotMeta snapshot;
  private long lastTerm;
  private long lastStampMillis;
  private long flushed;
  private long committed;
  private long applied;
  private long truncatedUnder;
  private long weightAppended;

  RaftLog(RecoveredLog recovered, int tailBytesMax) {
    this.tailBytesMax = tailBytesMax;
    this.terms = new TermStarts(recovered.termStarts());
    this.start = recovered.start();
    this.snapshot = recovered.snapshot();
    this.tail = new Tail(recovered.last().index() + 1 - recovered.tail().size());
    recovered.tail().forEach(tail::add);
    this.lastTerm = recovered.last().term();
    this.lastStampMillis =
        recovered.tail().isEmpty()
            ? snapshotStampMillis()
            : recovered.tail().getLast().clusterTimeMillis();
    this.flushed = recovered.last().index();
    this.committed = snapshotIndex();
    this.applied = snapshotIndex();
  }

  /** The place before the first entry: its id is known, and what it stands for is committed. */
  EntryId start() {
    return start;
  }

  /** The index that the newest snapshot stands for; 0 when there is none. */
  long snapshotIndex() {
    return snapshot == null ? 0 : snapshot.last().index();
  }

  EntryId last() {
    return new EntryId(lastTerm, lastIndex());
  }

  long lastIndex() {
    return tail.next() - 1;
  }

  /** The stamp of the last entry, or of the snapshot that the log goes on from; 0 before all. */
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

  /** What was appended in this life, in bytes: tells about how much came after a moment. */
  long weightAppended() {
    return weightAppended;
  }

  /** The lowest index in memory. */
  long tailFirst() {
    return tail.first();
  }

  /** The term of the entry at {@code index}, which is the start of the log or within it. */
  long term(long index) {
    Invariant.check(index <= lastIndex(), "the index is within the log", index, lastIndex());
    Invariant.check(index >= start.index(), "the index is within the log", index, start.index());
    return terms.termAt(index);
  }

  EntryId id(long index) {
    return new EntryId(term(index), index);
  }

  /**
   * Whether this log holds the entry, or starts at it; and with it all before it (thesis 3.5, Log
   * Matching).
   */
  boolean holds(EntryId id) {
    return id.index() >= start.index()
        && id.index() <= lastIndex()
        && terms.termAt(id.index()) == id.term();
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
      weightAppended += entry.weightBytes();
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
    lastStampMillis =
        tail.next() > tail.first()
            ? tail.get(index - 1).clusterTimeMillis()
            : snapshotStampMillis();
    flushed = Math.min(flushed, index - 1);
    truncatedUnder = leaderTerm;
  }

  /**
   * Takes note of a flush. One that was asked for under a leader before the one who truncated last
   * says nothing any more: an entry of the same id may have gone and come back since. A leader
   * never has entries of its own truncated, so a flush under the current one is never stale.
   */
  void flushed(long leaderTerm, EntryId upTo) {
    if (covers(leaderTerm) && upTo.index() > start.index()) {
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

  /** A snapshot was made durable; the log may be compacted up to what it stands for. */
  void snapshotStored(SnapshotMeta meta) {
    Invariant.check(
        meta.last().index() <= applied,
        "a snapshot is of what was applied",
        meta.last().index(),
        applied);
    snapshot = meta;
  }

  /** Forgets what is before {@code firstKept}: the newest snapshot stands for it (thesis 5.1). */
  void compactTo(long firstKept) {
    long index = firstKept - 1;
    Invariant.check(
        index <= snapshotIndex(),
        "only what is in a snapshot is compacted (5.1)",
        index,
        snapshotIndex());
    start = id(index);
    terms.compactTo(index);
    tail.dropBefore(firstKept);
  }

  /**
   * The state is now that of a snapshot from the leader. A log that holds its last entry goes on
   * with what follows; any other has nothing that could be of use (thesis 5.3).
   */
  void restored(SnapshotMeta meta, boolean keepsLog) {
    EntryId last = meta.last();
    Invariant.check(
        last.index() > committed, "only a newer snapshot is restored", last.index(), committed);
    snapshot = meta;
    if (keepsLog) {
      Invariant.check(holds(last), "a log goes on from an entry that it holds");
      compactTo(last.index() + 1);
    } else {
      start = last;
      terms.resetTo(last);
      tail = new Tail(last.index() + 1);
      lastTerm = last.term();
      lastStampMillis = meta.clusterTimeMillis();
      flushed = last.index();
    }
    flushed = Math.max(flushed, last.index());
    committed = last.index();
    applied = last.index();
  }

  private long snapshotStampMillis() {
    return snapshot == null ? 0 : snapshot.clusterTimeMillis();
  }

  private void evict() {
    long keptFrom = Math.min(Math.min(committed, flushed) + 1, lastIndex());
    while (tail.bytes() > tailBytesMax && tail.first() < keptFrom) {
      tail.dropFirst();
    }
  }
}
