package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;

/**
 * The bytes of a segment in a file, whatever wrote them: a read sees what was stored through a
 * mapping of the same file too.
 */
public final class FileBlock implements Segment {
  private static final int REWRITE_BYTES = 1 << 20;

  private final long number;
  private final FileChannel channel;

  /** The segment that {@code channel} reads and writes; closes it with itself. */
  public FileBlock(long number, FileChannel channel) {
    this.number = number;
    this.channel = channel;
  }

  /** The segment in a file that exists. */
  static FileBlock open(long number, Path file, Disk disk) throws IOException {
    return new FileBlock(
        number, disk.open(file, EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE)));
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public long length() throws IOException {
    return channel.size();
  }

  @Override
  public int read(long position, ByteBuffer target) throws IOException {
    int total = 0;
    while (target.hasRemaining()) {
      int read = channel.read(target, position + total);
      if (read < 0) {
        break;
      }
      total += read;
    }
    return total;
  }

  @Override
  public void rewrite(long from, long toExclusive) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(REWRITE_BYTES);
    long position = from;
    while (position < toExclusive) {
      bytes.clear().limit((int) Math.min(REWRITE_BYTES, toExclusive - position));
      int read = read(position, bytes);
      Disk.writeFully(channel, bytes.flip(), position);
      position += read;
    }
    channel.force(false);
  }

  /** Returns when the file's bytes survive a power cut, mapped stores included. */
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
