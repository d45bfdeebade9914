package io.lockstep.raft.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of one segment, to be read. Owned by the log thread. */
public interface Segment extends AutoCloseable {
  /** The number it was created with. */
  long number();

  /** Its length now, in bytes. Another one than at its creation means damage. */
  long length() throws IOException;

  /**
   * Reads the bytes from {@code position} on, as last written, forced or not, until {@code target}
   * is full or the segment ends. Bytes that were never written read as zero, or as whatever the
   * store keeps between records.
   *
   * @return how many bytes were read; 0 at or past the end
   */
  int read(long position, ByteBuffer target) throws IOException;

  /**
   * Writes the bytes of this range once more as they are, then forces the segment. After it they
   * survive a power cut even if the process before this one had a force that failed: such a force
   * may leave bytes that can be read, are not on the disk, and would not be written by another
   * force.
   */
  void rewrite(long from, long toExclusive) throws IOException;

  /** Releases what it holds. Forces nothing. */
  @Override
  void close() throws IOException;
}
