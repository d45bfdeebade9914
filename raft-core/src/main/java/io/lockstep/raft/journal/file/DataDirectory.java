package io.lockstep.raft.journal.file;

import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Joined;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.JournalOptions;
import io.lockstep.raft.journal.file.DataDirectoryException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a node keeps what must survive it; held by one process at a time.
 *
 * <pre>
 * lock        held while a process uses the directory
 * format      says that this is a data directory, and of which format; written last
 * identity    whose it is; replaced at each start
 * joined      what the cluster told that took this node in later; a founder has none
 * hard-state  term and vote
 * repair      there while entries that were lost are not replaced
 * diverged    there once the state was found not to be the other replicas'
 * secret      the private halves of the keys that this node signs with; for its user only
 * reserve     blocks that are given up when the disk is full
 * log/        the journal's segments
 * snapshots/  the newest snapshot
 * </pre>
 */
public final class DataDirectory implements AutoCloseable {
  /**
   * The directories that this process holds: to open and close the lock file of one of them once
   * more would give the lock up, as the kernel has it.
   */
  private static final Set<Path> HELD = new ConcurrentSkipListSet<>();

  private final DirectoryFiles files;
  private final Path held;
  private final FileChannel lock;
  private Identity identity;

  private DataDirectory(DirectoryFiles files, Path held, FileChannel lock, Identity identity) {
    this.files = files;
    this.held = held;
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
    Path held = root.toRealPath();
    FileChannel lock = lock(held, disk);
    try {
      DirectoryFiles files = new DirectoryFiles(root, disk);
      if (files.areMissing()) {
        files.initialise(Identity.empty(node, newStorage.get()));
      }
      return new DataDirectory(files, held, lock, files.start(node));
    } catch (IOException | RuntimeException e) {
      unlock(held, lock);
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

  /**
   * Makes durable that a cluster has taken this directory in after its first start.
   *
   * @param how what it was told then
   */
  public void join(Identity joined, Joined how) throws IOException {
    files.joined().save(how);
    join(joined);
  }

  /** What the cluster told that took this directory in; null for a founder's or an empty one. */
  public @Nullable Joined joined() throws IOException {
    return identity.formed() ? files.joined().load() : null;
  }

  /** Term and vote. */
  public HardStateFile hardState() {
    return files.hardState();
  }

  /** Whether entries were lost that are not replaced yet. */
  public RepairFile repair() {
    return files.repair();
  }

  /** Whether the state here was found not to be the other replicas'. */
  public DivergenceFile divergence() {
    return files.divergence();
  }

  /** What this node tells nobody. */
  public SecretFile secret() {
    return files.secret();
  }

  /** The directory for the journal's segments. */
  public Path log() {
    return files.log();
  }

  /** The directory for snapshots. */
  public Path snapshots() {
    return files.snapshots();
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
    if (lock.isOpen()) {
      unlock(held, lock);
    }
  }

  private static FileChannel lock(Path held, Disk disk) throws IOException {
    if (!HELD.add(held)) {
      throw inUse(held);
    }
    FileChannel channel = null;
    try {
      channel =
          disk.open(
              held.resolve("lock"),
              EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
      if (channel.tryLock() == null) {
        throw inUse(held);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      unlock(held, channel);
      throw e;
    }
  }

  private static void unlock(Path held, @Nullable FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD.remove(held);
    }
  }

  private static DataDirectoryException inUse(Path held) {
    return new DataDirectoryException(
        Reason.IN_USE, held, "another process uses this data directory");
  }
}
