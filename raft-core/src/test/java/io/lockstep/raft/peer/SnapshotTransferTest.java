package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N3;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.until;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.peer.TestSnapshots.Source;
import io.lockstep.raft.statemachine.ChunkSink;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots between real peer ports, n2 sending to n1. */
class SnapshotTransferTest {
  private final SortedMap<NodeId, Integer> ports = TestNode.freePorts(N1, N2, N3);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Vertx vertx;
  private LinkProxy proxy;
  private TestNode receiver;
  private TestNode sender;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    proxy = LinkProxy.to(ports.get(N1));
    opened.add(proxy);
    receiver = start(N1, TestNode.CALM);
    sender = start(N2, TestNode.CALM);
    sender.awaitConnected(N1);
    receiver.awaitConnected(N2);
  }

  private TestNode start(NodeId id, PeerOptions.Times times) {
    Identity identity = member(id, 1, 2, 3);
    TreeMap<NodeId, Integer> reached = new TreeMap<>(ports);
    if (id.equals(N2)) {
      reached.put(N1, proxy.port());
    }
    TestNode node = TestNode.started(vertx, identity, reached, times);
    opened.add(node);
    return node;
  }

  @AfterEach
  void close() throws Exception {
    receiver.snapshots.gate.countDown();
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
    TestNode.get(vertx.close());
  }

  /** Sends, and says later whether it was delivered. */
  private static CompletableFuture<Boolean> send(TestNode from, long term, Source source) {
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    from.transport.sendSnapshot(
        N1, term, source, delivered -> assertTrue(told.complete(delivered), "told exactly once"));
    return told;
  }

  private static boolean outcome(CompletableFuture<Boolean> told) {
    try {
      return told.get(60, SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Nothing of what failed is in the way of the next one. */
  private void assertTheNextOneArrives() throws IOException {
    receiver.snapshots.failsAt = Integer.MAX_VALUE;
    receiver.snapshots.wanted = true;
    until(() -> outcome(send(sender, 9, new Source(5, 1000, -1))));
    assertEquals(Source.chunks(5, 1000), receiver.snapshots.stored);
    assertEquals("received", receiver.snapshots.trace.getLast());
  }

  private PeerFigures.Snapshots figures(TestNode node) {
    return node.transport.figures().snapshots();
  }

  @Test
  void aSnapshotArrivesWholeAndIsDeliveredWhenItIsFinished() throws IOException {
    Source source = new Source(40, ChunkSink.CHUNK_BYTES_MAX, -1);
    assertTrue(outcome(send(sender, 7, source)));
    assertEquals(Source.chunks(40, ChunkSink.CHUNK_BYTES_MAX), receiver.snapshots.stored);
    assertEquals(List.of("open n2 7 1234", "finish", "received"), receiver.snapshots.trace);
    assertEquals(0, source.closed.getCount());
    long bytes = source.readBytes.get();
    assertEquals(new PeerFigures.Snapshots(1, 0, 0, bytes, 0), figures(sender));
    assertEquals(new PeerFigures.Snapshots(0, 1, 0, 0, bytes), figures(receiver));
  }

  @Test
  void anEmptyOneAndOneAfterTheOtherArrive() throws IOException {
    assertTrue(outcome(send(sender, 7, new Source(0, 1, -1))));
    assertEquals(List.of("open n2 7 1234", "finish", "received"), receiver.snapshots.trace);
    for (int i = 0; i < 20; i++) {
      assertTrue(outcome(send(sender, 7, new Source(i, 30_000, -1))));
      assertEquals(Source.chunks(i, 30_000), receiver.snapshots.stored);
    }
  }

  @Test
  void anUnwantedOneIsRefused() throws IOException {
    receiver.snapshots.wanted = false;
    Source source = new Source(1000, 100_000, -1);
    assertFalse(outcome(send(sender, 7, source)));
    assertEquals(0, source.closed.getCount());
    until(() -> receiver.refused(Refusal.UNWANTED) == 1);
    assertEquals(List.of(), receiver.snapshots.trace);
    assertTheNextOneArrives();
  }

  @Test
  void oneThatCannotBeReadToItsEndIsAborted() throws IOException {
    assertFalse(outcome(send(sender, 7, new Source(30, 100_000, 3))));
    until(() -> receiver.snapshots.count("abort") == 1);
    assertFalse(outcome(send(sender, 7, new Source(30, 100_000, 0))));
    until(() -> receiver.snapshots.count("abort") == 2);
    assertEquals(0, receiver.snapshots.count("finish"));
    assertTheNextOneArrives();
  }

  @Test
  void oneThatCannotBeStoredIsAborted() throws IOException {
    int[] places = {0, 17, -1};
    for (int i = 0; i < places.length; i++) {
      receiver.snapshots.failsAt = places[i];
      int notStored = i + 1;
      until(
          () -> {
            // Told BUSY while the one before is still being dropped, which is no refusal of its
            // own.
            assertFalse(outcome(send(sender, 7, new Source(30, 100_000, -1))));
            return receiver.refused(Refusal.NOT_STORED) == notStored;
          });
      until(() -> receiver.snapshots.count("abort") == notStored);
    }
    assertEquals(0, receiver.snapshots.count("received"));
    assertEquals(3, figures(receiver).failed());
    assertTheNextOneArrives();
  }

  @Test
  void whileOneIsStuckMessagesPass() throws Exception {
    // Without the proxy, which holds a lot itself.
    TestNode third = start(N3, TestNode.CALM);
    third.awaitConnected(N1);
    receiver.awaitConnected(N3);
    receiver.snapshots.gate = new CountDownLatch(1);
    int chunks = 300;
    Source source = new Source(chunks, ChunkSink.CHUNK_BYTES_MAX, -1);
    CompletableFuture<Boolean> told = send(third, 7, source);
    until(() -> receiver.snapshots.count("open") == 1);
    for (int i = 1; i <= 100; i++) {
      third.transport.send(N1, new Message.Heartbeat(3, 2, i));
      receiver.transport.send(N3, new Message.Heartbeat(3, 2, i));
    }
    until(() -> receiver.messages.size() == 100 && third.messages.size() == 100);
    assertFalse(told.isDone());
    receiver.snapshots.gate.countDown();
    assertTrue(outcome(told));
    assertTrue(source.readBytes.get() > 100L << 20, "of " + source.readBytes);
    assertEquals(chunks, receiver.snapshots.stored.size());
  }

  @Test
  void ofTwoTheFirstComesIn() throws IOException {
    TestNode third = start(N3, TestNode.CALM);
    receiver.snapshots.gate = new CountDownLatch(1);
    CompletableFuture<Boolean> first = send(sender, 7, new Source(30, 1000, -1));
    until(() -> receiver.snapshots.count("open") == 1);
    assertFalse(outcome(send(third, 7, new Source(5, 1000, -1))));
    until(() -> receiver.refused(Refusal.BUSY) == 1);
    receiver.snapshots.gate.countDown();
    assertTrue(outcome(first));
    assertEquals(Source.chunks(30, 1000), receiver.snapshots.stored);
    assertTrue(outcome(send(third, 7, new Source(5, 1000, -1))));
  }

  @Test
  void aNewerTermsEndsTheOlderAndComesInWithTheNextAttempt() throws IOException {
    TestNode third = start(N3, TestNode.CALM);
    receiver.snapshots.gate = new CountDownLatch(1);
    CompletableFuture<Boolean> first = send(sender, 7, new Source(1000, 100_000, -1));
    until(() -> receiver.snapshots.count("open") == 1);
    assertFalse(outcome(send(third, 8, new Source(5, 1000, -1))));
    receiver.snapshots.gate.countDown();
    assertFalse(outcome(first));
    until(() -> receiver.snapshots.count("abort") == 1);
    until(() -> outcome(send(third, 8, new Source(5, 1000, -1))));
    assertEquals(Source.chunks(5, 1000), receiver.snapshots.stored);
  }

  @Test
  void aSecondToTheSamePeerIsNotBegun() {
    receiver.snapshots.gate = new CountDownLatch(1);
    CompletableFuture<Boolean> first = send(sender, 7, new Source(30, 1000, -1));
    until(() -> receiver.snapshots.count("open") == 1);
    Source second = new Source(30, 1000, -1);
    assertFalse(outcome(send(sender, 7, second)));
    assertEquals(0, second.closed.getCount());
    receiver.snapshots.gate.countDown();
    assertTrue(outcome(first));
  }

  @Test
  void aConnectionCutInTheMiddleLeavesNothing() throws IOException {
    for (int cut = 0; cut < 5; cut++) {
      receiver.snapshots.gate = new CountDownLatch(1);
      Source source = new Source(1000, 100_000, -1);
      CompletableFuture<Boolean> told = send(sender, 7, source);
      int opens = cut + 1;
      until(() -> receiver.snapshots.count("open") == opens);
      proxy.reset();
      receiver.snapshots.gate.countDown();
      assertFalse(outcome(told));
      until(() -> receiver.snapshots.count("abort") == opens);
      assertEquals(0, source.closed.getCount());
    }
    assertEquals(0, receiver.snapshots.count("finish"));
    assertEquals(5, figures(sender).failed());
    assertEquals(5, figures(receiver).failed());
    assertTheNextOneArrives();
  }

  @Test
  void oneOfWhichNothingMovesIsGivenUpAtBothEnds() throws Exception {
    for (AutoCloseable node : List.of(receiver, sender)) {
      node.close();
    }
    receiver = start(N1, TestNode.FAST);
    sender = start(N2, TestNode.FAST);
    sender.awaitConnected(N1);
    receiver.snapshots.gate = new CountDownLatch(1);
    CompletableFuture<Boolean> told = send(sender, 7, new Source(1000, 100_000, -1));
    until(() -> receiver.snapshots.count("open") == 1);
    proxy.hold();
    receiver.snapshots.gate.countDown();
    assertFalse(outcome(told));
    until(() -> receiver.snapshots.count("abort") == 1);
    until(() -> sender.refused(Refusal.STALLED) == 1);
    until(() -> receiver.refused(Refusal.STALLED) == 1);
    proxy.heal();
    sender.awaitConnected(N1);
    assertTheNextOneArrives();
  }

  @Test
  void noMoreIsReadThanTheReceiverStores() throws Exception {
    // Without the proxy, which holds a lot itself.
    TestNode third = start(N3, TestNode.FAST);
    receiver.snapshots.gate = new CountDownLatch(1);
    Source source = new Source(300, ChunkSink.CHUNK_BYTES_MAX, -1);
    assertFalse(outcome(send(third, 7, source)));
    assertEquals(1, third.refused(Refusal.STALLED), "it had more, and could not send it");
    assertTrue(source.readBytes.get() < 32L << 20, "read: " + source.readBytes);
  }

  @Test
  void whoIsNotThereGetsNone() throws Exception {
    receiver.close();
    Source source = new Source(10, 1000, -1);
    assertFalse(outcome(send(sender, 7, source)));
    assertEquals(0, source.closed.getCount());
  }
}
