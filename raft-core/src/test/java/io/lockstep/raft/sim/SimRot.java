package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.DamagedJournalException;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.SegmentedJournal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a start would make of the bytes that a disk holds for good: whether damage there can be told
 * from a torn tail at all. That of the last forced batch, with all that tells of it, can not; see
 * the rule of the journal's recovery.
 */
final class SimRot {
  private SimRot() {}

  /**
   * The entries that a start finds; null where it finds the log damaged.
   *
   * @param store a copy of the disk, which is written to
   */
  static @Nullable List<Entry> found(SegmentStore store, Bytes owner) {
    List<Entry> entries = new ArrayList<>();
    try (SegmentedJournal journal =
        SegmentedJournal.open(store, SimLogs.options(owner, true), Runnable::run, () -> 0L)) {
      long end = journal.last().index() + 1;
      for (long next = journal.firstIndex(); next < end; next = entries.getLast().index() + 1) {
        entries.addAll(journal.read(next, end, 1 << 20));
      }
      return entries;
    } catch (DamagedJournalException e) {
      return null;
    } catch (IOException e) {
      throw new IllegalStateException("a copy in memory", e);
    }
  }
}
