package io.lockstep.raft.journal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.statemachine.UnreadableSnapshotException.Reason;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots in files of a real directory. Crashes are the simulated disk's matter. */
class SnapshotFilesTest {
  private static final Membership MEMBERS =
      new Membership(List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3")));
  private static final List<Bytes> SMALL =
      List.of(Bytes.utf8("first"), Bytes.utf8("second"), Bytes.utf8("third"));

  @TempDir private Path directory;
  private final FailingDisk disk = new FailingDisk();

  private static SnapshotMeta meta(long index) {
    return new SnapshotMeta(new EntryId(7, index), 1_000 + index, MEMBERS);
  }

  private static StateSnapshot state(List<Bytes> chunks) {
    return sink -> {
      for (Bytes chunk : chunks) {
        sink.put(chunk);
      }
    };
  }

  private static List<Bytes> large(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Bytes> chunks = new ArrayList<>();
    for (int length : new int[] {1, ChunkSink.CHUNK_BYTES_MAX, 70_000, 513}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      chunks.add(Bytes.wrap(bytes));
    }
    return chunks;
  }

  private final List<String> damages = new ArrayList<>();

  private SnapshotFiles open() throws IOException {
    damages.clear();
    return SnapshotFiles.open(new LocalSnapshotDirectory(directory, disk), damages::add);
  }

  private static List<Bytes> read(SnapshotFiles files) throws IOException {
    try (SnapshotSource source = files.open()) {
      assertEquals(files.newest(), source.meta());
      List<Bytes> chunks = new ArrayList<>();
      for (Bytes chunk = source.next(); chunk != null; chunk = source.next()) {
        chunks.add(chunk);
      }
      assertNull(source.next(), "the end is the end");
      return chunks;
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String name(long index) {
    return String.format("%019d-%019d.snapshot", index, 7);
  }

  @Test
  void theNewestIsKeptOverRestartsAndTheOlderGo() throws IOException {
    SnapshotFiles files = open();
    assertNull(files.newest());
    files.save(meta(10), state(large(1)));
    files.save(meta(200), state(large(2)));
    assertEquals(large(2), read(files));
    assertEquals(List.of(name(200)), names());
    SnapshotFiles again = open();
    assertEquals(meta(200), again.newest());
    assertEquals(large(2), read(again));
  }

  @Test
  void oneThatComesInCountsOnlyWhenItIsInstalled() throws IOException {
    SnapshotFiles files = open();
    files.save(meta(10), state(SMALL));
    SnapshotSink sink = files.receive(meta(30));
    for (Bytes chunk : large(3)) {
      sink.put(chunk);
    }
    assertEquals(meta(10), files.newest());
    sink.finish();
    assertEquals(meta(10), files.newest());
    files.install(meta(30));
    assertEquals(meta(30), files.newest());
    assertEquals(large(3), read(files));
    assertEquals(List.of(name(30)), names());
    assertEquals(meta(30), open().newest());
  }

  @Test
  void whatIsReceivedAnewLeavesWhatIsAboutToBeInstalled() throws IOException {
    SnapshotFiles files = open();
    SnapshotSink first = files.receive(meta(30));
    first.put(SMALL.getFirst());
    first.finish();
    SnapshotSink second = files.receive(meta(40));
    second.put(SMALL.getLast());
    files.install(meta(30));
    assertEquals(List.of(SMALL.getFirst()), read(files));
    second.finish();
    files.install(meta(40));
    assertEquals(List.of(SMALL.getLast()), read(files));
    assertEquals(List.of(name(40)), names());
  }

  @Test
  void anOlderOneThatIsSavedAfterANewerWasInstalledChangesNothing() throws IOException {
    SnapshotFiles files = open();
    SnapshotSink sink = files.receive(meta(30));
    sink.put(SMALL.getFirst());
    sink.finish();
    files.install(meta(30));
    files.save(meta(20), state(large(1)));
    assertEquals(meta(30), files.newest());
    assertEquals(List.of(SMALL.getFirst()), read(files));
    assertEquals(List.of(name(30)), names());
    assertThrows(Invariant.Broken.class, () -> files.install(meta(29)));
  }

  @Test
  void oneThatIsBeingReadStaysReadableWhenANewerTakesItsPlace() throws IOException {
    SnapshotFiles files = open();
    files.save(meta(10), state(large(1)));
    try (SnapshotSource source = files.open()) {
      List<Bytes> chunks = new ArrayList<>(List.of(source.next()));
      files.save(meta(20), state(SMALL));
      for (Bytes chunk = source.next(); chunk != null; chunk = source.next()) {
        chunks.add(chunk);
      }
      assertEquals(large(1), chunks);
    }
  }

  @Test
  void whatIsGivenUpOrLeftUnfinishedIsGone() throws IOException {
    SnapshotFiles files = open();
    SnapshotSink given = files.receive(meta(30));
    given.put(SMALL.getFirst());
    given.abort();
    given.abort();
    assertEquals(List.of(), names());
    files.receive(meta(30)).put(SMALL.getFirst());
    SnapshotSink finished = open().receive(meta(40));
    finished.put(SMALL.getFirst());
    finished.finish();
    assertEquals(1, names().size());
    assertNull(open().newest(), "what was received and not installed does not count");
    assertEquals(List.of(), names());
  }

  @Test
  void everyFlippedBitIsFoundAndNeverTakenForSomethingElse() throws IOException {
    open().save(meta(10), state(SMALL));
    Path file = directory.resolve(name(10));
    byte[] good = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      demandDamaged(file, bad, "bit " + bit);
    }
    for (int length = 0; length < good.length; length++) {
      demandDamaged(file, Arrays.copyOf(good, length), "length " + length);
    }
    demandDamaged(file, Arrays.copyOf(good, good.length + 1), "one more byte");
    Files.write(file, good);
    assertEquals(SMALL, read(open()));
  }

  private void demandDamaged(Path file, byte[] bytes, String how) throws IOException {
    Files.write(file, bytes);
    assertNull(open().newest(), how);
    assertEquals(1, damages.size(), how);
    String message = damages.getFirst();
    assertTrue(message.contains(file.toString()) && message.contains("is damaged"), message);
    assertFalse(message.contains("\n"), message);
    assertTrue(Files.exists(file), "it is left for inspection");
  }

  @Test
  void chunksThatChangePlacesAreFound() throws IOException {
    open().save(meta(10), state(List.of(Bytes.utf8("aaaa"), Bytes.utf8("bbbb"))));
    Path file = directory.resolve(name(10));
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length - SnapshotFormat.TRAILER_BYTES;
    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, end - 12, swapped, end - 24, 12);
    System.arraycopy(bytes, end - 24, swapped, end - 12, 12);
    demandDamaged(file, swapped, "two chunks changed places");
  }

  @Test
  void oneUnderAnothersNameIsFound() throws IOException {
    open().save(meta(10), state(SMALL));
    Files.move(directory.resolve(name(10)), directory.resolve(name(11)));
    assertNull(open().newest());
    assertTrue(damages.getFirst().contains("another one than its name says"), damages::toString);
  }

  /** Contents are damaged: but who took part is told by the header, if that is whole. */
  @Test
  void anOlderOneThatIsWholeCountsInThePlaceOfADamagedOne() throws IOException {
    SnapshotFiles files = open();
    files.save(meta(10), state(SMALL));
    byte[] older = Files.readAllBytes(directory.resolve(name(10)));
    files.save(meta(20), state(large(1)));
    Files.write(directory.resolve(name(10)), older);
    Path newer = directory.resolve(name(20));
    byte[] bytes = Files.readAllBytes(newer);
    bytes[bytes.length / 2]++;
    Files.write(newer, bytes);
    files = open();
    assertEquals(meta(10), files.newest());
    assertEquals(meta(20), files.newestHeader());
    assertEquals(SMALL, read(files));
    files.save(meta(20), state(large(2)));
    assertEquals(large(2), read(files));
    assertEquals(List.of(name(20)), names());
    assertEquals(meta(20), open().newest());
    assertEquals(List.of(), damages);
  }

  @Test
  void aLaterFormatIsRefusedByNameAndVersion() throws IOException {
    open().save(meta(10), state(SMALL));
    Path file = directory.resolve(name(10));
    byte[] bytes = Files.readAllBytes(file);
    bytes[7]++;
    int end = SnapshotFormat.header(meta(10)).length - Integer.BYTES;
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, end);
    byte[] sum = new ByteWriter(4).i32((int) crc.getValue()).toArray();
    System.arraycopy(sum, 0, bytes, end, sum.length);
    Files.write(file, bytes);
    UnreadableSnapshotException e = assertThrows(UnreadableSnapshotException.class, this::open);
    assertEquals(Reason.NEWER, e.reason());
    String expected = file + " is in format 2, where 1 is the latest";
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void aFullDiskLeavesTheOldOneAndIsTriedAgainLater() throws IOException {
    SnapshotFiles files = open();
    files.save(meta(10), state(SMALL));
    disk.writeError = "No space left on device";
    assertThrows(NoSpaceException.class, () -> files.save(meta(20), state(large(1))));
    assertThrows(NoSpaceException.class, () -> files.receive(meta(20)));
    disk.writeError = null;
    SnapshotSink sink = files.receive(meta(20));
    disk.writeError = "No space left on device";
    assertThrows(NoSpaceException.class, () -> sink.put(SMALL.getFirst()));
    sink.abort();
    disk.writeError = null;
    disk.forceError = "No space left on device";
    assertThrows(NoSpaceException.class, () -> files.save(meta(20), state(large(1))));
    disk.forceError = null;
    assertEquals(List.of(name(10)), names());
    assertEquals(SMALL, read(files));
    files.save(meta(20), state(large(1)));
    assertEquals(large(1), read(files));
  }

  @Test
  void aForceOrWriteThatFailsIsNoWantOfSpace() throws IOException {
    SnapshotFiles files = open();
    files.save(meta(10), state(SMALL));
    disk.forceError = "Input/output error";
    IOException force =
        assertThrows(IOException.class, () -> files.save(meta(20), state(large(1))));
    assertFalse(force instanceof NoSpaceException);
    SnapshotSink sink = files.receive(meta(20));
    sink.put(SMALL.getFirst());
    assertFalse(assertThrows(IOException.class, sink::finish) instanceof NoSpaceException);
    disk.forceError = null;
    disk.writeError = "Input/output error";
    IOException write =
        assertThrows(IOException.class, () -> files.save(meta(20), state(large(1))));
    assertFalse(write instanceof NoSpaceException);
    disk.writeError = null;
    assertEquals(SMALL, read(open()), "the old one is what counts");
  }

  /** The log is on the same disk, and its forces are what clients wait for. */
  @Test
  void afterAForceTheDiskIsLeftAloneForAsLongAsThatTook() throws IOException {
    disk.forceMillis = 30;
    LocalSnapshotDirectory files = new LocalSnapshotDirectory(directory, disk);
    try (SnapshotDirectory.NewFile file = files.create("slow")) {
      file.write(ByteBuffer.wrap(new byte[100]));
      long begin = System.nanoTime();
      file.force();
      long millis = (System.nanoTime() - begin) / 1_000_000;
      assertTrue(millis >= 55, "a force of 30 ms and as much of rest took " + millis);
    }
  }
}
