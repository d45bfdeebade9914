package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults between two nodes: a proxy stands in n1's way to n2, and none in the other direction. */
class LinkProxyTest {
  private Vertx vertx;
  private LinkProxy proxy;
  private TestNode one;
  private TestNode two;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    SortedMap<NodeId, Integer> ports = TestNode.freePorts(N1, N2);
    proxy = LinkProxy.to(ports.get(N2));
    SortedMap<NodeId, Integer> throughProxy = new TreeMap<>(ports);
    throughProxy.put(N2, proxy.port());
    one = TestNode.started(vertx, member(N1, 1, 2), throughProxy, TestNode.FAST);
    two = TestNode.started(vertx, member(N2, 1, 2), ports, TestNode.FAST);
    one.awaitConnected(N2);
    two.awaitConnected(N1);
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    proxy.close();
    TestNode.get(vertx.close());
  }

  @Test
  void aCutLinkIsNoticedAtOnceTheOtherDirectionStaysAndBothAreBackAfterwards() {
    proxy.cut();
    until(() -> one.disconnected.size() == 1);
    assertFalse(one.transport.connected(N2));
    two.transport.send(N1, new Message.TimeoutNow(1));
    until(() -> one.messages.size() == 1);
    assertTrue(two.transport.connected(N1));
    assertEquals(List.of(), two.disconnected);
    proxy.heal();
    assertPasses(2);
  }

  @Test
  void aSilentCutIsNoticedByUnansweredPingsAndTheLinkComesBack() {
    proxy.hold();
    until(() -> one.disconnected.size() == 1);
    until(() -> one.refused(Refusal.HANDSHAKE_TIMEOUT) >= 1);
    assertTrue(one.refused(Refusal.SILENT) >= 1);
    until(() -> two.refused(Refusal.SILENT) >= 1);
    assertEquals(List.of(), two.disconnected);
    proxy.heal();
    assertPasses(3);
  }

  @Test
  void aLinkThatOnlyAnswersIsGivenUpToo() {
    proxy.hold(LinkProxy.Way.TO_TARGET);
    until(() -> one.disconnected.size() == 1);
    proxy.heal();
    assertPasses(4);
    int before = one.disconnected.size();
    proxy.hold(LinkProxy.Way.FROM_TARGET);
    until(() -> one.disconnected.size() > before);
    proxy.heal();
    assertPasses(5);
  }

  @Test
  void aSlowLinkKeepsOrderAndStaysUp() {
    proxy.delay(LinkProxy.Way.TO_TARGET, 1, 20);
    List<Message> sent = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      sent.add(new Message.Heartbeat(1, i, i));
      one.transport.send(N2, sent.get(i));
    }
    until(() -> two.messages.size() == sent.size());
    assertEquals(sent, two.messages);
    assertEquals(List.of(), one.disconnected);
  }

  @Test
  void whatIsDelayedIsLateByAtLeastThatMuch() {
    proxy.delay(LinkProxy.Way.TO_TARGET, 150, 200);
    long before = System.nanoTime();
    one.transport.send(N2, new Message.TimeoutNow(1));
    until(() -> two.messages.size() == 1);
    long millis = (System.nanoTime() - before) / 1_000_000;
    assertTrue(millis >= 150, millis + " ms");
    assertEquals(List.of(), one.disconnected);
  }

  @Test
  void aFlappingLinkComesBackEachTime() {
    for (int i = 1; i <= 10; i++) {
      int times = i;
      proxy.reset();
      until(() -> one.disconnected.size() >= times);
      one.awaitConnected(N2);
    }
    assertPasses(6);
    until(() -> proxy.connections() == 1);
  }

  @Test
  void aNarrowLinkTakesItsTimeForEachByteUntilItIsHealed() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LinkProxy narrow = LinkProxy.to(server.getLocalPort());
        Socket dialer = new Socket(InetAddress.getLoopbackAddress(), narrow.port());
        Socket target = server.accept()) {
      byte[] sent = new byte[100_000];
      narrow.narrow(LinkProxy.Way.TO_TARGET, 400_000);
      long before = System.nanoTime();
      dialer.getOutputStream().write(sent);
      assertEquals(sent.length, target.getInputStream().readNBytes(sent.length).length);
      long millis = (System.nanoTime() - before) / 1_000_000;
      assertTrue(millis >= 250, "100 kB at 400 kB/s: " + millis + " ms");
      narrow.narrow(LinkProxy.Way.TO_TARGET, 1);
      dialer.getOutputStream().write(sent);
      narrow.heal();
      assertEquals(sent.length, target.getInputStream().readNBytes(sent.length).length);
    }
  }

  @Test
  void lostBytesComeLaterAndNothingOvertakesThem() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LinkProxy lossy = LinkProxy.to(server.getLocalPort());
        Socket dialer = new Socket(InetAddress.getLoopbackAddress(), lossy.port());
        Socket target = server.accept()) {
      lossy.lose(LinkProxy.Way.TO_TARGET, 20);
      long before = System.nanoTime();
      for (int i = 0; i < 50; i++) {
        dialer.getOutputStream().write(i);
        assertEquals(i, target.getInputStream().read());
      }
      long millis = (System.nanoTime() - before) / 1_000_000;
      assertTrue(millis >= 4 * 200, "of 50 at least 4 were lost: " + millis + " ms");
    }
  }

  @Test
  void aStrandedConnectionEndsAfterItsSuccessorAndHurtsNothing() {
    proxy.hold(LinkProxy.Way.TO_TARGET);
    one.transport.send(N2, new Message.TimeoutNow(7));
    proxy.strand();
    until(() -> one.disconnected.size() == 1);
    proxy.heal();
    assertPasses(8);
    proxy.release();
    until(() -> proxy.connections() == 1);
    assertPasses(9);
  }

  @Test
  void theLastBytesOfAStrandedConnectionArriveWhenTheyAreReleased() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
        LinkProxy late = LinkProxy.to(server.getLocalPort());
        Socket first = new Socket(InetAddress.getLoopbackAddress(), late.port());
        Socket firstTarget = server.accept()) {
      first.getOutputStream().write(1);
      assertEquals(1, firstTarget.getInputStream().read());
      late.hold(LinkProxy.Way.TO_TARGET);
      first.getOutputStream().write(2);
      until(() -> late.waiting() == 1);
      late.strand();
      late.heal();
      try (Socket second = new Socket(InetAddress.getLoopbackAddress(), late.port());
          Socket secondTarget = server.accept()) {
        second.getOutputStream().write(3);
        assertEquals(3, secondTarget.getInputStream().read());
        assertEquals(0, firstTarget.getInputStream().available());
        late.release();
        assertEquals(2, firstTarget.getInputStream().read());
        assertEquals(-1, firstTarget.getInputStream().read());
      }
    }
  }

  @Test
  void whatIsSaidAgainOnAnotherConnectionIsRefused() throws IOException {
    one.transport.send(N2, new Message.TimeoutNow(10));
    until(() -> two.messages.size() == 1);
    assertTrue(proxy.replay() >= 1);
    until(() -> two.refused(Refusal.BAD_CHECKSUM) > 0);
    assertEquals(1, two.messages.size());
    assertPasses(11);
  }

  /** The first message of {@code term} that arrives after the link is back. */
  private void assertPasses(long term) {
    Message message = new Message.TimeoutNow(term);
    until(
        () -> {
          one.transport.send(N2, message);
          return two.messages.contains(message);
        });
  }
}
