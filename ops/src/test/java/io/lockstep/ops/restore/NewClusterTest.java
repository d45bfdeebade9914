package io.lockstep.ops.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.ops.ExitCode;
import io.lockstep.ops.NodeProcess;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.Address;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.identity.FirstStart;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.SegmentedJournal;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FileSegmentStore;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.peer.PeerAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory of a new cluster's first node. */
class NewClusterTest {
  private static final NodeId N1 = new NodeId("n1");

  @TempDir private Path place;

  private NewCluster make(Path directory, long above) throws StartRefused {
    return NewCluster.make(directory, N1, Journal.FILE, new Origin(State.EMPTY, 7, 1), above);
  }

  @Test
  void theDirectoryIsThatOfALoneNodeWhoseLogGoesOnAfterTheState() throws Exception {
    Path data = place.resolve("n1");
    NewCluster made = make(data, 0);
    assertEquals(1L << 41, made.revision());
    assertEquals(1L << 41, made.index());
    try (DataDirectory directory = reopened(data);
        SnapshotFiles snapshots =
            SnapshotFiles.open(
                new LocalSnapshotDirectory(directory.snapshots(), Disk.LOCAL), damaged -> {})) {
      assertEquals(made.cluster(), directory.identity().cluster());
      assertEquals(List.of(N1), List.copyOf(directory.identity().members().keySet()));
      SnapshotMeta meta = snapshots.newest();
      assertEquals(new Membership(List.of(N1)), meta.membership());
      assertEquals(made.index(), meta.last().index());
      assertTrue(meta.last().term() > 7);
      assertEquals(new HardState(meta.last().term(), null), directory.hardState().load());
      assertEquals(made.revision(), KvSnapshot.read(snapshots.open()).revision());
      try (SegmentedJournal log =
          SegmentedJournal.open(
              new FileSegmentStore(directory.log(), Disk.LOCAL),
              directory.journalOptions(),
              Runnable::run,
              System::nanoTime)) {
        assertEquals(meta.last(), log.last());
      }
    }
  }

  private static DataDirectory reopened(Path data) throws Exception {
    return DataDirectory.open(data, N1, () -> StorageId.draw(new SecureRandom()), Disk.LOCAL);
  }

  @Test
  void eachIsAClusterOfItsOwnAndNoneIsMadeOfWhatIsUsed() throws Exception {
    NewCluster first = make(place.resolve("a"), 0);
    NewCluster second = make(place.resolve("b"), first.revision());
    assertNotEquals(first.cluster(), second.cluster());
    assertEquals(first.revision() + (1L << 41), second.revision());
    StartRefused again = assertThrows(StartRefused.class, () -> make(place.resolve("a"), 0));
    assertEquals(ExitCode.DATA_REFUSED, again.exitCode());
    assertTrue(again.getMessage().contains("is not empty"), again.getMessage());
    StartRefused late = assertThrows(StartRefused.class, () -> make(place.resolve("c"), 1L << 53));
    assertEquals(ExitCode.USAGE, late.exitCode());
    assertTrue(Files.notExists(place.resolve("c")));
  }

  /** A crash of a restore can leave a term without a cluster, and nothing else does. */
  @Test
  void aNodeDoesNotStartOnHalfARestore() throws Exception {
    Path data = place.resolve("n1");
    try (DataDirectory directory = reopened(data)) {
      directory.hardState().save(new HardState(1 << 21, null));
    }
    StartRefused refused = assertThrows(StartRefused.class, () -> NodeProcess.start(config(data)));
    assertEquals(ExitCode.DATA_REFUSED, refused.exitCode());
    assertTrue(refused.getMessage().contains("was not restored to its end"));
  }

  @Test
  void itIsNoFounderAmongOthers() throws Exception {
    Path data = place.resolve("n1");
    make(data, 0);
    TreeSet<NodeId> three = new TreeSet<>(List.of(N1, new NodeId("n2"), new NodeId("n3")));
    try (DataDirectory directory = reopened(data)) {
      FirstStart decision = FirstStart.decide(directory.identity(), three, new TreeMap<>());
      assertTrue(decision instanceof FirstStart.Refuse, decision::toString);
    }
  }

  private static NodeConfig config(Path data) {
    TreeMap<NodeId, PeerAddress> cluster = new TreeMap<>();
    cluster.put(N1, new PeerAddress("127.0.0.1", 8500));
    return new NodeConfig(
        N1,
        data,
        new Address("127.0.0.1", 8400),
        new PeerAddress("127.0.0.1", 8500),
        cluster,
        Journal.FILE,
        12,
        50_000,
        NodeConfig.Timing.LAN,
        64 << 20,
        null);
  }
}
