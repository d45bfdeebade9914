package io.lockstep.raft.peer;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.FirstStart;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.identity.Introduction;
import io.lockstep.raft.transport.Transport.Receiver;
import io.vertx.core.Vertx;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * This node as its connections see it: what it says of itself, and who receives. Owned by the event
 * loop.
 */
final class LocalNode {
  final Vertx vertx;
  final PeerOptions options;
  final PeerCounters counters = new PeerCounters();
  final PeerLog log = new PeerLog();
  private final SortedMap<NodeId, Introduction> heard = new TreeMap<>();
  private Identity identity;
  private @Nullable Receiver receiver;

  LocalNode(Vertx vertx, PeerOptions options, Identity identity) {
    this.vertx = vertx;
    this.options = options;
    this.identity = identity;
  }

  Identity identity() {
    return identity;
  }

  /** This node's identity, made durable, from now on. */
  void become(Identity formed) {
    Invariant.check(formed.formed(), "a node becomes a member");
    identity = formed;
  }

  /** Who receives messages; null until the node above has started. */
  @Nullable Receiver receiver() {
    return receiver;
  }

  void receiveWith(Receiver installed) {
    Invariant.check(receiver == null, "the receiver is installed once");
    receiver = installed;
  }

  /** Takes in a peer's answer to a probe. */
  void hear(Introduction peer) {
    heard.put(peer.node(), peer);
  }

  FirstStart decide() {
    return FirstStart.decide(identity, new TreeSet<>(options.cluster().keySet()), heard);
  }

  Hello hello(Hello.Purpose purpose, long session, NodeId to) {
    Introduction introduction =
        identity.formed()
            ? Introduction.of(identity)
            : FirstStart.introduction(identity, new TreeSet<>(options.cluster().keySet()), heard);
    return new Hello(purpose, session, to, introduction);
  }

  /** Counts and logs that a connection is refused or given up. */
  void refuse(Rejection rejection, Object remote) {
    counters.refused(rejection.refusal());
    log.refused(rejection, remote);
  }

  /** Counts and logs that a peer refused a connection. */
  void refusedByPeer(Rejection rejection, Object remote) {
    counters.refusedByPeer(rejection.refusal());
    log.refusedByPeer(rejection, remote);
  }
}
