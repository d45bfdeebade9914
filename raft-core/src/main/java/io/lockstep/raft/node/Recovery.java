package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node remembers from its earlier lives.
 *
 * @param log its tail has about as many bytes as the core keeps in memory
 */
record Recovery(HardState hardState, RecoveredLog log) {
  private static final int READ_BYTES = 1 << 20;

  /** The same, of a node that has lost what it may have acknowledged. */
  Recovery underRepair() {
    return new Recovery(hardState, log.underRepair());
  }

  /**
   * Where entries lack between the snapshot and the log, as when a snapshot was damaged and the log
   * compacted behind it, all that follows the snapshot is dropped, so that a leader replaces it;
   * see {@link Repair}. Does nothing when nothing lacks.
   *
   * @throws RecoveryRefusedException if nobody could replace it: then nothing is dropped
   */
  static void bridgeGap(
      LogStore log,
      SnapshotStore snapshots,
      RepairStore repairs,
      RepairRule rule,
      NodeListener listener)
      throws IOException {
    SnapshotMeta snapshot = snapshots.newest();
    String gap = gap(log, snapshot);
    if (gap == null) {
      return;
    }
    if (!rule.othersHold(log)) {
      throw new RecoveryRefusedException(gap + "; " + RepairRule.ALONE);
    }
    EntryId kept = snapshot == null ? EntryId.NONE : snapshot.last();
    repairs.begin(new Repair(kept, log.last().index()));
    log.resetTo(kept);
    listener.damaged(gap + "; all after entry " + kept.index() + " is dropped; " + RepairRule.NEXT);
  }

  /**
   * Reads it, on the log loop, and forces the log first: what an earlier life wrote and did not
   * force must not count as durable. A crash may have come after a snapshot became durable and
   * before the log followed it: then the log is brought in line now.
   *
   * @param snapshot the newest one; null for none
   * @throws IOException also when the hard state is older than the log or the snapshot, that is,
   *     lost
   */
  static Recovery read(
      LogStore log, HardStateStore hardStates, @Nullable SnapshotMeta snapshot, int tailBytesMax)
      throws IOException {
    HardState hardState = hardStates.load();
    checkTerm(hardState, log.last().term(), "the log ends");
    if (snapshot != null) {
      checkTerm(hardState, snapshot.last().term(), "the newest snapshot ends");
    }
    log.force();
    if (snapshot != null && !reaches(log, snapshot.last())) {
      log.resetTo(snapshot.last());
    }
    EntryId start = startOf(log, snapshot);
    EntryId last = log.last();
    List<Entry> tail = after(start, log.tail(tailBytesMax));
    try {
      return new Recovery(
          hardState,
          RecoveredLog.of(
              start,
              last,
              tail,
              index -> termAt(log, tail, index),
              memberships(log, last.index()),
              snapshot));
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }

  private static void checkTerm(HardState hardState, long term, String what) throws IOException {
    if (hardState.term() < term) {
      throw new RecoveryRefusedException(
          "the hard state is lost: it knows term "
              + hardState.term()
              + ", but "
              + what
              + " in term "
              + term
              + "; a lost vote could be given twice: if the other members are a majority, replace"
              + " this member by one with an empty data directory");
    }
  }

  /** What lacks between the snapshot and the log; null if nothing does. */
  private static @Nullable String gap(LogStore log, @Nullable SnapshotMeta snapshot) {
    long first = log.firstIndex();
    long stands = snapshot == null ? 0 : snapshot.last().index();
    if (first <= stands + 1) {
      return null;
    }
    return "the log begins at entry "
        + first
        + (snapshot == null
            ? ", and no snapshot has those before it"
            : ", but the newest snapshot ends at entry " + stands + ": those between are lost");
  }

  /** Whether the log holds the snapshot's last entry, or begins right after it. */
  private static boolean reaches(LogStore log, EntryId last) throws IOException {
    if (log.last().index() <= last.index()) {
      return log.last().equals(last);
    }
    return log.firstIndex() > last.index()
        || log.read(last.index(), last.index() + 1, 1).getFirst().term() == last.term();
  }

  /**
   * The place before the first entry that the core may use. Its term must be known; so where the
   * log was compacted to somewhere before the snapshot its first entry only serves as that place.
   */
  private static EntryId startOf(LogStore log, @Nullable SnapshotMeta snapshot) throws IOException {
    long first = log.firstIndex();
    if (snapshot == null || first == 1) {
      return EntryId.NONE;
    }
    return first == snapshot.last().index() + 1
        ? snapshot.last()
        : log.read(first, first + 1, 1).getFirst().id();
  }

  private static List<Entry> after(EntryId start, List<Entry> tail) {
    return tail.stream().filter(entry -> entry.index() > start.index()).toList();
  }

  /** All of the log is read for it: who takes part must be known before the first message. */
  private static List<Entry> memberships(LogStore log, long last) throws IOException {
    List<Entry> found = new ArrayList<>();
    for (long next = log.firstIndex(); next <= last; ) {
      List<Entry> read = log.read(next, last + 1, READ_BYTES);
      found.addAll(RecoveredLog.membershipsOf(read));
      next = read.getLast().index() + 1;
    }
    return found;
  }

  private static long termAt(LogStore log, List<Entry> tail, long index) {
    long tailFirst = tail.getFirst().index();
    if (index >= tailFirst) {
      return tail.get((int) (index - tailFirst)).term();
    }
    try {
      return log.read(index, index + 1, 1).getFirst().term();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
