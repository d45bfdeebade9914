package io.lockstep.ops.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.ops.ExitCode;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.SegmentedJournal;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FileSegmentStore;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.storage.Repair;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read out of the directory of a member whose cluster has lost its majority. */
class SurvivorTest {
  private static final NodeId N2 = new NodeId("n2");
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path place;
  private Path data;
  private final KvStateMachine machine = new KvStateMachine(() -> {});
  private final List<Entry> entries = new ArrayList<>();

  @BeforeEach
  void write() {
    data = place.resolve("n2");
    for (int i = 1; i <= 6; i++) {
      Command put =
          new Command.Put(
              Bytes.utf8("k" + i % 2),
              Bytes.utf8("v" + i),
              "text/plain",
              new LeaseBinding.Detach(),
              new KeyCondition.Always(),
              List.of(),
              false);
      Bytes payload = RequestCodec.encode(new Request("me", null, put));
      entries.add(new Entry(i, i < 4 ? 1 : 3, 100L * i, EntryKind.COMMAND, payload));
    }
  }

  private interface Filling {
    void fill(DataDirectory directory, SegmentedJournal log, SnapshotFiles snapshots)
        throws Exception;
  }

  /** A member's directory with what {@code filling} writes. */
  private void member(Filling filling) throws Exception {
    try (DataDirectory directory =
        DataDirectory.open(data, N2, () -> StorageId.draw(RANDOM), Disk.LOCAL)) {
      TreeMap<NodeId, StorageId> members = new TreeMap<>();
      members.put(new NodeId("n1"), StorageId.draw(RANDOM));
      members.put(N2, directory.identity().storage());
      members.put(new NodeId("n3"), StorageId.draw(RANDOM));
      directory.join(directory.identity().join(ClusterId.formedBy(members.values()), members));
      try (SegmentedJournal log =
              SegmentedJournal.open(
                  new FileSegmentStore(directory.log(), Disk.LOCAL),
                  directory.journalOptions(),
                  Runnable::run,
                  System::nanoTime);
          SnapshotFiles snapshots =
              SnapshotFiles.open(
                  new LocalSnapshotDirectory(directory.snapshots(), Disk.LOCAL), damaged -> {})) {
        directory.hardState().save(new HardState(5, null));
        filling.fill(directory, log, snapshots);
        log.force();
      }
    }
  }

  private State after(int count) {
    entries.subList(0, count).forEach(machine::apply);
    return ((KvSnapshot) machine.snapshot()).state();
  }

  /** Saves the state after so many entries. */
  private void save(SnapshotFiles snapshots, int count, long term) throws Exception {
    SnapshotMeta meta =
        new SnapshotMeta(new EntryId(term, count), 100L * count, new Membership(List.of(N2)));
    snapshots.save(meta, new KvSnapshot(after(count)));
  }

  private Survivor read() throws StartRefused {
    return Survivor.read(data, N2, Journal.FILE);
  }

  @Test
  void aLogAloneIsReplayed() throws Exception {
    member((directory, log, snapshots) -> log.append(entries));
    Survivor found = read();
    assertEquals(new EntryId(3, 6), found.last());
    assertEquals(6, found.unsureEntries());
    assertEquals(5, found.origin().term(), "the greatest term is that of the hard state");
    assertEquals(1, found.origin().sureRevision());
    assertEquals(after(6).digest(), found.origin().state().digest());
  }

  @Test
  void whatFollowsOnTheSnapshotIsReplayedAndNotSure() throws Exception {
    member(
        (directory, log, snapshots) -> {
          log.append(entries);
          save(snapshots, 4, 3);
          log.compactTo(3);
        });
    Survivor found = read();
    assertEquals(new EntryId(3, 4), found.snapshot());
    assertEquals(2, found.unsureEntries());
    assertEquals(5, found.origin().sureRevision());
    entries.subList(4, 6).forEach(machine::apply);
    State all = ((KvSnapshot) machine.snapshot()).state();
    assertEquals(all.digest(), found.origin().state().digest());
    Path next = place.resolve("next");
    NewCluster made = NewCluster.make(next, N2, Journal.FILE, found.origin(), 0);
    Survivor again = Survivor.read(next, N2, Journal.FILE);
    assertEquals(0, again.unsureEntries(), "a new cluster's directory is one, too");
    State begun = again.origin().state();
    assertEquals(made.revision(), begun.revision());
    assertEquals("v6", begun.keys().get(Bytes.utf8("k0")).value().utf8());
    assertEquals(made.revision(), begun.keys().get(Bytes.utf8("k0")).meta().modRevision());
  }

  @Test
  void aLogThatIsNotTheSnapshotsIsLeftOut() throws Exception {
    member(
        (directory, log, snapshots) -> {
          log.append(entries);
          save(snapshots, 3, 2);
        });
    Survivor found = read();
    assertEquals(new EntryId(2, 3), found.last());
    assertEquals(0, found.unsureEntries());
    assertEquals(4, found.origin().state().revision());
  }

  @Test
  void whatIsNotToBeTrustedIsRefused() throws Exception {
    assertEquals(ExitCode.USAGE, assertThrows(StartRefused.class, this::read).exitCode());
    member(
        (directory, log, snapshots) -> {
          log.append(entries);
          directory.repair().begin(new Repair(new EntryId(1, 2), 6));
        });
    refused("has lost entries");
  }

  @Test
  void aGapIsRefused() throws Exception {
    member((directory, log, snapshots) -> log.resetTo(new EntryId(1, 3)));
    member2();
    refused("those between are lost");
  }

  private void member2() throws Exception {
    try (DataDirectory directory =
            DataDirectory.open(data, N2, () -> StorageId.draw(RANDOM), Disk.LOCAL);
        SegmentedJournal log =
            SegmentedJournal.open(
                new FileSegmentStore(directory.log(), Disk.LOCAL),
                directory.journalOptions(),
                Runnable::run,
                System::nanoTime)) {
      log.append(entries.subList(3, 6));
      log.force();
    }
  }

  private void refused(String why) {
    StartRefused refused = assertThrows(StartRefused.class, this::read);
    assertEquals(ExitCode.DATA_REFUSED, refused.exitCode());
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }
}
