package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node remembers from its earlier lives.
 *
 * @param log its tail has about as many bytes as the core keeps in memory
 */
record Recovery(HardState hardState, RecoveredLog log) {
  private static final int READ_BYTES = 1 << 20;

  /**
   * Reads it, on the log loop, and forces the log first: what an earlier life wrote and did not
   * force must not count as durable.
   *
   * @throws IOException also when the hard state is older than the log, that is, lost
   */
  static Recovery read(LogStore log, HardStateStore hardStates, int tailBytesMax)
      throws IOException {
    HardState hardState = hardStates.load();
    EntryId last = log.last();
    if (hardState.term() < last.term()) {
      throw new IOException(
          "the hard state is lost: it knows term "
              + hardState.term()
              + ", but the log ends in term "
              + last.term());
    }
    if (log.firstIndex() > 1) {
      throw new IOException(
          "the log begins at entry " + log.firstIndex() + ", and no snapshot has those before it");
    }
    log.force();
    List<Entry> tail = log.tail(tailBytesMax);
    try {
      return new Recovery(
          hardState,
          RecoveredLog.of(
              EntryId.NONE,
              last,
              tail,
              index -> termAt(log, tail, index),
              memberships(log, last.index()),
              null));
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
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
