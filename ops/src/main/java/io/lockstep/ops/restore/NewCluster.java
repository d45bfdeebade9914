package io.lockstep.ops.restore;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.epoch.NewEpoch;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.ops.ExitCode;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.SegmentedJournal;
import io.lockstep.raft.journal.chronicle.ChronicleSegmentStore;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FileSegmentStore;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The data directory of the only member of a new cluster, whose state is that of another's in a new
 * epoch. Others join it with empty directories: so there is one place where the state comes from.
 *
 * <p>The directory becomes a cluster's last of all. Until then it has a term, which no directory
 * has that belongs to none: so a node that is started on what a crash has left here refuses it.
 *
 * @param cluster the new one
 * @param revision the epoch's first
 * @param index of the log's entry that the state stands for
 */
public record NewCluster(ClusterId cluster, long revision, long index) {
  private static final int TERM_BITS = 20;

  /**
   * Makes the directory.
   *
   * @param directory missing or empty
   * @param origin what the epoch begins from
   * @param above as {@code --above}
   */
  public static NewCluster make(
      Path directory, NodeId id, NodeConfig.Journal journal, Origin origin, long above)
      throws StartRefused {
    State before = origin.state();
    String refusal = NewEpoch.refusal(before, above);
    if (refusal != null) {
      throw new StartRefused(ExitCode.USAGE, refusal);
    }
    State state = NewEpoch.begin(before, above, origin.sureRevision());
    try {
      requireEmpty(directory);
      return write(directory, id, journal, state, termAfter(origin.term()));
    } catch (IOException failed) {
      throw new StartRefused(
          ExitCode.DATA_REFUSED,
          directory + " was not made: " + failed.getMessage() + "; empty it and try again",
          failed);
    }
  }

  /** Says what was made of it, and what comes next. */
  public void tell(PrintWriter out, Path directory, NodeId id) {
    out.println("cluster " + cluster + " begins at revision " + revision + " in " + directory);
    out.println(
        "start it: lockstep node --id "
            + id
            + " --data "
            + directory
            + " --client HOST:PORT --peer HOST:PORT --cluster "
            + id
            + "=HOST:PORT");
    out.flush();
  }

  /** Terms rise too, above what the cluster before can have come to. */
  private static long termAfter(long term) {
    return ((term >>> TERM_BITS) + 2) << TERM_BITS;
  }

  private static void requireEmpty(Path directory) throws IOException, StartRefused {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> children = Files.list(directory)) {
      if (children.anyMatch(child -> !child.getFileName().toString().equals("lost+found"))) {
        throw new StartRefused(
            ExitCode.DATA_REFUSED,
            directory + " is not empty: a new cluster begins in a directory of its own");
      }
    }
  }

  private static NewCluster write(
      Path root, NodeId id, NodeConfig.Journal journal, State state, long term) throws IOException {
    SecureRandom random = new SecureRandom();
    EntryId last = new EntryId(term, state.appliedIndex());
    SnapshotMeta meta =
        new SnapshotMeta(last, state.clusterTimeMillis(), new Membership(List.of(id)));
    try (DataDirectory directory =
        DataDirectory.open(root, id, () -> StorageId.draw(random), Disk.LOCAL)) {
      makeLog(directory, journal, last);
      try (SnapshotFiles snapshots =
          SnapshotFiles.open(
              new LocalSnapshotDirectory(directory.snapshots(), Disk.LOCAL), damaged -> {})) {
        snapshots.save(meta, new KvSnapshot(state));
      }
      Identity own = directory.identity();
      ClusterId cluster = ClusterId.formedBy(List.of(own.storage()));
      TreeMap<NodeId, StorageId> members = new TreeMap<>();
      members.put(id, own.storage());
      directory.join(own.join(cluster, members));
      return new NewCluster(cluster, state.revision(), last.index());
    }
  }

  /** An empty log that goes on after {@code last}; the term first, as a node does it. */
  private static void makeLog(DataDirectory directory, NodeConfig.Journal journal, EntryId last)
      throws IOException {
    var options = directory.journalOptions();
    directory.hardState().save(new HardState(last.term(), null));
    var store =
        journal == NodeConfig.Journal.CHRONICLE
            ? new ChronicleSegmentStore(directory.log(), Disk.LOCAL)
            : new FileSegmentStore(directory.log(), Disk.LOCAL);
    try (SegmentedJournal log =
        SegmentedJournal.open(store, options, Runnable::run, System::nanoTime)) {
      log.resetTo(last);
    }
  }
}
