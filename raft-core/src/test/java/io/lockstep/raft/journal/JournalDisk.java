package io.lockstep.raft.journal;

import java.io.IOException;

/**
 * A disk for the journal's tests: it outlives the processes that use it, and its bytes can be seen
 * and changed behind their backs.
 */
public interface JournalDisk {
  /** The disk as the next process finds it. The one before is dead, but for what it left open. */
  SegmentStore open() throws IOException;

  /** All bytes of a segment. */
  byte[] bytes(long segment) throws IOException;

  /** Changes bytes of a segment, whose length stays. */
  void overwrite(long segment, int position, byte[] bytes) throws IOException;

  /** Cuts a segment short. */
  void truncate(long segment, int length) throws IOException;
}
