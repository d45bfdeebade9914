package io.lockstep.raft.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.NodeId;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IdentityTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final StorageId S1 = new StorageId("0".repeat(31) + "1");
  private static final StorageId S2 = new StorageId("0".repeat(31) + "2");

  @Test
  void aDrawnStorageIdHas32HexDigitsAndDiffersFromTheNext() {
    Random source = new Random(7);
    StorageId first = StorageId.draw(source);
    assertEquals(32, first.text().length());
    assertNotEquals(first, StorageId.draw(source));
  }

  @Test
  void anIdHasOneSpellingOnly() {
    for (String bad :
        List.of("", "0", "0".repeat(31), "0".repeat(33), "A".repeat(32), "g".repeat(32))) {
      assertThrows(IllegalArgumentException.class, () -> new StorageId(bad), bad);
      assertThrows(IllegalArgumentException.class, () -> new ClusterId(bad), bad);
    }
  }

  @Test
  void theClusterIdDependsOnTheSetOfStorageIdsAndNotOnTheirOrder() {
    assertEquals(ClusterId.formedBy(List.of(S1, S2)), ClusterId.formedBy(List.of(S2, S1)));
    assertNotEquals(ClusterId.formedBy(List.of(S1, S2)), ClusterId.formedBy(List.of(S1)));
    assertThrows(Invariant.Broken.class, () -> ClusterId.formedBy(List.of(S1, S1)));
  }

  @Test
  void theClusterIdIsHalfASha256() {
    // printf '%032x\n%032x\n' 1 2 | sha256sum
    assertEquals("d293186969772f624bcf3cfab138c955", ClusterId.formedBy(List.of(S1, S2)).text());
  }

  @Test
  void aFormedIdentityListsItsOwnDirectory() {
    ClusterId cluster = ClusterId.formedBy(List.of(S1, S2));
    TreeMap<NodeId, StorageId> members = new TreeMap<>();
    members.put(N1, S1);
    members.put(N2, S2);
    Identity empty = Identity.empty(N1, S1);
    assertFalse(empty.formed());
    Identity formed = empty.join(cluster, members);
    assertTrue(formed.formed());
    assertThrows(Invariant.Broken.class, () -> formed.join(cluster, members));

    members.put(N2, S1);
    assertEquals(S2, formed.members().get(N2), "members were copied");
    assertThrows(IllegalArgumentException.class, () -> empty.join(cluster, members));
    members.remove(N1);
    assertThrows(IllegalArgumentException.class, () -> empty.join(cluster, members));
    assertThrows(
        IllegalArgumentException.class, () -> new Identity(N1, S1, null, formed.members(), 1));
  }

  @Test
  void aStartCountsUpAndKeepsTheRest() {
    Identity empty = Identity.empty(N1, S1);
    assertEquals(0, empty.startNumber());
    assertEquals(2, empty.started().started().startNumber());
    assertThrows(
        IllegalArgumentException.class, () -> new Identity(N1, S1, null, empty.members(), -1));
  }
}
