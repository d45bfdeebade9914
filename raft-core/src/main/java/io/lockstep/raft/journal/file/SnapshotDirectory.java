package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The files of one directory by name: the seam between what a snapshot's file means and where its
 * bytes lie. Thread-safe as far as threads use different names.
 *
 * <p>What was written is durable after {@link NewFile#force}, names after {@link #forceNames}.
 * {@link NoSpaceException} leaves the directory usable; after any other {@link IOException} of what
 * changes something the process stops.
 */
public interface SnapshotDirectory {
  /** The names of all files, sorted. */
  List<String> names() throws IOException;

  /** Makes a file, empty, in place of one that has the name. */
  NewFile create(String name) throws IOException;

  /** Opens a file to be read; it stays readable when it is deleted or replaced. */
  OldFile open(String name) throws IOException;

  /** Renames a file, over one that has the name. */
  void rename(String from, String to) throws IOException;

  /** Deletes a file if it exists. */
  void delete(String name) throws IOException;

  /** Returns when all that was created, renamed and deleted survives a power cut. */
  void forceNames() throws IOException;

  /** Throws {@link NoSpaceException} unless {@code bytes} and some more could be written. */
  void checkRoom(long bytes) throws IOException;

  /** Where a file lies, in words for an operator: a path, or what stands for it. */
  String describe(String name);

  /** A file that is being written, from its beginning. Owned by one thread. */
  interface NewFile extends AutoCloseable {
    /** Writes all of {@code bytes} at the end. */
    void write(ByteBuffer bytes) throws IOException;

    /** Returns when all that was written survives a power cut. A failure is final. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** A file that is being read, from its beginning. Owned by one thread. */
  interface OldFile extends AutoCloseable {
    /** Reads the next bytes, fewer than {@code target} has room for only at the end. */
    void read(ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;
  }
}
