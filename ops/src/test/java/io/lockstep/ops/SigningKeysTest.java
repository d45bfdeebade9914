package io.lockstep.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.grant.SigningKey;
import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of one node over its lives. */
class SigningKeysTest {
  private static final NodeId N1 = new NodeId("n1");

  @TempDir Path root;

  private SigningKeys open(Disk disk) throws IOException {
    try (DataDirectory directory =
        DataDirectory.open(root, N1, () -> StorageId.draw(new SecureRandom()), disk)) {
      return SigningKeys.open(directory.secret(), N1);
    }
  }

  private static List<String> ids(SigningKeys keys) {
    return keys.ring().keys().stream().map(SigningKey::id).toList();
  }

  @Test
  void aRestartedNodeKeepsItsKey() throws IOException {
    List<String> first = ids(open(Disk.LOCAL));
    assertEquals(1, first.size());
    assertEquals(first, ids(open(Disk.LOCAL)));
  }

  @Test
  void onlyItsUserReadsTheFile() throws IOException {
    Path left = root.resolve("secret.new");
    open(Disk.LOCAL);
    Files.delete(root.resolve("secret"));
    Files.writeString(left, "left by a crash, and open to all");
    Files.setPosixFilePermissions(left, PosixFilePermissions.fromString("rw-rw-rw-"));
    open(Disk.LOCAL);
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("secret"))));
    assertFalse(Files.exists(left));
  }

  @Test
  void oneThatCannotBeReadIsReplaced() throws IOException {
    List<String> first = ids(open(Disk.LOCAL));
    Path file = root.resolve("secret");
    byte[] bytes = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * bytes.length; bit += 97) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, damaged);
      assertNotEquals(first, ids(open(Disk.LOCAL)), "bit " + bit);
    }
    Files.delete(file);
    List<String> last = ids(open(Disk.LOCAL));
    assertNotEquals(first, last);
    assertEquals(last, ids(open(Disk.LOCAL)), "and kept");
  }

  /** Durable before said: no ring has a key that is not on disk. */
  @Test
  void aKeyThatIsNotForcedIsNotThere() throws IOException {
    SigningKeys keys = open(Disk.LOCAL);
    List<String> first = ids(keys);
    Files.delete(root.resolve("secret"));
    Files.createDirectory(root.resolve("secret"));
    Files.writeString(root.resolve("secret/file"), "so that nothing can be renamed over it");
    assertThrows(IOException.class, keys::renew);
    assertEquals(first, ids(keys));
  }

  @Test
  void theOneBeforeIsKeptUntilTheNextRotation() throws IOException {
    SigningKeys keys = open(Disk.LOCAL);
    String first = ids(keys).getFirst();
    keys.renew();
    String second = ids(keys).getFirst();
    assertEquals(List.of(second, first), ids(keys));
    assertEquals(List.of(second, first), ids(open(Disk.LOCAL)), "after a crash in between too");
    keys.renew();
    assertEquals(second, ids(keys).getLast());
    assertEquals(2, ids(keys).size());
  }

  @Test
  void aKeyIsReplacedAfterThirtyDaysInUse() throws IOException {
    SigningKeys keys = open(Disk.LOCAL);
    KvStateMachine machine = new KvStateMachine(() -> {});
    assertFalse(keys.due(machine.view(), N1), "it is not published");
    Bytes key = keys.ring().keys().getFirst().publicKey();
    publish(machine, 1, 5_000, key);
    assertEquals(
        keys.ring().keys().getFirst(), keys.ring().inUse(machine.view().members().keys(), N1));
    tick(machine, 2, 5_000 + SigningKeys.IN_USE_MILLIS);
    assertFalse(keys.due(machine.view(), N1));
    tick(machine, 3, 5_001 + SigningKeys.IN_USE_MILLIS);
    assertTrue(keys.due(machine.view(), N1));
    keys.renew();
    assertFalse(keys.due(machine.view(), N1), "the next one is on its way");
    assertEquals(
        keys.ring().keys().getLast(), keys.ring().inUse(machine.view().members().keys(), N1));
  }

  @Test
  void aKeyThatOnlyTheLogHasSignsNothing() throws IOException {
    SigningKeys keys = open(Disk.LOCAL);
    KvStateMachine machine = new KvStateMachine(() -> {});
    publish(machine, 1, 0, SigningKey.generate().publicKey());
    assertNull(keys.ring().inUse(machine.view().members().keys(), N1));
  }

  private static void publish(KvStateMachine machine, long index, long now, Bytes key) {
    Request request = new Request("lockstep", null, new Command.PublishKey(N1, key));
    machine.apply(new Entry(index, 1, now, EntryKind.COMMAND, RequestCodec.encode(request)));
    machine.publish();
  }

  private static void tick(KvStateMachine machine, long index, long now) {
    machine.apply(new Entry(index, 1, now, EntryKind.EMPTY, Bytes.EMPTY));
    machine.publish();
  }
}
