package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N3;
import static io.lockstep.raft.peer.Members.N4;
import static io.lockstep.raft.peer.Members.empty;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.Members.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.identity.ClusterId;
import io.lockstep.raft.identity.FirstStart;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.identity.StorageId;
import io.lockstep.raft.peer.FrameReader.BadFrame;
import io.lockstep.raft.peer.Hello.Purpose;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static final Identity OWN = member(N1, 1, 2, 3);
  private static final Roster ROSTER = Roster.first(OWN, new TreeMap<>());

  @Test
  void membersOfOneClusterMaySpeak() {
    assertNull(Handshake.check(OWN, ROSTER, from(member(N2, 1, 2, 3))));
    assertNull(Handshake.check(OWN, ROSTER, from(member(N3, 1, 2, 3))));
  }

  @Test
  void everyMismatchHasItsReason() {
    assertRefused(Refusal.WRONG_NODE, hello(N2, Introduction.of(member(N3, 1, 2, 3))));
    assertRefused(Refusal.UNKNOWN_NODE, from(member(N4, 1, 2, 3, 4)));
    assertRefused(Refusal.UNKNOWN_NODE, from(OWN));
    assertRefused(Refusal.FOREIGN_CLUSTER, from(member(N2, 1, 2, 4)));
    assertRefused(Refusal.FOREIGN_CLUSTER, from(member(N2, 5, 6, 7)));
    assertRefused(Refusal.NOT_READY, fromEmpty(empty(N2, 2)));
    assertRefused(Refusal.WRONG_STORAGE, fromEmpty(empty(N2, 9)));
  }

  @Test
  void anExchangedDirectoryIsFoundEvenUnderTheRightClusterId() {
    SortedMap<NodeId, StorageId> theirs = new TreeMap<>(OWN.members());
    theirs.put(N2, storage(9));
    Rejection other = refused(Refusal.WRONG_STORAGE, hello(N1, introduction(N2, theirs)));
    assertTrue(other.text().contains("emptied or exchanged"), other.text());
    SortedMap<NodeId, StorageId> mine = new TreeMap<>(OWN.members());
    mine.put(N1, storage(9));
    refused(Refusal.WRONG_STORAGE, hello(N1, introduction(N2, mine)));
  }

  @Test
  void aNodeWithoutAClusterSpeaksWithNoOne() {
    Rejection rejection =
        Handshake.check(
            empty(N1, 1), Roster.first(empty(N1, 1), new TreeMap<>()), from(member(N2, 1, 2, 3)));
    assertEquals(Refusal.NOT_READY, rejection == null ? null : rejection.refusal());
  }

  @Test
  void aHelloIsReadAsItWasWritten() throws BadFrame {
    for (Hello hello :
        List.of(
            from(member(N2, 1, 2, 3)),
            fromEmpty(empty(N3, 3)),
            new Hello(Purpose.PROBE, Long.MIN_VALUE, N4, Introduction.of(member(N2, 7, 8))))) {
      assertEquals(hello, decoded(encoded(hello)));
    }
  }

  @Test
  void aHelloCutShortOrDamagedIsRefusedAndNothingElseHappens() {
    byte[] bytes = encoded(from(member(N2, 1, 2, 3)));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertEquals(Refusal.MALFORMED, assertThrows(BadFrame.class, () -> decoded(cut)).refusal());
    }
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        decoded(damaged);
      } catch (BadFrame e) {
        Refusal expected =
            bit < 32 ? Refusal.NOT_A_PEER : bit < 40 ? Refusal.WRONG_VERSION : Refusal.MALFORMED;
        assertEquals(expected, e.refusal(), "bit " + bit);
      }
    }
  }

  @Test
  void aRejectionIsOneBoundedPrintableLine() throws BadFrame {
    Rejection rejection = new Rejection(Refusal.UNKNOWN_NODE, "a\nb\u0007c" + "x".repeat(1_000));
    assertEquals("a?b?c", rejection.text().substring(0, 5));
    assertEquals(Rejection.TEXT_LENGTH_MAX, rejection.text().length());
    ByteWriter bytes = new ByteWriter(16);
    rejection.encode(bytes);
    assertEquals(rejection, Rejection.decode(new ByteReader(bytes.toBytes())));
    ByteReader unknown = new ByteReader(new byte[] {77, 0}, 0, 2);
    assertThrows(BadFrame.class, () -> Rejection.decode(unknown));
    for (Refusal refusal : Refusal.values()) {
      assertEquals(refusal, Refusal.ofCode(refusal.code()));
    }
  }

  private static void assertRefused(Refusal expected, Hello hello) {
    refused(expected, hello);
  }

  private static Rejection refused(Refusal expected, Hello hello) {
    Rejection rejection = Handshake.check(OWN, ROSTER, hello);
    assertTrue(rejection != null && rejection.refusal() == expected, expected + ": " + rejection);
    return rejection;
  }

  private static Introduction introduction(NodeId node, SortedMap<NodeId, StorageId> members) {
    ClusterId cluster = OWN.cluster();
    return new Introduction(
        node, members.get(node), cluster, new TreeSet<>(members.keySet()), members);
  }

  private static Hello from(Identity member) {
    return hello(N1, Introduction.of(member));
  }

  private static Hello fromEmpty(Identity empty) {
    return hello(
        N1, FirstStart.introduction(empty, new TreeSet<>(List.of(N1, N2, N3)), new TreeMap<>()));
  }

  private static Hello hello(NodeId to, Introduction introduction) {
    return new Hello(Purpose.LINK, 5, to, introduction);
  }

  private static byte[] encoded(Hello hello) {
    ByteWriter bytes = new ByteWriter(16);
    hello.encode(bytes);
    return bytes.toArray();
  }

  private static Hello decoded(byte[] bytes) throws BadFrame {
    return Hello.decode(new ByteReader(bytes, 0, bytes.length));
  }
}
