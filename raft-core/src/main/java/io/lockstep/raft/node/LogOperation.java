package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.HardState;
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

  record Read(long from, long toExclusive, int bytesMax) implements LogOperation {}
}
