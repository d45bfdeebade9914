package io.lockstep.raft;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots as the protocol sees them (thesis 5): how far the log is compacted behind one that was
 * taken here, and how one that came from the leader is installed.
 */
class Snapshots {
  private final RaftLog log;
  private final Memberships memberships;
  private final Outbox outbox;
  private final Applying applying;
  private final SnapshotOptions options;

  /** What had been appended when the log ended at an index: at the start, at each snapshot. */
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();

  private Effect.@Nullable RestoreSnapshot restoring;

  private record Mark(long lastIndex, long weightAppended) {}

  Snapshots(
      RaftLog log,
      Memberships memberships,
      Outbox outbox,
      Applying applying,
      SnapshotOptions options) {
    this.log = log;
    this.memberships = memberships;
    this.outbox = outbox;
    this.applying = applying;
    this.options = options;
    marks.add(new Mark(log.lastIndex(), log.weightAppended()));
  }

  /**
   * Whether a snapshot is being installed. Until its state is restored the node takes no entries
   * and does not campaign: it could not serve what it would have to.
   */
  boolean restoring() {
    return restoring != null;
  }

  /**
   * A snapshot taken here is durable. The log behind it is compacted but for a bounded tail; an
   * installation under way does that itself.
   *
   * @param tight whether room is wanted so much that no tail is kept
   * @param wanted the lowest index that a follower of this leader still wants; it is kept unless
   *     too much came after. {@link Long#MAX_VALUE} for none
   */
  void stored(SnapshotMeta meta, boolean tight, long wanted) {
    if (restoring != null || meta.last().index() <= log.snapshotIndex()) {
      return;
    }
    log.snapshotStored(meta);
    memberships.compactTo(meta.last().index());
    long affordable = noteAffordable() + 1;
    long unneeded = Math.min(firstKept(meta.last().index(), tight), log.flushed() + 1);
    long firstKept = Math.min(unneeded, Math.max(wanted, affordable));
    if (firstKept > log.start().index() + 1) {
      log.compactTo(firstKept);
      outbox.add(new Effect.CompactLog(firstKept));
    }
  }

  long firstKept(long snapshotIndex, boolean tight) {
    long next = snapshotIndex + 1;
    return tight ? next : Math.min(next, Math.max(next - options.tailEntries(), log.tailFirst()));
  }

  /** The lowest index after which no more came than may be kept for those who catch up. */
  private long noteAffordable() {
    long weight = log.weightAppended();
    marks.add(new Mark(log.lastIndex(), weight));
    while (weight - marks.getFirst().weightAppended() > options.catchUpBytesMax()) {
      marks.removeFirst();
    }
    return marks.getFirst().lastIndex();
  }

  /** A snapshot from the leader lies on this node's disk. An old one is of no use (thesis 5.3). */
  void received(SnapshotMeta meta) {
    if (restoring != null || meta.last().index() <= log.committed()) {
      return;
    }
    Effect.RestoreSnapshot restore = new Effect.RestoreSnapshot(meta, keepsLog(meta.last()));
    restoring = restore;
    applying.pause();
    outbox.add(restore);
  }

  /** Whether what follows the snapshot in this log may still be good (thesis 5.3). */
  boolean keepsLog(EntryId last) {
    return log.holds(last);
  }

  /** The snapshot is installed, durably, and its state is what readers see. */
  void restored(SnapshotMeta meta, long nextDueMillis) {
    Effect.RestoreSnapshot restore =
        Invariant.present(restoring, "only a snapshot that was asked for is restored");
    Invariant.check(restore.meta().equals(meta), "the snapshot asked for is restored");
    restoring = null;
    log.restored(meta, restore.keepsLog());
    if (restore.keepsLog()) {
      memberships.compactTo(meta.last().index());
    } else {
      memberships.restore(meta.last().index(), meta.membership());
    }
    applying.restored(meta.last().index(), nextDueMillis);
  }
}
