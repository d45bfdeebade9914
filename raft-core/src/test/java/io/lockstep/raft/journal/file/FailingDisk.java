package io.lockstep.raft.journal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The local file system, with forces or writes that fail on demand, as they do in the kernel. */
public final class FailingDisk implements Disk {
  /** What a force says; null while forces succeed. */
  public volatile @Nullable String forceError;

  /** What a write says; null while writes succeed. */
  public volatile @Nullable String writeError;

  /** Whether forces do nothing: no test here cuts the power, and they take their time. */
  public volatile boolean forcesSkipped;

  /** How long a force takes, in milliseconds, beyond what it takes. */
  public volatile long forceMillis;

  /** A disk whose forces do nothing. */
  public static FailingDisk withoutForces() {
    FailingDisk disk = new FailingDisk();
    disk.forcesSkipped = true;
    return disk;
  }

  @Override
  public FileChannel open(Path path, Set<? extends OpenOption> options) throws IOException {
    return new FailingChannel(FileChannel.open(path, options));
  }

  private static void failIf(@Nullable String error) throws IOException {
    if (error != null) {
      throw new IOException(error);
    }
  }

  private final class FailingChannel extends FileChannel {
    private final FileChannel channel;

    FailingChannel(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      failIf(forceError);
      LockSupport.parkNanos(forceMillis * 1_000_000);
      if (!forcesSkipped) {
        channel.force(metaData);
      }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      failIf(writeError);
      return channel.write(source);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      failIf(writeError);
      return channel.write(source, position);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      failIf(writeError);
      return channel.write(sources, offset, length);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return channel.read(target);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
      return channel.read(targets, offset, length);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return channel.read(target, position);
    }

    @Override
    public long position() throws IOException {
      return channel.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      channel.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      channel.truncate(size);
      return this;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
        throws IOException {
      return channel.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
        throws IOException {
      return channel.transferFrom(source, position, count);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return channel.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return channel.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return channel.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channel.close();
    }
  }
}
