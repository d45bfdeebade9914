package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.HardState;
import io.lockstep.raft.SnapshotMeta;
import java.util.List;

/** What the raft loop can ask of the log loop. */
sealed interface LogOperation {
  record Save(HardState hardState) implements LogOperation {}

  record Truncate(long fromIndex) implements LogOperation {}

  /** {@code entries} is not empty. */
  record Append(long leaderTerm, List<Entry> entries, long weightBytes) implements LogOperation {
    static Append of(long leaderTerm, List<Entry> entries) {
      long weight = 0;
      for (Entry entry : entries) {
        weight += entry.weightBytes();
      }
      return new Append(leaderTerm, entries, weight);
    }
  }

  /** Make durable that the repair is over. */
  record EndRepair() implements LogOperation {}

  record Compact(long firstKept) implements LogOperation {}

  /**
   * Install the snapshot that was received, bring the log in line with it, then run {@code
   * whenDone}.
   *
   * @param keepsLog whether what follows the snapshot's last entry stays
   * @param installed whether the first part is done
   */
  record Restore(SnapshotMeta meta, boolean keepsLog, boolean installed, Runnable whenDone)
      implements LogOperation {}

  /** Run {@code then}, which must not block, once all hard states given before are durable. */
  record Pass(Runnable then) implements LogOperation {}

  record Read(long from, long toExclusive, int bytesMax) implements LogOperation {}
}
