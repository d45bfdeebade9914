package io.lockstep.raft.journal;

import java.io.IOException;

/**
 * The segments of one log on one disk: the seam between what the journal means and where its bytes
 * lie. A segment is a block of bytes of fixed length, numbered from 1, filled from its beginning,
 * never written by two processes.
 *
 * <p>All methods but {@link #create} are called by the log thread alone. After an {@link
 * IOException} other than {@link NoSpaceException} the process stops and uses the store no more.
 */
public interface SegmentStore extends AutoCloseable {
  /**
   * The numbers of all segments that {@link #create} has finished and {@link #delete} has not
   * removed, ascending. What a crash left half-made is deleted by this call and not listed.
   */
  long[] list() throws IOException;

  /**
   * Makes an empty segment of {@code blockBytes} zeroes. When it returns, a power cut loses neither
   * the segment's name nor its length, and a later append into it cannot fail for want of space. A
   * crash before leaves nothing that {@link #list} shows.
   *
   * <p>Called by one thread at a time, not always the log thread; the result is handed over to the
   * log thread.
   *
   * @param number higher than that of any segment made before
   * @param blockBytes at least 64 KiB and a multiple of 4 KiB; a quarter of it may go to the
   *     store's own needs, and {@link Segment#length} may be more
   * @throws NoSpaceException if the disk is full; nothing is left behind, and the store stays
   *     usable
   */
  AppendableSegment create(long number, int blockBytes) throws IOException;

  /** Opens a segment that an earlier process made. It is never appended to. */
  Segment open(long number) throws IOException;

  /** Removes a closed segment, durably. */
  void delete(long number) throws IOException;

  /** Where a segment lies, in words for an operator: a path, or what stands for it. */
  String describe(long number);

  @Override
  void close() throws IOException;
}
