package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
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

  /**
   * Reads it, on the log loop, and forces the log first: what an earlier life wrote and did not
   * force must not count as durable. A crash may have come after a snapshot became durable and
   * before the log followed it: then the log is brought in line now.
   *
   * @param snapshot the newest one; null for none
   * @throws IOException also when the hard state is older than the log or the snapshot, that is,
   *     lost; or when entries lack between snapshot and log
   */
  static Recovery read(
      LogStore log, HardStateStore hardStates, @Nullable SnapshotMeta snapshot, int tailBytesMax)
      throws IOException {
    HardState hardState = hardStates.load();
    checkTerm(hardState, log.last().term(), "the log ends");
    if (snapshot != null) {
      checkTerm(hardState, snapshot.last().term(), "the newest snapshot ends");
    }
    checkNoGap(log, snapshot);
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
      throw new IOException(
          "the hard state is lost: it knows term "
              + hardState.term()
              + ", but "
              + what
              + " in term "
              + term);
    }
  }

  private static void checkNoGap(LogStore log, @Nullable SnapshotMeta snapshot) throws IOException {
    long first = log.firstIndex();
    if (snapshot == null && first > 1) {
      throw new IOException(
          "the log begins at entry " + first + ", and no snapshot has those before it");
    }
    if (snapshot != null && first > snapshot.last().index() + 1) {
      throw new IOException(
          "the log begins at entry "
              + first
              + ", but the newest snapshot ends at entry "
              + snapshot.last().index()
              + ": those between are lost; replace this member, or bring back its data directory");
    }
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
