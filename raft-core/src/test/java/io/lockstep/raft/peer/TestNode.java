package io.lockstep.raft.peer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.transport.Transport.Receiver;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One node's real peer port, and all that came through it. */
final class TestNode implements Receiver, AutoCloseable {
  /** Short times: tests wait for conditions, and these are among them. */
  static final PeerOptions.Times FAST = new PeerOptions.Times(1_000, 800, 250, 4, 10, 100, 30, 600);

  /** Times that a busy machine does not exceed: for tests that wait for no silence. */
  static final PeerOptions.Times CALM =
      new PeerOptions.Times(5_000, 10_000, 5_000, 4, 10, 100, 30, 60_000);

  final PeerTransport transport;
  private final int port;
  private boolean closed;
  final List<Message> messages = Collections.synchronizedList(new ArrayList<>());
  final List<NodeId> senders = Collections.synchronizedList(new ArrayList<>());
  final List<Bytes> services = Collections.synchronizedList(new ArrayList<>());
  final List<NodeId> gone = Collections.synchronizedList(new ArrayList<>());
  final List<NodeId> disconnected = Collections.synchronizedList(new ArrayList<>());

  /** What it makes of snapshots. */
  final TestSnapshots snapshots = new TestSnapshots();

  TestNode(Vertx vertx, PeerOptions options, Identity identity) {
    this.port = options.listen().port();
    this.transport = PeerTransport.create(vertx, options, identity, snapshots.files);
  }

  /** A member that listens and dials. */
  static TestNode started(Vertx vertx, Identity member, SortedMap<NodeId, Integer> ports) {
    return started(vertx, member, options(member.node(), ports));
  }

  static TestNode started(
      Vertx vertx, Identity member, SortedMap<NodeId, Integer> ports, PeerOptions.Times times) {
    return started(vertx, member, options(member.node(), ports, times));
  }

  static TestNode started(Vertx vertx, Identity member, PeerOptions options) {
    TestNode node = new TestNode(vertx, options, member);
    get(node.transport.listen());
    get(node.transport.firstStart(formed -> Future.failedFuture("a member keeps nothing")));
    node.transport.start(node);
    return node;
  }

  static PeerOptions options(NodeId node, SortedMap<NodeId, Integer> ports) {
    return options(node, ports, CALM);
  }

  static PeerOptions options(
      NodeId node, SortedMap<NodeId, Integer> ports, PeerOptions.Times times) {
    TreeMap<NodeId, PeerAddress> cluster = new TreeMap<>();
    ports.forEach((id, port) -> cluster.put(id, new PeerAddress("127.0.0.1", port)));
    return new PeerOptions(
        new PeerAddress("127.0.0.1", ports.get(node)), cluster, PeerOptions.Limits.DEFAULT, times);
  }

  static SortedMap<NodeId, Integer> freePorts(NodeId... nodes) {
    TreeMap<NodeId, Integer> ports = new TreeMap<>();
    for (NodeId node : nodes) {
      ports.put(node, Ports.free());
    }
    return ports;
  }

  @Override
  public void onMessage(NodeId from, Message message) {
    senders.add(from);
    messages.add(message);
  }

  @Override
  public void onService(NodeId from, Bytes payload) {
    senders.add(from);
    services.add(payload);
  }

  @Override
  public void onGone(NodeId peer) {
    gone.add(peer);
  }

  @Override
  public void onDisconnected(NodeId peer) {
    disconnected.add(peer);
  }

  @Override
  public @Nullable SnapshotSink onSnapshot(NodeId from, long term, SnapshotMeta meta) {
    return snapshots.onSnapshot(from, term, meta);
  }

  @Override
  public void onSnapshotReceived(NodeId from, long term, SnapshotMeta meta) {
    snapshots.onReceived();
  }

  void awaitConnected(NodeId peer) {
    until(() -> transport.connected(peer));
  }

  long refused(Refusal reason) {
    return transport.figures().refused(reason);
  }

  static void until(Callable<Boolean> condition) {
    await().atMost(20, SECONDS).until(condition);
  }

  static <T> T get(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static Throwable failure(Future<?> future) {
    try {
      throw new AssertionError(
          "succeeded: " + future.toCompletionStage().toCompletableFuture().get(20, SECONDS));
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      get(transport.close());
      snapshots.files.shutdown();
      // The kernel lets go of the port when the loop next looks at its channels.
      until(() -> Ports.isFree(port));
    }
  }
}
