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
  private Roster roster;
  private @Nullable Receiver receiver;

  LocalNode(Vertx vertx, PeerOptions options, Identity identity) {
    this.vertx = vertx;
    this.options = options;
    this.identity = identity;
    this.roster = Roster.first(identity, options.cluster());
  }

  Identity identity() {
    return identity;
  }

  /** This node's identity, made durable, from now on. */
  void become(Identity formed) {
    Invariant.check(formed.formed(), "a node becomes a member");
    identity = formed;
    roster = Roster.first(formed, options.cluster());
  }

  /** Who takes part, as far as this node knows. */
  Roster roster() {
    return roster;
  }

  /** Goes by {@code next} from now on. */
  void goBy(Roster next) {
    roster = next;
  }

  /** Where {@code peer} is found; null when nobody says. */
  @Nullable PeerAddress address(NodeId peer) {
    PeerAddress known = roster.address(peer);
    return known == null ? options.cluster().get(peer) : known;
  }

  /**
   * A peer was heard that may know a later membership: it is answered until this node knows better.
   */
  void met(Hello hello) {
    Introduction peer = hello.introduction();
    if (!peer.storage().equals(roster.storage(peer.node()))) {
      roster = roster.with(peer.node(), peer.storage(), hello.address());
    }
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
            ? roster.introduction(identity)
            : FirstStart.introduction(identity, new TreeSet<>(options.cluster().keySet()), heard);
    PeerAddress own = options.cluster().getOrDefault(identity.node(), options.listen());
    return new Hello(purpose, session, to, introduction, roster.since(), own.toString());
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
