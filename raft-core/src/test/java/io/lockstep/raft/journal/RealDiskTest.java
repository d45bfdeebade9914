package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FailingDisk;
import io.lockstep.raft.storage.LogStore.Room;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The two real stores on the real file system: its errors, its full disks, its blocks. */
class RealDiskTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void anErrorOfTheKernelsForceReachesTheCaller(DirectoryDisk.Kind kind) throws IOException {
    FailingDisk disk = new FailingDisk();
    JournalFixture fixture = new JournalFixture(new DirectoryDisk(directory, kind, disk));
    SegmentedJournal journal = fixture.open();
    journal.append(JournalFixture.entries(1, 3, 1, 100));
    disk.forceError = "Input/output error";
    IOException e = assertThrows(IOException.class, journal::force);
    assertEquals("Input/output error", e.getMessage());
    disk.forceError = null;
    assertThrows(IOException.class, journal::force);
    journal.close();
  }

  @ParameterizedTest
  @EnumSource
  void aSegmentThatFindsNoSpaceLeavesNothing(DirectoryDisk.Kind kind) throws IOException {
    FailingDisk disk = new FailingDisk();
    try (SegmentStore store = new DirectoryDisk(directory, kind, disk).open()) {
      disk.writeError = "No space left on device";
      assertThrows(NoSpaceException.class, () -> store.create(1, 64 << 10));
      assertEquals(List.of(), names(directory));
      disk.writeError = "Input/output error";
      IOException e = assertThrows(IOException.class, () -> store.create(1, 64 << 10));
      assertFalse(e instanceof NoSpaceException, "an error is not a full disk");
      disk.writeError = null;
      assertEquals(0, store.list().length, "what is half-made is removed, not listed");
      assertEquals(List.of(), names(directory));
      store.create(2, 64 << 10).close();
      assertEquals(2, store.list()[0]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSegmentHasRealBlocksBeforeItIsUsed(DirectoryDisk.Kind kind)
      throws IOException, InterruptedException {
    DirectoryDisk disk = new DirectoryDisk(directory, kind, Disk.LOCAL);
    try (SegmentStore store = disk.open();
        AppendableSegment segment = store.create(1, 1 << 20)) {
      String blocks = output("stat", "--format=%b %B", disk.file(1).toString());
      List<Long> figures = Stream.of(blocks.trim().split(" ")).map(Long::valueOf).toList();
      long allocated = figures.get(0) * figures.get(1);
      assertTrue(allocated >= segment.length(), allocated + " of " + segment.length());
      assertTrue(segment.length() >= 1 << 20);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aLaterStartChangesNoByteOfAnOlderSegment(DirectoryDisk.Kind kind) throws IOException {
    DirectoryDisk disk = new DirectoryDisk(directory, kind, Disk.LOCAL);
    JournalFixture fixture = new JournalFixture(disk);
    SegmentedJournal journal = fixture.open();
    journal.append(JournalFixture.entries(1, 3, 1, 100));
    journal.force();
    fixture.kill(journal);
    byte[] before = disk.bytes(1);
    journal = fixture.open();
    journal.append(JournalFixture.entries(4, 80, 1, 1000));
    journal.close();
    assertEquals(ByteBuffer.wrap(before), ByteBuffer.wrap(disk.bytes(1)));
  }

  @ParameterizedTest
  @EnumSource
  void eachStoreReadsTheOthersSegments(DirectoryDisk.Kind kind) throws IOException {
    for (DirectoryDisk.Kind writer : DirectoryDisk.Kind.values()) {
      Path root = Files.createDirectory(directory.resolve(writer.name()));
      SegmentedJournal journal =
          new JournalFixture(new DirectoryDisk(root, writer, Disk.LOCAL)).open();
      journal.append(JournalFixture.entries(1, 30, 1, 1000));
      journal.close();
      try (SegmentedJournal next =
          new JournalFixture(new DirectoryDisk(root, kind, Disk.LOCAL)).open()) {
        assertEquals(JournalFixture.entries(1, 30, 1, 1000), JournalFixture.all(next));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFullFileSystemRefusesAndRecovers(DirectoryDisk.Kind kind)
      throws IOException, InterruptedException {
    Path mount = Files.createDirectory(directory.resolve("full"));
    String refusal = mountFailure(mount);
    if (refusal != null) {
      System.err.println("SKIPPED: a really full file system needs a mount of tmpfs: " + refusal);
    }
    assumeTrue(refusal == null, "tmpfs can be mounted");
    try {
      fillAndRecover(mount, kind);
    } finally {
      output("umount", "-l", mount.toString());
    }
  }

  private static void fillAndRecover(Path mount, DirectoryDisk.Kind kind) throws IOException {
    DataDirectory data = KilledAppender.openData(mount.resolve("data"));
    JournalFixture fixture = new JournalFixture(new DirectoryDisk(data.log(), kind, Disk.LOCAL));
    SegmentedJournal journal = fixture.open();
    Path ballast = mount.resolve("ballast");
    fill(ballast);
    long index = 1;
    while (journal.append(List.of(JournalFixture.entry(index, 1, 2000))) == 1) {
      journal.force();
      index++;
    }
    assertEquals(Room.NONE, journal.room());
    data.hardState().save(new HardState(9, new NodeId("n2")));
    fill(ballast);
    assertEquals(new HardState(9, new NodeId("n2")), data.hardState().load());
    assertEquals(JournalFixture.entries(1, index - 1, 1, 2000), JournalFixture.all(journal));
    assertTrue(LongStream.of(fixture.store.list()).count() >= 2, "the prepared one was used");

    Files.delete(ballast);
    fixture.nanos += 1_000_000_000L;
    assertEquals(Room.AMPLE, journal.room());
    assertEquals(1, journal.append(List.of(JournalFixture.entry(index, 1, 2000))));
    journal.force();
    fixture.kill(journal);
    data.close();
    assertEquals(JournalFixture.entries(1, index, 1, 2000), fixture.recovered());
  }

  /** Writes until the file system takes no more byte. */
  private static void fill(Path ballast) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    try (FileChannel channel =
        FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        bytes.clear();
        channel.write(bytes);
      }
    } catch (IOException e) {
      assertInstanceOf(
          NoSpaceException.class, Disk.LOCAL.classified(ballast.getParent(), e), e.getMessage());
    }
  }

  /** Why a small file system cannot be mounted here; null if it is. */
  private static String mountFailure(Path mount) throws InterruptedException {
    try {
      String said = output("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount.toString());
      return said.isEmpty() ? null : said;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private static List<String> names(Path root) throws IOException {
    try (Stream<Path> children = Files.list(root)) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    }
  }
}
