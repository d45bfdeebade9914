package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.Segment;
import io.lockstep.raft.journal.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;

/** Segments in plain files of fixed length, with real blocks from the beginning. */
public final class FileSegmentStore implements SegmentStore {
  private static final String FILE = "records";

  private final SegmentDirectories directories;
  private final Disk disk;

  /**
   * A store on a directory that exists.
   *
   * @param root the directory of the log, which this process has locked
   */
  public FileSegmentStore(Path root, Disk disk) {
    this.directories = new SegmentDirectories(root, disk);
    this.disk = disk;
  }

  @Override
  public long[] list() throws IOException {
    return directories.list();
  }

  @Override
  public AppendableSegment create(long number, int blockBytes) throws IOException {
    return directories.create(number, blockBytes, directory -> make(directory, number, blockBytes));
  }

  private AppendableSegment make(Path directory, long number, int blockBytes) throws IOException {
    FileChannel channel =
        disk.open(
            directory.resolve(FILE),
            EnumSet.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    try {
      disk.zeroFill(channel, 0, blockBytes);
      channel.force(true);
      return new FileSegment(number, blockBytes, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
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

  /** A file that is filled from its beginning. */
  private static final class FileSegment implements AppendableSegment {
    private final FileChannel channel;
    private final FileBlock block;
    private final int blockBytes;
    private int position;

    FileSegment(long number, int blockBytes, FileChannel channel) {
      this.channel = channel;
      this.block = new FileBlock(number, channel);
      this.blockBytes = blockBytes;
    }

    @Override
    public int remaining() {
      return blockBytes - position;
    }

    @Override
    public int append(ByteBuffer records) throws IOException {
      int at = position;
      int bytes = records.remaining();
      Disk.writeFully(channel, records, at);
      position += bytes;
      return at;
    }

    @Override
    public void force() throws IOException {
      block.force();
    }

    @Override
    public void seal() {
      position = blockBytes;
    }

    @Override
    public long number() {
      return block.number();
    }

    @Override
    public long length() throws IOException {
      return block.length();
    }

    @Override
    public int read(long from, ByteBuffer target) throws IOException {
      return block.read(from, target);
    }

    @Override
    public void rewrite(long from, long toExclusive) throws IOException {
      block.rewrite(from, toExclusive);
    }

    @Override
    public void close() throws IOException {
      block.close();
    }
  }
}
