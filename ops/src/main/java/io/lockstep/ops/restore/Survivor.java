package io.lockstep.ops.restore;

import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.ops.ExitCode;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.SegmentedJournal;
import io.lockstep.raft.journal.chronicle.ChronicleSegmentStore;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FileSegmentStore;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * What a member that is left of a cluster holds: its newest snapshot, and all entries of its log
 * after it. Which of those were committed, one node alone cannot know: all of them are taken, for
 * it is worse to lose what was acknowledged than to do what was not. What no survivor has received
 * is lost.
 *
 * @param origin what a new cluster begins from
 * @param snapshot the last entry in its snapshot; {@link EntryId#NONE} when it has none
 * @param last its last entry: of several survivors the one with the latest knows most
 */
public record Survivor(Origin origin, EntryId snapshot, EntryId last) {
  private static final int READ_BYTES = 1 << 20;

  /**
   * Reads the data directory of a node that is stopped. Nothing in it is altered but that a life of
   * it has begun and ended.
   */
  public static Survivor read(Path root, NodeId id, Journal journal) throws StartRefused {
    if (!Files.isRegularFile(root.resolve("format"))) {
      throw new StartRefused(ExitCode.USAGE, root + " is no data directory");
    }
    try (DataDirectory directory =
        DataDirectory.open(root, id, () -> StorageId.draw(new SecureRandom()), Disk.LOCAL)) {
      requireTrustworthy(root, directory);
      return read(directory, journal);
    } catch (IOException refused) {
      throw new StartRefused(
          ExitCode.DATA_REFUSED,
          "nothing to recover from in " + root + ": " + refused.getMessage(),
          refused);
    }
  }

  private static void requireTrustworthy(Path root, DataDirectory directory)
      throws IOException, StartRefused {
    String reason = null;
    if (!directory.identity().formed()) {
      reason = "belongs to no cluster";
    } else if (directory.divergence().load() != null) {
      reason = "has a state that differed from that of the other members";
    } else if (directory.repair().load() != null) {
      reason = "has lost entries that it had acknowledged, and nobody had replaced them";
    }
    if (reason != null) {
      throw new StartRefused(
          ExitCode.DATA_REFUSED, root + " " + reason + ": take another member's");
    }
  }

  private static Survivor read(DataDirectory directory, Journal journal) throws IOException {
    KvStateMachine machine = new KvStateMachine(() -> {});
    var store =
        journal == Journal.CHRONICLE
            ? new ChronicleSegmentStore(directory.log(), Disk.LOCAL)
            : new FileSegmentStore(directory.log(), Disk.LOCAL);
    try (SnapshotFiles snapshots =
            SnapshotFiles.open(
                new LocalSnapshotDirectory(directory.snapshots(), Disk.LOCAL), damaged -> {});
        SegmentedJournal log =
            SegmentedJournal.open(
                store, directory.journalOptions(), Runnable::run, System::nanoTime)) {
      EntryId stands = restore(machine, snapshots);
      long sure = state(machine).revision();
      EntryId last = replay(machine, log, stands);
      long term = Math.max(directory.hardState().load().term(), last.term());
      return new Survivor(new Origin(state(machine), term, sure), stands, last);
    }
  }

  private static EntryId restore(KvStateMachine machine, SnapshotFiles snapshots)
      throws IOException {
    SnapshotMeta newest = snapshots.newest();
    if (newest == null) {
      return EntryId.NONE;
    }
    try (SnapshotSource source = snapshots.open()) {
      machine.restore(source);
    }
    return newest.last();
  }

  /** Applies what follows on the snapshot; returns the last entry. */
  private static EntryId replay(KvStateMachine machine, SegmentedJournal log, EntryId stands)
      throws IOException {
    if (log.last().index() <= stands.index() || contradicts(log, stands)) {
      return stands;
    }
    if (log.firstIndex() > stands.index() + 1) {
      throw new IOException(
          "its log begins at entry "
              + log.firstIndex()
              + ", its snapshot ends at entry "
              + stands.index()
              + ": those between are lost");
    }
    long end = log.last().index() + 1;
    for (long next = stands.index() + 1; next < end; ) {
      for (Entry entry : log.read(next, end, READ_BYTES)) {
        machine.apply(entry);
        next = entry.index() + 1;
      }
    }
    return log.last();
  }

  /** Whether the log is not the one that the snapshot is of: a start would drop it, too. */
  private static boolean contradicts(SegmentedJournal log, EntryId stands) throws IOException {
    if (log.firstIndex() > stands.index()) {
      return false;
    }
    Entry same = log.read(stands.index(), stands.index() + 1, 1).getFirst();
    return same.term() != stands.term();
  }

  private static State state(KvStateMachine machine) {
    return ((KvSnapshot) machine.snapshot()).state();
  }

  /** How many entries were taken that a majority may not have had. */
  public long unsureEntries() {
    return last.index() - snapshot.index();
  }
}
