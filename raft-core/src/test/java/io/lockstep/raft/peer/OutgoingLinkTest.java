package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N3;
import static io.lockstep.raft.peer.Members.empty;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.peer.Hello.Purpose;
import io.vertx.core.Vertx;
import java.net.ServerSocket;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever may answer where a node expects its peer. */
class OutgoingLinkTest {
  private static final Identity OWN = member(N1, 1, 2);

  private final SortedMap<NodeId, Integer> ports = TestNode.freePorts(N1, N2);
  private Vertx vertx;
  private ServerSocket server;
  private TestNode node;

  @BeforeEach
  void open() throws Exception {
    vertx = Vertx.vertx();
    server = RawPeer.listen(ports.get(N2));
    node = TestNode.started(vertx, OWN, ports, TestNode.FAST);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
    server.close();
    TestNode.get(vertx.close());
  }

  @Test
  void aNodeSaysHelloFirstAndToWhom() throws Exception {
    try (RawPeer peer = RawPeer.accept(server)) {
      Hello hello = peer.receiveHello();
      Hello expected = PeerIntruderTest.hello(OWN, N2, Purpose.LINK, 0);
      assertEquals(expected.introduction(), hello.introduction());
      assertEquals(List.of(N2, Purpose.LINK), List.of(hello.intended(), hello.purpose()));
      assertTrue(hello.address().startsWith("127.0.0.1:"), hello.address());
    }
  }

  @Test
  void anAnswerThatDoesNotFitIsRefusedWithItsReason() throws Exception {
    assertRefused(Refusal.WRONG_STORAGE, hello(empty(N2, 9), N1));
    assertRefused(Refusal.FOREIGN_CLUSTER, hello(member(N2, 1, 3), N1));
    assertRefused(Refusal.NOT_READY, hello(empty(N2, 2), N1));
    assertRefused(Refusal.WRONG_NODE, hello(member(N2, 1, 2), N3));
  }

  @Test
  void anotherNodeAtThePeersAddressIsNotSpokenTo() throws Exception {
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      peer.send(hello(member(N3, 1, 2, 3), N1));
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(Refusal.WRONG_NODE) >= 1);
    assertFalse(node.transport.connected(N2));
  }

  @Test
  void garbageSilenceAndRefusalAreEachCounted() throws Exception {
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      peer.send(new byte[] {0x7f, 0, 0, 0, 1, 2, 3});
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(Refusal.OVERSIZED) == 1);
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      peer.send(FrameKind.PONG, bytes -> bytes.i64(1));
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(Refusal.UNEXPECTED) == 1);
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(Refusal.HANDSHAKE_TIMEOUT) == 1);
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      peer.send(FrameKind.REFUSED, new Rejection(Refusal.FOREIGN_CLUSTER, "go away")::encode);
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.transport.figures().refusedByPeers(Refusal.FOREIGN_CLUSTER) == 1);
    assertEquals(List.of(), node.disconnected, "what was never up does not go down");
  }

  @Test
  void whatAPeerSaysOfTheMembershipCountsInARow() throws Exception {
    refuseWith(Refusal.FOREIGN_CLUSTER);
    refuseWith(Refusal.UNKNOWN_NODE);
    until(() -> new PeerFigures.Denial(Refusal.UNKNOWN_NODE, 2).equals(denial()));
    refuseWith(Refusal.TOO_MANY);
    until(() -> denial() == null);
    refuseWith(Refusal.WRONG_STORAGE);
    until(() -> new PeerFigures.Denial(Refusal.WRONG_STORAGE, 1).equals(denial()));
    RawPeer.accept(server).close();
    until(() -> denial() == null);
  }

  private void refuseWith(Refusal refusal) throws Exception {
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      peer.send(FrameKind.REFUSED, new Rejection(refusal, "go away")::encode);
      assertTrue(peer.closedByPeer());
    }
  }

  private PeerFigures.Denial denial() {
    return node.transport.figures().links().get(N2).denial();
  }

  @Test
  void aPeerThatAnswersNoPingIsGivenUpAndDialedAgain() throws Exception {
    for (int life = 1; life <= 2; life++) {
      int lives = life;
      try (RawPeer stopped = linked()) {
        node.awaitConnected(N2);
        for (long ping = 1; ping <= TestNode.FAST.pingsUnansweredMax(); ping++) {
          assertEquals(ping, stopped.receive(FrameKind.PING).i64());
        }
        assertTrue(stopped.closedByPeer());
        until(() -> node.disconnected.size() == lives);
      }
    }
    assertEquals(2, node.refused(Refusal.SILENT));
  }

  @Test
  void aPeerThatAnswersItsPingsStaysConnected() throws Exception {
    try (RawPeer peer = linked()) {
      node.awaitConnected(N2);
      for (long ping = 1; ping <= 2L * TestNode.FAST.pingsUnansweredMax(); ping++) {
        ByteReader payload = peer.receive(FrameKind.PING);
        assertEquals(ping, payload.i64());
        long number = ping;
        peer.send(FrameKind.PONG, bytes -> bytes.i64(number));
      }
      assertTrue(node.transport.connected(N2));
      peer.send(FrameKind.PONG, bytes -> bytes.i64(1_000));
      assertTrue(peer.closedByPeer(), "a pong without a ping");
    }
    assertEquals(1, node.refused(Refusal.UNEXPECTED));
  }

  @Test
  void aListThatNamesTheNodeItselfAsItsPeerIsNoticed() throws Exception {
    node.close();
    SortedMap<NodeId, Integer> mistaken = new TreeMap<>(ports);
    mistaken.put(N2, ports.get(N1));
    node = TestNode.started(vertx, OWN, mistaken);
    until(() -> node.transport.figures().refusedByPeers(Refusal.WRONG_NODE) >= 1);
    assertFalse(node.transport.connected(N2));
  }

  private RawPeer linked() throws Exception {
    RawPeer peer = RawPeer.accept(server);
    peer.receiveHello();
    peer.send(new Hello(Purpose.LINK, 99, N1, hello(member(N2, 1, 2), N1).introduction()));
    peer.enter(99);
    return peer;
  }

  private void assertRefused(Refusal expected, Hello answer) throws Exception {
    long before = node.refused(expected);
    try (RawPeer peer = RawPeer.accept(server)) {
      peer.receiveHello();
      peer.send(answer);
      peer.enter(answer.session());
      assertEquals(expected, peer.receiveRejection().refusal());
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(expected) == before + 1);
    assertFalse(node.transport.connected(N2));
  }

  private static Hello hello(Identity from, NodeId to) {
    return PeerIntruderTest.hello(from, to, Purpose.LINK, 7);
  }
}
