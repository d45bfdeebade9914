package io.lockstep.raft.peer;

import static io.lockstep.raft.peer.Members.N1;
import static io.lockstep.raft.peer.Members.N2;
import static io.lockstep.raft.peer.Members.N3;
import static io.lockstep.raft.peer.Members.empty;
import static io.lockstep.raft.peer.Members.member;
import static io.lockstep.raft.peer.TestNode.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.peer.FrameReader.Frame;
import io.lockstep.raft.peer.Hello.Purpose;
import io.lockstep.raft.peer.TestSnapshots.Source;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.wire.MessageCodec;
import io.lockstep.raft.wire.SnapshotMetaCodec;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a snapshot's connection takes from whoever opened it: a whole, intact snapshot or nothing.
 */
class SnapshotIntruderTest {
  private static final Bytes CHUNK = Bytes.wrap(new byte[] {1, 2, 3, 4, 5});

  private final SortedMap<NodeId, Integer> ports = TestNode.freePorts(N1, N2, N3);
  private Vertx vertx;
  private TestNode node;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    start(TestNode.CALM);
  }

  @AfterEach
  void close() {
    node.close();
    TestNode.get(vertx.close());
  }

  private void start(PeerOptions.Times times) {
    node = TestNode.started(vertx, member(N1, 1, 2, 3), ports, times);
  }

  private static Hello hello(Identity from) {
    return PeerIntruderTest.hello(from, N1, Purpose.SNAPSHOT, 0);
  }

  private RawPeer carrying() throws Exception {
    return RawPeer.dial(ports.get(N1)).link(hello(member(N2, 1, 2, 3)));
  }

  private static byte[] snapshot(RawPeer peer) {
    return peer.frame(
        FrameKind.SNAPSHOT,
        bytes -> {
          bytes.varint(7);
          SnapshotMetaCodec.encode(TestSnapshots.META, bytes);
        });
  }

  private static byte[] chunk(RawPeer peer, Bytes chunk) {
    return peer.frame(FrameKind.CHUNK, bytes -> bytes.bytes(chunk));
  }

  private static byte[] end(RawPeer peer, long chunks, long length) {
    return peer.frame(FrameKind.SNAPSHOT_END, bytes -> bytes.varint(chunks).varint(length));
  }

  private static byte[] flipped(byte[] frame, int bit) {
    byte[] bad = frame.clone();
    bad[bit / 8] ^= (byte) (1 << bit % 8);
    return bad;
  }

  private interface Attack {
    void on(RawPeer peer) throws IOException;
  }

  /** After two good frames the attack ends it, for this reason, and nothing is left. */
  private void assertEnds(Refusal reason, Attack attack) throws Exception {
    long before = node.refused(reason);
    long aborted = node.snapshots.count("abort");
    try (RawPeer peer = carrying()) {
      peer.send(snapshot(peer)).send(chunk(peer, CHUNK));
      until(() -> node.snapshots.stored.size() == 1);
      attack.on(peer);
      awaitClosed(peer);
    }
    until(() -> node.refused(reason) == before + 1);
    until(() -> node.snapshots.count("abort") == aborted + 1);
    assertNothingCame();
  }

  /** Reads to the end of the connection, whatever is still said on it. */
  private static void awaitClosed(RawPeer peer) {
    try {
      while (peer.receive() != null) {
        // What was on its way.
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError(e);
    } catch (IOException reset) {
      // Closed, too.
    }
  }

  private void assertNothingCame() {
    assertEquals(0, node.snapshots.count("finish"));
    assertEquals(0, node.snapshots.count("received"));
    assertEquals(List.of(), node.messages);
  }

  /** What was refused does not stand in the way of what is right. */
  private void assertAGoodOneComesIn() throws Exception {
    try (RawPeer peer = carrying()) {
      peer.send(snapshot(peer)).send(chunk(peer, CHUNK)).send(end(peer, 1, 5));
      assertEquals(0, peer.receive(FrameKind.SNAPSHOT_DONE).remaining());
    }
    assertEquals(List.of(CHUNK), node.snapshots.stored);
    assertEquals("received", node.snapshots.trace.getLast());
  }

  @Test
  void whoIsNoMemberSendsNone() throws Exception {
    assertRefused(Refusal.FOREIGN_CLUSTER, member(N2, 1, 2, 4));
    assertRefused(Refusal.WRONG_STORAGE, empty(N2, 9));
    assertRefused(Refusal.NOT_READY, empty(N2, 2));
    assertEquals(List.of(), node.snapshots.trace);
    assertAGoodOneComesIn();
  }

  private void assertRefused(Refusal reason, Identity from) throws Exception {
    try (RawPeer peer = RawPeer.dial(ports.get(N1))) {
      peer.send(hello(from));
      assertEquals(reason, peer.receiveRejection().refusal());
      assertTrue(peer.closedByPeer());
    }
  }

  @Test
  void anUnknownPurposeIsMalformed() throws Exception {
    try (RawPeer peer = RawPeer.dial(ports.get(N1))) {
      ByteWriter good = new ByteWriter(256);
      hello(member(N2, 1, 2, 3)).encode(good);
      byte[] payload = good.toArray();
      payload[5] = 3;
      peer.send(FrameKind.HELLO, bytes -> bytes.raw(payload, 0, payload.length));
      assertTrue(peer.closedByPeer());
    }
    until(() -> node.refused(Refusal.MALFORMED) == 1);
  }

  @Test
  void framesOutOfPlaceEndIt() throws Exception {
    for (FrameKind kind :
        List.of(FrameKind.PING, FrameKind.PONG, FrameKind.SNAPSHOT_DONE, FrameKind.HELLO)) {
      assertEnds(Refusal.UNEXPECTED, peer -> peer.send(kind, bytes -> bytes.i64(1)));
    }
    assertEnds(Refusal.UNEXPECTED, peer -> peer.send(snapshot(peer)));
    assertEnds(
        Refusal.UNEXPECTED,
        peer ->
            peer.send(
                FrameKind.MESSAGE,
                bytes -> MessageCodec.encode(new Message.Heartbeat(3, 2, 1), bytes)));
    assertAGoodOneComesIn();
  }

  @Test
  void whatIsNoSnapshotDoesNotBegin() throws Exception {
    List<Attack> attacks =
        List.of(
            peer -> peer.send(chunk(peer, CHUNK)),
            peer -> peer.send(end(peer, 0, 0)),
            peer -> peer.send(FrameKind.SNAPSHOT, bytes -> bytes.varint(7)),
            peer -> peer.send(FrameKind.SNAPSHOT, bytes -> bytes.varint(7).u8(9).i64(1)),
            peer -> peer.send(FrameKind.SNAPSHOT, bytes -> bytes.raw(new byte[64], 0, 64)),
            peer ->
                peer.send(
                    FrameKind.SNAPSHOT,
                    bytes -> {
                      bytes.varint(7);
                      SnapshotMetaCodec.encode(TestSnapshots.META, bytes);
                      bytes.u8(0);
                    }));
    for (Attack attack : attacks) {
      try (RawPeer peer = carrying()) {
        attack.on(peer);
        assertTrue(peer.closedByPeer());
      }
    }
    until(
        () ->
            node.refused(Refusal.UNEXPECTED) == 2
                && node.refused(Refusal.MALFORMED) == attacks.size() - 2);
    assertEquals(List.of(), node.snapshots.trace);
    assertAGoodOneComesIn();
  }

  @Test
  void damagedRepeatedAndOversizedFramesEndIt() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 8; i++) {
      assertEnds(
          Refusal.BAD_CHECKSUM,
          peer -> {
            byte[] frame = chunk(peer, CHUNK);
            peer.send(flipped(frame, 32 + random.nextInt(8 * frame.length - 32)));
          });
    }
    assertEnds(
        Refusal.BAD_CHECKSUM,
        peer -> {
          byte[] frame = chunk(peer, CHUNK);
          peer.send(frame).send(frame);
        });
    assertEnds(
        Refusal.OVERSIZED,
        peer -> peer.send(new ByteWriter(4).i32(IncomingSnapshot.FRAME_BYTES_MAX + 1).toArray()));
    assertEnds(
        Refusal.MALFORMED,
        peer -> peer.send(chunk(peer, Bytes.wrap(new byte[ChunkSink.CHUNK_BYTES_MAX + 1]))));
    assertEnds(Refusal.MALFORMED, peer -> peer.send(chunk(peer, Bytes.EMPTY)));
    assertEnds(
        Refusal.MALFORMED, peer -> peer.send(FrameKind.CHUNK, bytes -> bytes.bytes(CHUNK).u8(0)));
    assertAGoodOneComesIn();
  }

  @Test
  void anEndThatDoesNotFitEndsIt() throws Exception {
    assertEnds(Refusal.MALFORMED, peer -> peer.send(end(peer, 2, 5)));
    assertEnds(Refusal.MALFORMED, peer -> peer.send(end(peer, 1, 4)));
    assertEnds(
        Refusal.MALFORMED,
        peer -> peer.send(FrameKind.SNAPSHOT_END, bytes -> bytes.varint(1).varint(5).u8(0)));
    assertAGoodOneComesIn();
  }

  @Test
  void oneThatIsCutOffLeavesNothing() throws Exception {
    assertEnds(
        Refusal.TRUNCATED,
        peer -> {
          byte[] frame = chunk(peer, CHUNK);
          peer.send(Arrays.copyOf(frame, frame.length - 1));
          peer.socket.shutdownOutput();
        });
    try (RawPeer peer = carrying()) {
      peer.send(snapshot(peer)).send(chunk(peer, CHUNK));
      until(() -> node.snapshots.stored.size() == 1);
    }
    until(() -> node.snapshots.count("abort") == 2);
    assertNothingCame();
    assertAGoodOneComesIn();
  }

  @Test
  void oneOfWhichNothingMoreComesIsGivenUp() throws Exception {
    node.close();
    start(TestNode.FAST);
    try (RawPeer silent = carrying()) {
      assertEquals(Refusal.STALLED, silent.receiveRejection().refusal());
      assertTrue(silent.closedByPeer());
    }
    assertEnds(Refusal.STALLED, peer -> {});
    assertAGoodOneComesIn();
  }

  /** A listener that answers a snapshot as {@code answer} does after the frame of that kind. */
  private void assertNotDelivered(Refusal reason, FrameKind after, Consumer<RawPeer> answer)
      throws Exception {
    // So much that it is not all sent before it is asked for.
    int chunks = after == FrameKind.SNAPSHOT ? 3000 : 3;
    long before = node.refused(reason);
    try (ServerSocket server = RawPeer.listen(ports.get(N2))) {
      CompletableFuture<Boolean> told = new CompletableFuture<>();
      Source source = new Source(chunks, 100_000, -1);
      node.transport.sendSnapshot(N2, 7, source, told::complete);
      RawPeer peer = accept(server);
      try (peer) {
        Frame frame = peer.receive();
        while (frame != null && frame.kind() != after) {
          frame = peer.receive();
        }
        answer.accept(peer);
        assertEquals(false, told.get(20, TimeUnit.SECONDS));
        awaitClosed(peer);
      }
      assertEquals(0, source.closed.getCount());
      assertEquals(before + 1, node.refused(reason));
    }
  }

  /** The connection of the snapshot: that of the link comes too. */
  private static RawPeer accept(ServerSocket server) throws Exception {
    while (true) {
      RawPeer peer = RawPeer.accept(server);
      Hello hello = peer.receiveHello();
      if (hello.purpose() == Purpose.SNAPSHOT) {
        peer.send(PeerIntruderTest.hello(member(N2, 1, 2, 3), N1, Purpose.SNAPSHOT, 99));
        peer.enter(99);
        return peer;
      }
      peer.close();
    }
  }

  @Test
  void onlyTheRightAnswerAtTheRightTimeIsADelivery() throws Exception {
    assertNotDelivered(
        Refusal.UNEXPECTED, FrameKind.SNAPSHOT, peer -> say(peer, FrameKind.SNAPSHOT_DONE));
    assertNotDelivered(
        Refusal.UNEXPECTED, FrameKind.SNAPSHOT_END, peer -> say(peer, FrameKind.PONG));
    assertNotDelivered(
        Refusal.BAD_CHECKSUM,
        FrameKind.SNAPSHOT_END,
        peer -> {
          peer.enter(98);
          say(peer, FrameKind.SNAPSHOT_DONE);
        });
    node.close();
    start(TestNode.FAST);
    assertNotDelivered(Refusal.STALLED, FrameKind.SNAPSHOT_END, peer -> {});
  }

  private static void say(RawPeer peer, FrameKind kind) {
    try {
      peer.send(kind, bytes -> {});
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
