package io.lockstep.raft.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A segment that this process has made, and fills. Owned by the log thread from its first append
 * on.
 */
public interface AppendableSegment extends Segment {
  /**
   * How many bytes one more {@link #append} may have: never more than before, until there is no
   * room at all.
   */
  int remaining();

  /**
   * Hands whole records to the operating system, as if at once, behind all that was appended
   * before. They can be read from now on; they survive the death of the process, and a power cut
   * only after {@link #force}. Until then a power cut may keep any part of the bytes appended since
   * the last force: none, all, a prefix, or with holes.
   *
   * @param records a heap buffer, read from its position to its limit, at most {@link #remaining}
   *     bytes and a multiple of 8
   * @return the position of the first byte; a multiple of 4, the other bytes follow without a gap
   */
  int append(ByteBuffer records) throws IOException;

  /**
   * Returns when all that was appended survives a power cut. A failure is final: never try again.
   */
  void force() throws IOException;

  /** Ends the appending and releases what only that needs. Forces nothing; reading goes on. */
  void seal() throws IOException;
}
