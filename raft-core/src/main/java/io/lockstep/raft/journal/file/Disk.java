package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;

/**
 * How files are opened, and how much room there is: where a test lets a disk fail. What is done
 * with files, durably, is built on it here.
 */
public interface Disk {
  /** The file system as it is. */
  Disk LOCAL = new Disk() {};

  /** So much a write: larger ones make mapped stores into the file dirty many times their bytes. */
  int ZERO_FILL_BYTES = 16 << 10;

  /**
   * After so much it is forced: other forces on the same disk, the log's, wait for this at most.
   */
  int ZERO_FILL_FORCE_BYTES = 1 << 20;

  /** Opens a file, as {@link FileChannel#open} does. */
  default FileChannel open(Path path, Set<? extends OpenOption> options) throws IOException {
    return FileChannel.open(path, options);
  }

  /** How many bytes could be written where {@code directory} lies. */
  default long usableBytes(Path directory) throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  /** Returns when the names in {@code directory} survive a power cut. */
  default void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = open(directory, EnumSet.of(StandardOpenOption.READ))) {
      channel.force(true);
    }
  }

  /** Renames within a directory, over what has the name; durable after {@link #forceDirectory}. */
  default void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Throws unless {@code bytes} and some more for names and other files are free. */
  default void checkRoom(Path directory, long bytes) throws IOException {
    long slack = 1 << 20;
    if (usableBytes(directory) < bytes + slack) {
      throw new NoSpaceException("no " + bytes + " bytes free for " + directory);
    }
  }

  /**
   * Gives the file real blocks between two positions, all zero. They are forced step by step, so
   * that a force of the log does not wait behind a whole segment; the last step is the caller's.
   */
  default void zeroFill(FileChannel channel, long from, long toExclusive) throws IOException {
    ByteBuffer zeroes = ByteBuffer.allocateDirect(ZERO_FILL_BYTES);
    long position = from;
    long forced = from;
    while (position < toExclusive) {
      zeroes.clear().limit((int) Math.min(ZERO_FILL_BYTES, toExclusive - position));
      position += channel.write(zeroes, position);
      if (position - forced >= ZERO_FILL_FORCE_BYTES) {
        channel.force(false);
        forced = position;
      }
    }
  }

  /** Writes all of {@code bytes} at {@code position}. */
  static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** {@code e} as {@link NoSpaceException} if that is what it says, else {@code e} itself. */
  default IOException classified(Path directory, IOException e) throws IOException {
    if (e instanceof NoSpaceException) {
      return e;
    }
    String message = String.valueOf(e.getMessage());
    boolean said =
        message.contains("No space left on device") || message.contains("Disk quota exceeded");
    // The message may be in the operator's language: then what is free tells.
    return said || usableBytes(directory) < (64 << 10)
        ? new NoSpaceException("no space for " + directory, e)
        : e;
  }
}
