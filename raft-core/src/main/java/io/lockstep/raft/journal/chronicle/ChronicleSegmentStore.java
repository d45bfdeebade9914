package io.lockstep.raft.journal.chronicle;

import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.Segment;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.SegmentDirectories;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Segments as Chronicle queues: one queue directory a segment, with one cycle that never rolls.
 *
 * <p>Only the process that made a queue appends to it; to one that was opened from disk Chronicle
 * may append behind a hole, where no reader of its own ever looks. And reading does not depend on
 * Chronicle's structures, which have no checksums: records are found in the file's bytes.
 *
 * <p>In a queue, one message is one append: some records in a row.
 */
public final class ChronicleSegmentStore implements SegmentStore {
  private final SegmentDirectories directories;
  private final Disk disk;

  /**
   * A store on a directory that exists.
   *
   * @param root the directory of the log, which this process has locked
   */
  public ChronicleSegmentStore(Path root, Disk disk) {
    this.directories = new SegmentDirectories(root, disk);
    this.disk = disk;
  }

  @Override
  public long[] list() throws IOException {
    return directories.list();
  }

  /** {@inheritDoc} Some 20 ms of them are Chronicle's own, and a second in a process's first. */
  @Override
  public AppendableSegment create(long number, int blockBytes) throws IOException {
    return directories.create(
        number,
        blockBytes / 4 * 5L + (256 << 10),
        directory -> ChronicleSegment.create(directory, number, blockBytes, disk));
  }

  @Override
  public Segment open(long number) throws IOException {
    return directories.open(number);
  }

  @Override
  public void delete(long number) throws IOException {
    directories.delete(number);
  }

  @Override
  public String describe(long number) {
    return directories.path(number).toString();
  }

  @Override
  public void close() {}
}
