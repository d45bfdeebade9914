package io.lockstep.raft.journal.file;

import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.JournalOptions;
import io.lockstep.raft.journal.file.DataDirectoryException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.function.Supplier;

/**
 * Where a node keeps what must survive it; held by one process at a time.
 *
 * <pre>
 * lock        held while a process uses the directory
 * format      says that this is a data directory, and of which format; written last
 * identity    whose it is; replaced at each start
 * hard-state  term and vote
 * reserve     blocks that are given up when the disk is full
 * log/        the journal's segments
 * </pre>
 */
public final class DataDirectory implements AutoCloseable {
  private final DirectoryFiles files;
  private final FileChannel lock;
  private Identity identity;

  private DataDirectory(DirectoryFiles files, FileChannel lock, Identity identity) {
    this.files = files;
    this.lock = lock;
    this.identity = identity;
  }

  /**
   * Takes hold of a data directory for one life of a node, and makes durable that it has begun. A
   * directory that is missing or empty is made new.
   *
   * @param newStorage draws the storage id of a directory that is made new
   * @throws DataDirectoryException if it must not be started on
   */
  public static DataDirectory open(
      Path root, NodeId node, Supplier<StorageId> newStorage, Disk disk) throws IOException {
    DirectoryFiles.createDirectory(root.toAbsolutePath(), disk);
    FileChannel lock = lock(root, disk);
    try {
      DirectoryFiles files = new DirectoryFiles(root, disk);
      if (files.areMissing()) {
        files.initialise(Identity.empty(node, newStorage.get()));
      }
      return new DataDirectory(files, lock, files.start(node));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Whose this directory is, with the number of the life that has begun. */
  public Identity identity() {
    return identity;
  }

  /** Makes durable that this directory has become a member's of a cluster. */
  public void join(Identity joined) throws IOException {
    if (!joined.node().equals(identity.node())
        || !joined.storage().equals(identity.storage())
        || joined.startNumber() != identity.startNumber()) {
      throw new IllegalArgumentException("another directory's identity: " + joined);
    }
    files.identity().save(joined);
    identity = joined;
  }

  /** Term and vote. */
  public HardStateFile hardState() {
    return files.hardState();
  }

  /** The directory for the journal's segments. */
  public Path log() {
    return files.log();
  }

  /**
   * How this directory's journal is to be opened. It may be new as long as no term was ever saved:
   * a node does neither vote nor append before it has opened its journal.
   */
  public JournalOptions journalOptions() throws IOException {
    boolean mayBeNew = hardState().load().equals(HardState.INITIAL);
    return JournalOptions.standard(
        JournalOptions.owner(identity.node(), identity.storage()), mayBeNew);
  }

  /** Lets another process take hold. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static FileChannel lock(Path root, Disk disk) throws IOException {
    FileChannel channel =
        disk.open(
            root.resolve("lock"), EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held elsewhere in this process: refused below, as if by another.
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new DataDirectoryException(Reason.IN_USE, root, "another process uses this directory");
  }
}
