package io.lockstep.raft.journal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Contact;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Joined;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.JournalOptions;
import io.lockstep.raft.journal.file.DataDirectoryException.Reason;
import io.lockstep.raft.storage.Repair;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");

  @TempDir private Path temp;
  private int drawn;

  private DataDirectory open(Path root, NodeId node) throws IOException {
    return DataDirectory.open(root, node, () -> StorageId.draw(new Random(++drawn)), Disk.LOCAL);
  }

  private Path data() {
    return temp.resolve("deep/data");
  }

  private void assertRefused(Reason reason, String saying) {
    DataDirectoryException e =
        assertThrows(DataDirectoryException.class, () -> open(data(), N1).close());
    assertEquals(reason, e.reason(), e.getMessage());
    assertTrue(e.getMessage().contains(saying), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), "one line: " + e.getMessage());
  }

  /** What a cluster told that took the directory in later is there at each start. */
  @Test
  void aDirectoryThatJoinedKnowsWhatItWasTold() throws IOException {
    Contact own;
    Joined told;
    try (DataDirectory directory = open(data(), N2)) {
      assertNull(directory.joined());
      StorageId founder = StorageId.draw(new Random(77));
      own = new Contact(N2, directory.identity().storage().text(), "127.0.0.1:2", "");
      Contact other = new Contact(N1, founder.text(), "127.0.0.1:1", "http://127.0.0.1:3");
      told = new Joined(List.of(N1), List.of(other, own));
      TreeMap<NodeId, StorageId> members = new TreeMap<>();
      members.put(N1, founder);
      members.put(N2, directory.identity().storage());
      ClusterId cluster = ClusterId.formedBy(List.of(founder));
      directory.join(directory.identity().join(cluster, members), told);
      assertEquals(told, directory.joined());
    }
    try (DataDirectory again = open(data(), N2)) {
      assertEquals(told, again.joined());
      assertTrue(again.identity().formed());
    }
    byte[] altered = Files.readAllBytes(data().resolve("joined"));
    altered[altered.length / 2] ^= 1;
    Files.write(data().resolve("joined"), altered);
    try (DataDirectory damaged = open(data(), N2)) {
      assertThrows(IOException.class, damaged::joined);
    }
  }

  @Test
  void eachStartHasANumberAndTheSameStorage() throws IOException {
    StorageId storage;
    try (DataDirectory first = open(data(), N1)) {
      storage = first.identity().storage();
      assertEquals(1, first.identity().startNumber());
      assertFalse(first.identity().formed());
      assertEquals(HardState.INITIAL, first.hardState().load());
      assertTrue(Files.isDirectory(first.log()));
    }
    try (DataDirectory second = open(data(), N1)) {
      assertEquals(2, second.identity().startNumber());
      assertEquals(storage, second.identity().storage());
    }
    assertEquals(1, drawn, "a storage id is drawn once");
  }

  @Test
  void aClusterTermAndVoteAreRemembered() throws IOException {
    Identity joined;
    try (DataDirectory directory = open(data(), N1)) {
      SortedMap<NodeId, StorageId> members = new TreeMap<>();
      members.put(N1, directory.identity().storage());
      members.put(N2, StorageId.draw(new Random(99)));
      joined = directory.identity().join(ClusterId.formedBy(members.values()), members);
      directory.join(joined);
      directory.hardState().save(new HardState(7, N2));
      assertEquals(new HardState(7, N2), directory.hardState().load());
      directory.hardState().save(new HardState(8, null));
    }
    try (DataDirectory directory = open(data(), N1)) {
      assertEquals(joined.started(), directory.identity());
      assertEquals(new HardState(8, null), directory.hardState().load());
    }
  }

  @Test
  void theJournalMayBeNewUntilATermWasSaved() throws IOException {
    open(data(), N1).close();
    try (DataDirectory directory = open(data(), N1)) {
      assertTrue(directory.journalOptions().mayBeNew(), "no start got as far as a vote");
      directory.hardState().save(new HardState(1, null));
      assertFalse(directory.journalOptions().mayBeNew());
      JournalOptions smaller = directory.journalOptions().withSegmentBytes(12 << 20);
      assertEquals(12 << 20, smaller.segmentBytes());
      assertThrows(IllegalArgumentException.class, () -> smaller.withSegmentBytes(8 << 20));
    }
  }

  @Test
  void aSecondUserIsRefused() throws IOException {
    DataDirectory held = open(data(), N1);
    for (int attempt = 0; attempt < 2; attempt++) {
      assertRefused(Reason.IN_USE, "another process uses this data directory");
      assertEquals("IN_USE", anotherProcessOpens(data()));
    }
    held.close();
    assertEquals("opened", anotherProcessOpens(data()));
    open(data(), N1).close();
  }

  /** Opens a data directory and says what came of it. Argument: the directory. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] args) throws IOException {
      try {
        DataDirectory.open(Path.of(args[0]), N1, () -> null, Disk.LOCAL).close();
        System.out.println("opened");
      } catch (DataDirectoryException e) {
        System.out.println(e.reason());
      }
    }
  }

  private static String anotherProcessOpens(Path data) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      return output.readLine();
    }
  }

  @Test
  void anotherMembersDirectoryIsRefused() throws IOException {
    open(data(), N2).close();
    assertRefused(Reason.FOREIGN, "the data directory of n2, not of n1");
  }

  @Test
  void aDirectoryWithOtherThingsIsRefusedAndLeftAlone() throws IOException {
    Files.createDirectories(data());
    Files.writeString(data().resolve("thesis.txt"), "chapter 1");
    assertRefused(Reason.FOREIGN, "thesis.txt");
    assertEquals("chapter 1", Files.readString(data().resolve("thesis.txt")));
    assertFalse(Files.exists(data().resolve("identity")));
  }

  @Test
  void aLaterFormatIsRefused() throws IOException {
    open(data(), N1).close();
    Files.writeString(data().resolve("format"), "lockstep data directory, format 2\n");
    assertRefused(Reason.FOREIGN, "format");
  }

  @Test
  void whateverIsMissingIsFatalOnceTheDirectoryWasInUse() throws IOException {
    for (String name : List.of("format", "identity", "hard-state", "log")) {
      open(data(), N1).close();
      Path victim = data().resolve(name);
      Path aside = temp.resolve("aside");
      Files.move(victim, aside);
      assertRefused(Reason.DAMAGED, victim.toString());
      Files.move(aside, victim);
    }
    open(data(), N1).close();
  }

  @Test
  void everyFlippedBitInTermAndVoteOrIdentityIsFound() throws IOException {
    try (DataDirectory directory = open(data(), N1)) {
      directory.hardState().save(new HardState(7, N2));
    }
    for (String name : List.of("hard-state", "identity")) {
      Path file = data().resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int bit = 0; bit < 8 * good.length; bit++) {
        byte[] bad = good.clone();
        bad[bit / 8] ^= (byte) (1 << bit % 8);
        Files.write(file, bad);
        assertRefused(Reason.DAMAGED, name);
      }
      for (int length = 0; length < good.length; length++) {
        Files.write(file, Arrays.copyOf(good, length));
        assertRefused(Reason.DAMAGED, name);
      }
      Files.write(file, good);
    }
  }

  @Test
  void aRepairIsRememberedUntilItEnds() throws IOException {
    Repair repair = new Repair(new EntryId(3, 1234), 5678);
    try (DataDirectory directory = open(data(), N1)) {
      assertNull(directory.repair().load());
      directory.repair().begin(new Repair(EntryId.NONE, 0));
      directory.repair().begin(repair);
      assertEquals(repair, directory.repair().load());
    }
    try (DataDirectory directory = open(data(), N1)) {
      assertEquals(repair, directory.repair().load());
      directory.repair().end();
      assertNull(directory.repair().load());
      directory.repair().end();
    }
    Files.write(data().resolve("repair.new"), new byte[] {1, 2, 3});
    try (DataDirectory directory = open(data(), N1)) {
      assertNull(directory.repair().load(), "a mark that a crash cut off was never made");
    }
  }

  @Test
  void aRepairIsBegunAndEndedDurablyOrFails() throws IOException {
    open(data(), N1).close();
    FailingDisk disk = new FailingDisk();
    try (DataDirectory directory = DataDirectory.open(data(), N1, () -> null, disk)) {
      disk.forceError = "Input/output error";
      Repair repair = new Repair(EntryId.NONE, 7);
      assertThrows(IOException.class, () -> directory.repair().begin(repair));
      assertNull(directory.repair().load());
      disk.forceError = null;
      directory.repair().begin(repair);
      disk.forceError = "Input/output error";
      assertThrows(IOException.class, () -> directory.repair().end());
    }
  }

  @Test
  void everyFlippedBitInARepairIsFound() throws IOException {
    try (DataDirectory directory = open(data(), N1)) {
      directory.repair().begin(new Repair(new EntryId(3, 1234), 5678));
      Path file = data().resolve("repair");
      byte[] good = Files.readAllBytes(file);
      for (int bit = 0; bit < 8 * good.length; bit++) {
        byte[] bad = good.clone();
        bad[bit / 8] ^= (byte) (1 << bit % 8);
        Files.write(file, bad);
        assertThrows(DataDirectoryException.class, () -> directory.repair().load());
      }
    }
  }

  @Test
  void oneFileIsNotTakenForTheOther() throws IOException {
    open(data(), N1).close();
    Files.copy(
        data().resolve("identity"),
        data().resolve("hard-state"),
        StandardCopyOption.REPLACE_EXISTING);
    assertRefused(Reason.DAMAGED, "another file's contents");
  }

  @Test
  void aFirstStartThatACrashCutOffIsBegunAgain() throws IOException {
    open(data(), N1).close();
    byte[] identity = Files.readAllBytes(data().resolve("identity"));
    Files.delete(data().resolve("format"));
    // As it was before the first start was complete: no life has begun.
    Path other = temp.resolve("other");
    Files.createDirectories(other.resolve("log"));
    Files.createFile(other.resolve("lock"));
    Files.write(other.resolve("identity.new"), identity);
    try (DataDirectory directory = open(other, N1)) {
      assertEquals(1, directory.identity().startNumber());
    }
    assertRefused(Reason.DAMAGED, "missing in a directory that was in use");
  }

  @Test
  void aCrashBeforeTheRenameLeavesTheOldHardState() throws IOException {
    try (DataDirectory directory = open(data(), N1)) {
      directory.hardState().save(new HardState(3, N1));
    }
    Files.write(data().resolve("hard-state.new"), new byte[] {1, 2, 3});
    try (DataDirectory directory = open(data(), N1)) {
      assertEquals(new HardState(3, N1), directory.hardState().load());
      directory.hardState().save(new HardState(4, N1));
      assertEquals(new HardState(4, N1), directory.hardState().load());
    }
  }

  @Test
  void aForceThatFailsKeepsTheOldHardState() throws IOException {
    open(data(), N1).close();
    FailingDisk disk = new FailingDisk();
    try (DataDirectory directory = DataDirectory.open(data(), N1, () -> null, disk)) {
      directory.hardState().save(new HardState(3, N1));
      disk.forceError = "Input/output error";
      assertThrows(IOException.class, () -> directory.hardState().save(new HardState(4, N2)));
    }
    try (DataDirectory directory = open(data(), N1)) {
      assertEquals(new HardState(3, N1), directory.hardState().load());
    }
  }

  @Test
  void theReserveLetsTermAndVoteBeSavedOnAFullDisk() throws IOException {
    open(data(), N1).close();
    Path reserve = data().resolve("reserve");
    assertTrue(Files.exists(reserve));
    Disk full =
        new Disk() {
          @Override
          public FileChannel open(Path path, Set<? extends OpenOption> options) throws IOException {
            if (path.toString().endsWith(".new") && Files.exists(reserve)) {
              throw new IOException("No space left on device");
            }
            return FileChannel.open(path, options);
          }

          @Override
          public long usableBytes(Path directory) {
            return 0;
          }
        };
    try (DataDirectory directory = DataDirectory.open(data(), N1, () -> null, full)) {
      directory.hardState().save(new HardState(4, N2));
      assertFalse(Files.exists(reserve), "given up");
    }
    try (DataDirectory directory = open(data(), N1)) {
      assertEquals(new HardState(4, N2), directory.hardState().load());
      assertTrue(Files.exists(reserve), "taken again when there is room");
    }
  }
}
