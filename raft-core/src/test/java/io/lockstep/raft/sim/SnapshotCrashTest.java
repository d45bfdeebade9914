package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Crashes at every operation of the store of snapshots, with and without a power cut. */
class SnapshotCrashTest {
  private static final long SEEDS = 60;
  private static final int OPERATIONS_MAX = 100;
  private static final Membership MEMBERS = new Membership(List.of(new NodeId("n1")));

  /** What makes a second snapshot out of a first one. */
  @FunctionalInterface
  private interface Change {
    void run(SnapshotFiles files, SnapshotMeta meta) throws IOException;
  }

  private static void fail(String damage) {
    throw new AssertionError(damage);
  }

  private static SnapshotMeta meta(long index) {
    return new SnapshotMeta(new EntryId(2, index), index, MEMBERS);
  }

  /** Each snapshot's chunks are its own, so that a mixture shows. */
  private static List<Bytes> chunks(long index) {
    List<Bytes> chunks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      chunks.add(Bytes.utf8(("state " + index + " chunk " + i + " ").repeat(80)));
    }
    return chunks;
  }

  private static void save(SnapshotFiles files, SnapshotMeta meta) throws IOException {
    files.save(
        meta,
        sink -> {
          for (Bytes chunk : chunks(meta.last().index())) {
            sink.put(chunk);
          }
        });
  }

  private static void receive(SnapshotFiles files, SnapshotMeta meta) throws IOException {
    SnapshotSink sink = files.receive(meta);
    for (Bytes chunk : chunks(meta.last().index())) {
      sink.put(chunk);
    }
    sink.finish();
    files.install(meta);
  }

  private static void demandOneWhole(SnapshotFiles files, String run) throws IOException {
    SnapshotMeta newest = Objects.requireNonNull(files.newest(), run);
    try (SnapshotSource source = files.open()) {
      assertEquals(newest, source.meta(), run);
      List<Bytes> found = new ArrayList<>();
      for (Bytes chunk = source.next(); chunk != null; chunk = source.next()) {
        found.add(chunk);
      }
      assertEquals(chunks(newest.last().index()), found, run);
    }
  }

  @Test
  void aCrashWhileOneIsSavedLeavesTheOldOrTheNewOne() throws IOException {
    crashEverywhere(SnapshotCrashTest::save);
  }

  @Test
  void aCrashWhileOneIsReceivedAndInstalledLeavesTheOldOrTheNewOne() throws IOException {
    crashEverywhere(SnapshotCrashTest::receive);
  }

  private static void crashEverywhere(Change change) throws IOException {
    Set<Long> left = new TreeSet<>();
    int completed = 0;
    for (int operations = 0; operations < OPERATIONS_MAX && completed < 3; operations++) {
      completed = 0;
      for (long seed = 0; seed < SEEDS; seed++) {
        completed += crashOnce(change, operations, seed, left) ? 1 : 0;
      }
    }
    assertTrue(completed > 0, "there is a crash at every operation");
    assertEquals(Set.of(10L, 20L), left, "some crashes leave the old one, some the new one");
  }

  /** Whether the change was complete before the crash. */
  private static boolean crashOnce(Change change, int operations, long seed, Set<Long> left)
      throws IOException {
    String run = "crash at operation " + operations + ", seed " + seed;
    SimDisk disk = new SimDisk(new Simulation(seed, null), new Chance(seed), 1_000);
    SimProcess victim = new SimProcess(0, 1);
    SnapshotFiles files = SnapshotFiles.open(disk.snapshots(victim), SnapshotCrashTest::fail);
    save(files, meta(10));
    boolean cut = seed % 2 == 0;
    disk.crashAfter(operations, () -> end(victim, disk, cut));
    boolean complete = false;
    try {
      change.run(files, meta(20));
      complete = true;
    } catch (Crash e) {
      assertTrue(!victim.alive(), run);
    }
    if (complete) {
      end(victim, disk, cut);
    }
    SimProcess next = new SimProcess(0, 2);
    SnapshotFiles found = SnapshotFiles.open(disk.snapshots(next), SnapshotCrashTest::fail);
    demandOneWhole(found, run);
    long index = Objects.requireNonNull(found.newest(), run).last().index();
    left.add(index);
    if (complete) {
      assertEquals(20, index, run + ": what was said to be durable is");
    }
    assertEquals(1, disk.snapshots(next).names().size(), run + ": nothing else is left");
    next.end();
    disk.cutPower();
    SnapshotFiles again =
        SnapshotFiles.open(disk.snapshots(new SimProcess(0, 3)), SnapshotCrashTest::fail);
    demandOneWhole(again, run);
    assertEquals(
        index,
        Objects.requireNonNull(again.newest(), run).last().index(),
        run + ": what a start has found is durable, though a kill came before that");
    save(again, meta(30));
    demandOneWhole(again, run);
    return complete;
  }

  private static void end(SimProcess process, SimDisk disk, boolean cut) {
    process.end();
    if (cut) {
      disk.cutPower();
    } else {
      disk.kill();
    }
  }

  @Test
  void aFullDiskLeavesTheOldOneAndNothingElse() throws IOException {
    SimDisk disk = new SimDisk(new Simulation(1, null), new Chance(1), 1_000);
    SimProcess process = new SimProcess(0, 1);
    SnapshotFiles files = SnapshotFiles.open(disk.snapshots(process), SnapshotCrashTest::fail);
    save(files, meta(10));
    disk.full(true);
    assertThrows(NoSpaceException.class, () -> save(files, meta(20)));
    assertEquals(1, disk.snapshots(process).names().size());
    demandOneWhole(files, "full");
    disk.full(false);
    save(files, meta(20));
    assertEquals(meta(20), files.newest());
  }

  @Test
  void afterAForceThatFailedTheOldOneIsWhatSurvives() throws IOException {
    for (long seed = 0; seed < SEEDS; seed++) {
      SimDisk disk = new SimDisk(new Simulation(seed, null), new Chance(seed), 1_000);
      SnapshotFiles files =
          SnapshotFiles.open(disk.snapshots(new SimProcess(0, 1)), SnapshotCrashTest::fail);
      save(files, meta(10));
      disk.failForces();
      IOException e = assertThrows(IOException.class, () -> save(files, meta(20)));
      assertTrue(!(e instanceof NoSpaceException), "it is fatal");
      disk.cutPower();
      SnapshotFiles found =
          SnapshotFiles.open(disk.snapshots(new SimProcess(0, 2)), SnapshotCrashTest::fail);
      assertEquals(meta(10), found.newest());
      demandOneWhole(found, "seed " + seed);
    }
  }
}
