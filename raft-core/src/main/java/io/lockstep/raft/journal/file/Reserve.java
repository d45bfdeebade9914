package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.NoSpaceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;

/**
 * A file of real blocks that is given up when there is no room left for term, vote and identity: a
 * full disk must not stop a node from hearing of a new term. Owned by one thread at a time.
 */
final class Reserve {
  private static final int BYTES = 256 << 10;

  private final Path directory;
  private final Path file;
  private final Disk disk;
  private boolean held;

  Reserve(Path directory, Disk disk) throws IOException {
    this.directory = directory;
    this.file = directory.resolve("reserve");
    this.disk = disk;
    this.held = Files.exists(file) && Files.size(file) == BYTES;
  }

  /** Frees the blocks; false if there were none. */
  boolean release() throws IOException {
    held = false;
    return Files.deleteIfExists(file);
  }

  /** Takes blocks if none are held, and does without if there is no room. */
  void hold() throws IOException {
    if (held) {
      return;
    }
    try {
      disk.checkRoom(directory, BYTES);
      fill();
      held = true;
    } catch (IOException e) {
      release();
      if (!(disk.classified(directory, e) instanceof NoSpaceException)) {
        throw e;
      }
    }
  }

  private void fill() throws IOException {
    EnumSet<StandardOpenOption> options =
        EnumSet.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try (FileChannel channel = disk.open(file, options)) {
      disk.zeroFill(channel, 0, BYTES);
      channel.force(true);
    }
  }
}
