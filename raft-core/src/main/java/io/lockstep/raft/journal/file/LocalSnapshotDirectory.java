package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A directory of the local file system. */
public final class LocalSnapshotDirectory implements SnapshotDirectory {
  private static final long PAUSE_NANOS_MAX = 100_000_000;

  private final Path root;
  private final Disk disk;

  /** A directory that exists. */
  public LocalSnapshotDirectory(Path root, Disk disk) {
    this.root = root;
    this.disk = disk;
  }

  @Override
  public List<String> names() throws IOException {
    try (Stream<Path> children = Files.list(root)) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public NewFile create(String name) throws IOException {
    EnumSet<StandardOpenOption> options =
        EnumSet.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      return new Written(disk.open(root.resolve(name), options));
    } catch (IOException e) {
      throw disk.classified(root, e);
    }
  }

  @Override
  public OldFile open(String name) throws IOException {
    FileChannel channel = disk.open(root.resolve(name), EnumSet.of(StandardOpenOption.READ));
    return new OldFile() {
      @Override
      public void read(ByteBuffer target) throws IOException {
        int read = 0;
        while (target.hasRemaining() && read >= 0) {
          read = channel.read(target);
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  @Override
  public void rename(String from, String to) throws IOException {
    try {
      disk.rename(root.resolve(from), root.resolve(to));
    } catch (IOException e) {
      throw disk.classified(root, e);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(root.resolve(name));
  }

  @Override
  public void forceNames() throws IOException {
    disk.forceDirectory(root);
  }

  @Override
  public void checkRoom(long bytes) throws IOException {
    disk.checkRoom(root, bytes);
  }

  @Override
  public String describe(String name) {
    return root.resolve(name).toString();
  }

  private final class Written implements NewFile {
    private final FileChannel channel;

    Written(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        throw disk.classified(root, e);
      }
    }

    /**
     * Blocks may be given to the file only now, so that this may be what finds the disk full: the
     * file is given up then, and never forced again.
     *
     * <p>Afterwards the disk is left alone for as long as that took: the log is on it, too, and its
     * forces are what clients wait for.
     *
     * @throws NoSpaceException if there is no room
     */
    @Override
    public void force() throws IOException {
      long begin = System.nanoTime();
      try {
        channel.force(true);
      } catch (IOException e) {
        throw disk.classified(root, e);
      }
      LockSupport.parkNanos(Math.min(System.nanoTime() - begin, PAUSE_NANOS_MAX));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
