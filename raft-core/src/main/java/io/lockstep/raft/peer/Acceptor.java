package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.vertx.core.Future;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listening side: a bounded number of connections, of each peer only the latest. Owned by the
 * event loop.
 */
final class Acceptor {
  private final LocalNode local;
  private final SnapshotStreams snapshots;
  private final Consumer<NodeId> onHeard;
  private final NetServer server;
  private final SortedMap<NodeId, IncomingConnection> linked = new TreeMap<>();
  private int open;

  /** {@code onHeard} is told of each peer that connects. */
  Acceptor(LocalNode local, SnapshotStreams snapshots, Consumer<NodeId> onHeard) {
    this.local = local;
    this.snapshots = snapshots;
    this.onHeard = onHeard;
    this.server =
        local.vertx.createNetServer(
            new NetServerOptions().setTcpNoDelay(true).setReuseAddress(true));
  }

  /** Listens; the future fails, with the address in its message, when that is not possible. */
  Future<Integer> listen() {
    PeerAddress address = local.options.listen();
    server.connectHandler(this::onConnection);
    return server
        .listen(address.port(), address.host())
        .map(NetServer::actualPort)
        .recover(
            failure ->
                Future.failedFuture(
                    new PeerPortException(
                        "cannot listen for peers on " + address + ": " + failure.getMessage(),
                        failure)));
  }

  Future<Void> close() {
    return server.close();
  }

  private void onConnection(NetSocket socket) {
    if (open >= local.options.limits().incomingMax()) {
      local.refuse(
          new Rejection(Refusal.TOO_MANY, open + " connections are open"), socket.remoteAddress());
      socket.close();
      return;
    }
    open++;
    new IncomingConnection(local, this, snapshots, socket).begin();
  }

  /**
   * {@code peer} passed the handshake on {@code connection}: an older connection of its is dead or
   * superseded.
   */
  void linked(NodeId peer, IncomingConnection connection) {
    IncomingConnection older = linked.get(peer);
    if (older != null) {
      older.close();
    }
    linked.put(peer, connection);
    local.counters.incoming.set(linked.size());
    onHeard.accept(peer);
  }

  /** {@code peer} takes part no more, or is another one under that name. */
  void drop(NodeId peer) {
    IncomingConnection connection = linked.get(peer);
    if (connection != null) {
      connection.close();
    }
  }

  /** Whether {@code peer} has a connection open to this node. */
  boolean hears(NodeId peer) {
    return linked.containsKey(peer);
  }

  /** {@code connection} ends. Called once for each. */
  void forget(IncomingConnection connection, @Nullable NodeId peer) {
    open--;
    if (peer != null && linked.get(peer) == connection) {
      linked.remove(peer);
      local.counters.incoming.set(linked.size());
    }
  }
}
