package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N4;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.freePorts;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.wire.RandomMessages;
import io.vertx.core.Vertx;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PeerTransportTest {
  private static Vertx vertx;
  private final SortedMap<NodeId, Integer> ports = freePorts(N1, N2);

  @BeforeAll
  static void open() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    TestNode.get(vertx.close());
  }

  @Test
  void messagesArriveOnceAndInOrder() {
    try (TestNode one = node(N1);
        TestNode two = node(N2)) {
      one.awaitConnected(N2);
      two.awaitConnected(N1);
      RandomMessages random = new RandomMessages(new Random(5));
      List<Message> sent = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        sent.addAll(random.oneOfEach());
        sent.add(random.append(20, 300));
      }
      sent.forEach(message -> one.transport.send(N2, message));
      two.transport.send(N1, new Message.TimeoutNow(9));
      until(() -> two.messages.size() >= sent.size() && !one.messages.isEmpty());
      assertEquals(sent, two.messages);
      assertEquals(List.of(new Message.TimeoutNow(9)), one.messages);
      assertEquals(0, one.transport.figures().messagesDropped());
      assertTrue(two.senders.stream().allMatch(N1::equals));
    }
  }

  /** An ended process closes its connections, and nothing listens any more. */
  @Test
  void aPeerWhoseProcessEndedIsToldGone() {
    try (TestNode one = node(N1)) {
      try (TestNode two = node(N2)) {
        one.awaitConnected(N2);
        two.awaitConnected(N1);
        one.gone.clear();
      }
      until(() -> one.gone.contains(N2));
    }
  }

  /** While a connection that it opened is up, a peer is not gone, though it can't be reached. */
  @Test
  void aPeerThatIsHeardIsNotGone() throws Exception {
    SortedMap<NodeId, Integer> wrong = freePorts(N1, N2);
    wrong.put(N1, ports.get(N1));
    try (TestNode one = TestNode.started(vertx, member(N1, 1, 2), wrong, TestNode.FAST);
        TestNode two = node(N2)) {
      two.awaitConnected(N1);
      one.gone.clear();
      two.transport.send(N1, new Message.TimeoutNow(9));
      until(() -> !one.messages.isEmpty());
      long dialed = one.transport.figures().dialsFailed();
      until(() -> one.transport.figures().dialsFailed() > dialed + 5);
      assertEquals(List.of(), one.gone);
    }
  }

  @Test
  void aBurstIsFewWrites() {
    try (TestNode one = node(N1);
        TestNode two = node(N2)) {
      one.awaitConnected(N2);
      for (int i = 0; i < 20_000; i++) {
        one.transport.send(N2, new Message.Heartbeat(1, i, i));
      }
      until(() -> two.transport.figures().framesIn() >= 20_000);
      PeerFigures figures = one.transport.figures();
      assertTrue(figures.writes() < figures.framesOut() / 2, figures.toString());
    }
  }

  @Test
  void manySendersEachKeepTheirOrder() throws InterruptedException {
    try (TestNode one = node(N1);
        TestNode two = node(N2)) {
      one.awaitConnected(N2);
      List<Thread> senders = new ArrayList<>();
      for (int s = 0; s < 4; s++) {
        long sender = s;
        senders.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = 0; i < 1_000; i++) {
                        one.transport.send(N2, new Message.Heartbeat(1, sender, i));
                        assertTrue(one.transport.sendService(N2, Bytes.utf8(sender + " " + i)));
                      }
                    }));
      }
      for (Thread sender : senders) {
        sender.join();
      }
      until(() -> two.messages.size() >= 4_000 && two.services.size() >= 4_000);
      for (int s = 0; s < 4; s++) {
        long sender = s;
        List<Bytes> expected = new ArrayList<>();
        List<Message> expectedMessages = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          expected.add(Bytes.utf8(sender + " " + i));
          expectedMessages.add(new Message.Heartbeat(1, sender, i));
        }
        Bytes prefix = Bytes.utf8(sender + " ");
        assertEquals(expected, two.services.stream().filter(b -> b.startsWith(prefix)).toList());
        assertEquals(
            expectedMessages,
            two.messages.stream()
                .filter(m -> m instanceof Message.Heartbeat h && h.commit() == sender)
                .toList());
      }
    }
  }

  @Test
  void theLongestBatchAndTheLongestServiceMessageFit() {
    try (TestNode one = node(N1);
        TestNode two = node(N2)) {
      one.awaitConnected(N2);
      List<Entry> entries = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        Bytes payload = Bytes.wrap(new byte[i == 4 ? 600 << 10 : 340 << 10]);
        entries.add(new Entry(i, 1, 0, EntryKind.COMMAND, payload));
      }
      Message batch = new Message.Append(1, EntryId.NONE, entries, 0, 0);
      one.transport.send(N2, batch);
      Bytes longest = Bytes.wrap(new byte[2 << 20]);
      assertTrue(one.transport.sendService(N2, longest));
      assertFalse(one.transport.sendService(N2, Bytes.wrap(new byte[(2 << 20) + 1])));
      until(() -> two.messages.size() == 1 && two.services.size() == 1);
      assertEquals(List.of(batch), two.messages);
      assertEquals(List.of(longest), two.services);
      assertEquals(1, one.transport.figures().serviceRefused());
    }
  }

  @Test
  void aPeerThatComesBackIsFoundAgain() {
    try (TestNode one = node(N1)) {
      TestNode two = node(N2);
      one.awaitConnected(N2);
      two.close();
      until(() -> !one.disconnected.isEmpty());
      assertEquals(List.of(N2), one.disconnected);
      assertFalse(one.transport.connected(N2));
      assertFalse(one.transport.sendService(N2, Bytes.EMPTY));
      one.transport.send(N2, new Message.TimeoutNow(1));
      assertEquals(1, one.transport.figures().messagesDropped());
      for (int life = 2; life < 5; life++) {
        int lives = life;
        try (TestNode back = node(N2)) {
          until(() -> one.transport.connected(N2) && back.transport.connected(N1));
          one.transport.send(N2, new Message.TimeoutNow(life));
          until(() -> !back.messages.isEmpty());
          assertEquals(List.of(new Message.TimeoutNow(life)), back.messages);
        }
        until(() -> one.disconnected.size() == lives);
      }
    }
  }

  @Test
  void whatWaitsForAStuckPeerIsBoundedAndLaterArrives() throws Exception {
    PeerOptions.Limits limits = new PeerOptions.Limits(4 << 20, 2 << 20, 4 << 20, 256 << 10, 64);
    PeerOptions base = TestNode.options(N1, ports);
    PeerOptions options = new PeerOptions(base.listen(), base.cluster(), limits, base.times());
    try (ServerSocket server = RawPeer.listen(ports.get(N2));
        TestNode one = TestNode.started(vertx, member(N1, 1, 2), options);
        RawPeer stuck = RawPeer.accept(server)) {
      stuck.receiveHello();
      stuck.send(PeerIntruderTest.hello(member(N2, 1, 2), N1, Hello.Purpose.LINK, 42));
      stuck.enter(42);
      one.awaitConnected(N2);
      Bytes payload = Bytes.wrap(new byte[100_000]);
      int taken = 0;
      while (one.transport.sendService(N2, payload)) {
        taken++;
        assertTrue(taken < 1_000, "bounded");
      }
      assertTrue(taken >= 40, "at least what the bound holds: " + taken);
      assertTrue(one.transport.figures().links().get(N2).waitingBytes() <= 4 << 20);
      long before = one.transport.figures().messagesDropped();
      while (one.transport.figures().messagesDropped() == before) {
        one.transport.send(N2, new Message.TimeoutNow(1));
      }
      int more = 0;
      for (int i = 0; i < taken; i++) {
        assertEquals(payload.length() + 3, stuck.receive(FrameKind.SERVICE).remaining());
        more++;
      }
      assertEquals(taken, more);
      until(() -> one.transport.sendService(N2, payload));
    }
  }

  @Test
  void withoutALinkAMessageIsDroppedAndCounted() {
    try (TestNode one = node(N1)) {
      one.transport.send(N2, new Message.TimeoutNow(1));
      one.transport.send(N4, new Message.TimeoutNow(1));
      one.transport.send(N1, new Message.TimeoutNow(1));
      assertFalse(one.transport.sendService(N2, Bytes.EMPTY));
      assertFalse(one.transport.connected(N2));
      assertFalse(one.transport.connected(N4));
      assertEquals(3, one.transport.figures().messagesDropped());
      assertEquals(1, one.transport.figures().serviceRefused());
    }
  }

  @Test
  void aPortInUseIsSaidClearly() throws Exception {
    try (ServerSocket taken = RawPeer.listen(ports.get(N1))) {
      TestNode node = new TestNode(vertx, TestNode.options(N1, ports), member(N1, 1, 2));
      Throwable failure = TestNode.failure(node.transport.listen());
      assertTrue(failure instanceof PeerPortException, failure.toString());
      String start = "cannot listen for peers on 127.0.0.1:" + taken.getLocalPort() + ": ";
      assertTrue(failure.getMessage().startsWith(start), failure.getMessage());
      assertTrue(failure.getMessage().contains("in use"), failure.getMessage());
      TestNode.get(node.transport.close());
    }
  }

  @Test
  void afterCloseNothingIsSentAndThePortIsFree() {
    TestNode two = node(N2);
    TestNode one = node(N1);
    one.awaitConnected(N2);
    one.close();
    assertFalse(one.transport.sendService(N2, Bytes.EMPTY));
    assertTrue(Ports.isFree(ports.get(N1)));
    assertEquals(List.of(), one.disconnected, "the node above is told nothing of its own end");
    two.close();
  }

  private TestNode node(NodeId id) {
    return TestNode.started(vertx, member(id, 1, 2), ports);
  }
}
