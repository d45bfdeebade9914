package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N3;
import static io.lockstep.raft.peer.Members.N4;
import static io.lockstep.raft.peer.Members.empty;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.FirstStart;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.peer.Hello.Purpose;
import io.lockstep.raft.wire.MessageCodec;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whoever may knock at a member's peer port: nothing but a member's intact messages has an effect.
 */
class PeerIntruderTest {
  private static final Identity OWN = member(N1, 1, 2, 3);
  private static final Message MESSAGE = new Message.Heartbeat(3, 2, 1);

  private final SortedMap<NodeId, Integer> ports = TestNode.freePorts(N1, N2, N3);
  private final int port = ports.get(N1);
  private Vertx vertx;
  private TestNode node;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    node = TestNode.started(vertx, OWN, ports);
  }

  @AfterEach
  void close() {
    node.close();
    TestNode.get(vertx.close());
  }

  private void restart(PeerOptions.Times times) {
    node.close();
    node = TestNode.started(vertx, OWN, ports, times);
  }

  @Test
  void everyMismatchOfAHelloIsRefusedWithItsReason() throws Exception {
    assertRefused(Refusal.FOREIGN_CLUSTER, link(member(N2, 1, 2, 4), N1));
    assertRefused(Refusal.WRONG_STORAGE, link(empty(N2, 9), N1));
    assertRefused(Refusal.NOT_READY, link(empty(N2, 2), N1));
    assertRefused(Refusal.WRONG_NODE, link(member(N2, 1, 2, 3), N3));
    assertRefused(Refusal.UNKNOWN_NODE, link(member(N4, 1, 2, 3, 4), N1));
    assertRefused(Refusal.UNKNOWN_NODE, link(OWN, N1));
    assertUnmoved();
  }

  @Test
  void anotherVersionIsToldSo() throws Exception {
    try (RawPeer peer = RawPeer.dial(port)) {
      peer.send(FrameKind.HELLO, bytes -> bytes.i32(Hello.MAGIC).u8(3).i64(77));
      Rejection rejection = peer.receiveRejection();
      assertEquals(Refusal.WRONG_VERSION, rejection.refusal());
      assertTrue(rejection.text().contains("version 3, this node speaks 2"), rejection.text());
      assertTrue(peer.closedByPeer());
    }
    assertUnmoved();
  }

  @Test
  void strangersAndDamageBeforeTheHelloAreClosedAndCounted() throws Exception {
    byte[] http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    assertClosed(Refusal.OVERSIZED, peer -> http);
    assertClosed(Refusal.OVERSIZED, peer -> new byte[64]);
    assertClosed(
        Refusal.OVERSIZED, peer -> new ByteWriter(4).i32(Hello.FRAME_BYTES_MAX + 1).toArray());
    assertClosed(Refusal.NOT_A_PEER, peer -> peer.frame(FrameKind.HELLO, bytes -> bytes.i64(1)));
    assertClosed(Refusal.MALFORMED, peer -> peer.frame(FrameKind.HELLO, bytes -> bytes.u8(1)));
    assertClosed(Refusal.UNEXPECTED, peer -> message(peer, MESSAGE));
    assertClosed(
        Refusal.BAD_CHECKSUM,
        peer -> {
          byte[] hello = peer.frame(FrameKind.HELLO, link(member(N2, 1, 2, 3), N1)::encode);
          hello[20] ^= 4;
          return hello;
        });
    assertUnmoved();
  }

  @Test
  void aHelloThatDoesNotEndInTimeIsClosed() throws Exception {
    restart(TestNode.FAST);
    try (RawPeer silent = RawPeer.dial(port);
        RawPeer slow = RawPeer.dial(port)) {
      byte[] hello = slow.frame(FrameKind.HELLO, link(member(N2, 1, 2, 3), N1)::encode);
      slow.send(Arrays.copyOf(hello, hello.length - 1));
      assertTrue(silent.closedByPeer());
      assertTrue(slow.closedByPeer());
    }
    until(() -> node.refused(Refusal.HANDSHAKE_TIMEOUT) == 2);
    assertUnmoved();
  }

  @Test
  void aLinkedPeersMessagesArriveAndItsPingsAreAnswered() throws Exception {
    try (RawPeer peer = linked(N2)) {
      peer.send(message(peer, MESSAGE));
      peer.send(FrameKind.SERVICE, bytes -> bytes.bytes(Bytes.utf8("hello")));
      peer.send(FrameKind.PING, bytes -> bytes.i64(17));
      assertEquals(17, peer.receive(FrameKind.PONG).i64());
      assertEquals(List.of(MESSAGE), node.messages);
      assertEquals(List.of(Bytes.utf8("hello")), node.services);
      assertEquals(List.of(N2, N2), node.senders);
    }
  }

  @Test
  void whoeverKnocksHasNoSayInTheMembership() throws Exception {
    try (RawPeer peer = linked(N2)) {
      peer.send(FrameKind.REFUSED, new Rejection(Refusal.WRONG_STORAGE, "go away")::encode);
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.transport.figures().refusedByPeers(Refusal.WRONG_STORAGE) == 1);
    assertNull(node.transport.figures().links().get(N2).denial());
  }

  @Test
  void damageOnALinkEndsItWithoutEffect() throws Exception {
    assertLinkEnds(Refusal.BAD_CHECKSUM, peer -> flip(message(peer, MESSAGE), 100));
    assertLinkEnds(
        Refusal.BAD_CHECKSUM,
        peer -> {
          message(peer, MESSAGE);
          return message(peer, MESSAGE);
        });
    assertLinkEnds(Refusal.OVERSIZED, peer -> new ByteWriter(4).i32((4 << 20) + 1).toArray());
    assertLinkEnds(
        Refusal.OVERSIZED,
        peer ->
            peer.frame(
                FrameKind.SERVICE, bytes -> bytes.bytes(Bytes.wrap(new byte[(2 << 20) + 1]))));
    assertLinkEnds(Refusal.MALFORMED, peer -> peer.frame(FrameKind.MESSAGE, bytes -> bytes.u8(1)));
    assertLinkEnds(Refusal.MALFORMED, peer -> peer.frame(FrameKind.SERVICE, bytes -> bytes.u8(5)));
    assertLinkEnds(Refusal.MALFORMED, peer -> peer.frame(FrameKind.PING, bytes -> bytes.u8(5)));
    assertLinkEnds(Refusal.UNEXPECTED, peer -> peer.frame(FrameKind.PONG, bytes -> bytes.i64(5)));
    assertLinkEnds(
        Refusal.UNEXPECTED,
        peer -> peer.frame(FrameKind.HELLO, link(member(N2, 1, 2, 3), N1)::encode));
    assertUnmoved();
  }

  @Test
  void aRecordedConnectionCannotBePlayedAgain() throws Exception {
    ByteArrayOutputStream recorded = new ByteArrayOutputStream();
    try (RawPeer peer = RawPeer.dial(port)) {
      byte[] hello = peer.frame(FrameKind.HELLO, link(member(N2, 1, 2, 3), N1)::encode);
      peer.send(hello);
      peer.enter(peer.receiveHello().session());
      byte[] frame = message(peer, MESSAGE);
      peer.send(frame);
      recorded.writeBytes(hello);
      recorded.writeBytes(frame);
      until(() -> node.messages.size() == 1);
    }
    try (RawPeer again = RawPeer.dial(port)) {
      again.send(recorded.toByteArray());
      again.receiveHello();
      assertTrue(again.closedByPeer());
    }
    until(() -> node.refused(Refusal.BAD_CHECKSUM) == 1);
    assertEquals(1, node.messages.size());
  }

  @Test
  void aConnectionCutInTheMiddleOfAFrameHasNoEffect() throws Exception {
    try (RawPeer peer = linked(N2)) {
      byte[] frame = message(peer, MESSAGE);
      peer.send(Arrays.copyOf(frame, frame.length - 1));
      until(() -> node.transport.figures().bytesIn() > 0);
    }
    until(() -> node.refused(Refusal.TRUNCATED) == 1);
    assertUnmoved();
  }

  @Test
  void aLinkThatFallsSilentIsClosed() throws Exception {
    restart(TestNode.FAST);
    try (RawPeer peer = linked(N2)) {
      until(() -> node.transport.figures().incoming() == 1);
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(Refusal.SILENT) == 1 && node.transport.figures().incoming() == 0);
  }

  @Test
  void aPeersLaterConnectionSupersedesItsEarlierOne() throws Exception {
    try (RawPeer first = linked(N2);
        RawPeer second = linked(N2);
        RawPeer other = linked(N3)) {
      assertTrue(first.closedByPeer());
      second.send(message(second, MESSAGE));
      other.send(message(other, MESSAGE));
      until(() -> node.messages.size() == 2);
      assertEquals(2, node.transport.figures().incoming());
    }
  }

  @Test
  void connectionsAreBounded() throws Exception {
    restart(TestNode.FAST);
    int max = PeerOptions.Limits.DEFAULT.incomingMax();
    List<RawPeer> peers = new ArrayList<>();
    try {
      for (int i = 0; i < max + 10; i++) {
        peers.add(RawPeer.dial(port));
      }
      until(() -> node.refused(Refusal.TOO_MANY) == 10);
      for (RawPeer peer : peers) {
        assertTrue(peer.closedByPeer(), "sooner or later each is closed");
      }
      linked(N2).close();
    } finally {
      for (RawPeer peer : peers) {
        peer.close();
      }
    }
  }

  @Test
  void aProbeIsAnsweredWhoeverAsks() throws Exception {
    for (Identity asking : List.of(empty(N2, 2), empty(N2, 9), member(N2, 4, 5))) {
      try (RawPeer peer = RawPeer.dial(port)) {
        peer.send(hello(asking, N1, Purpose.PROBE, 0));
        assertEquals(Introduction.of(OWN), peer.receiveHello().introduction());
        peer.send(message(peer, MESSAGE));
        assertTrue(peer.closedByPeer());
      }
    }
    assertEquals(1, node.refused(Refusal.WRONG_STORAGE), "the emptied one is counted");
    assertEquals(1, node.refused(Refusal.FOREIGN_CLUSTER));
    assertUnmoved();
  }

  @Test
  void randomDamageNeverHasAnEffectAndNeverDisturbsAnotherLink() throws Exception {
    try (RawPeer healthy = linked(N3)) {
      for (long seed = 0; seed < 300; seed++) {
        Random random = new Random(seed);
        try (RawPeer peer = RawPeer.dial(port)) {
          byte[] hello = peer.frame(FrameKind.HELLO, link(member(N2, 1, 2, 3), N1)::encode);
          if (random.nextBoolean()) {
            peer.send(damaged(hello, random));
          } else {
            peer.send(hello);
            peer.enter(peer.receiveHello().session());
            peer.send(damaged(message(peer, MESSAGE), random));
          }
        }
        if (seed % 10 == 0) {
          healthy.send(FrameKind.PING, bytes -> bytes.i64(1));
          healthy.receive(FrameKind.PONG);
        }
      }
      assertEquals(List.of(), node.messages);
      healthy.send(message(healthy, MESSAGE));
      until(() -> node.messages.size() == 1);
      assertEquals(List.of(N3), node.senders);
    }
  }

  private static byte[] damaged(byte[] frame, Random random) {
    return random.nextBoolean()
        ? flip(frame, random.nextInt(frame.length * 8))
        : Arrays.copyOf(frame, random.nextInt(frame.length));
  }

  private static byte[] flip(byte[] frame, int bit) {
    byte[] damaged = frame.clone();
    damaged[bit / 8] ^= (byte) (1 << bit % 8);
    return damaged;
  }

  private interface Attack {
    byte[] bytes(RawPeer peer);
  }

  private void assertClosed(Refusal expected, Attack attack) throws IOException {
    long before = node.refused(expected);
    try (RawPeer peer = RawPeer.dial(port)) {
      peer.send(attack.bytes(peer));
      assertTrue(peer.closedByPeer(), expected.label());
    }
    until(() -> node.refused(expected) == before + 1);
  }

  private void assertLinkEnds(Refusal expected, Attack attack) throws Exception {
    long before = node.refused(expected);
    try (RawPeer peer = linked(N2)) {
      peer.send(attack.bytes(peer));
      assertTrue(peer.closedByPeer(), expected.label());
    }
    until(() -> node.refused(expected) == before + 1);
  }

  private void assertRefused(Refusal expected, Hello hello) throws Exception {
    long before = node.refused(expected);
    try (RawPeer peer = RawPeer.dial(port)) {
      peer.send(hello);
      assertEquals(expected, peer.receiveRejection().refusal());
      assertTrue(peer.closedByPeer());
    }
    assertEquals(before + 1, node.refused(expected));
  }

  private void assertUnmoved() {
    assertEquals(List.of(), node.messages);
    assertEquals(List.of(), node.services);
    assertEquals(OWN, node.transport.identity());
  }

  private RawPeer linked(NodeId as) throws Exception {
    return RawPeer.dial(port).link(link(member(as, 1, 2, 3), N1));
  }

  private static byte[] message(RawPeer peer, Message message) {
    return peer.frame(FrameKind.MESSAGE, bytes -> MessageCodec.encode(message, bytes));
  }

  private static Hello link(Identity from, NodeId to) {
    return hello(from, to, Purpose.LINK, 0);
  }

  static Hello hello(Identity from, NodeId to, Purpose purpose, long session) {
    Introduction introduction =
        from.formed()
            ? Introduction.of(from)
            : FirstStart.introduction(from, new TreeSet<>(List.of(N1, N2, N3)), new TreeMap<>());
    return new Hello(purpose, session, to, introduction);
  }
}
