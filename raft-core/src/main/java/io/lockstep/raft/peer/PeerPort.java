package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.FirstStart;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.transport.Transport.Receiver;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/** All connections of one node, in both directions. Owned by the event loop that it was made on. */
final class PeerPort {
  private final LocalNode local;
  private final Context loop;
  private final Dialer dialer;
  private final Acceptor acceptor;
  private volatile SortedMap<NodeId, OutgoingLink> links;
  private final Discovery discovery;
  private final SnapshotStreams snapshots;

  PeerPort(LocalNode local, Context loop, Executor snapshotFiles) {
    this.local = local;
    this.loop = loop;
    this.dialer = new Dialer(local);
    this.snapshots = new SnapshotStreams(local, loop, dialer, snapshotFiles);
    this.acceptor = new Acceptor(local, snapshots, this::heardFrom);
    this.discovery = new Discovery(local, dialer);
    TreeMap<NodeId, OutgoingLink> all = new TreeMap<>();
    for (NodeId peer : local.options.cluster().keySet()) {
      if (!peer.equals(local.identity().node())) {
        all.put(peer, linkTo(peer));
      }
    }
    this.links = Collections.unmodifiableSortedMap(all);
  }

  /** The loop that owns this port. Any thread. */
  Context loop() {
    return loop;
  }

  /** The links, whose sending side is open to any thread. */
  SortedMap<NodeId, OutgoingLink> links() {
    return links;
  }

  SnapshotStreams snapshots() {
    return snapshots;
  }

  Future<Integer> listen() {
    return acceptor.listen();
  }

  /** Decides the first start, has it made durable, and only then says so to others. */
  Future<Identity> firstStart(PeerTransport.Keeper keeper) {
    return discovery
        .run()
        .compose(
            decision ->
                switch (decision) {
                  case FirstStart.Form form ->
                      keep(keeper, local.identity().join(form.cluster(), form.members()));
                  case FirstStart.Adopt adopt ->
                      local.identity().formed()
                          ? Future.succeededFuture(local.identity())
                          : keep(keeper, local.identity().join(adopt.cluster(), adopt.members()));
                  case FirstStart.Refuse refuse ->
                      Future.failedFuture(new PeerPortException(refuse.reason(), null));
                  case FirstStart.Wait wait ->
                      throw new IllegalStateException("to wait is no decision: " + wait);
                });
  }

  void start(Receiver receiver) {
    local.receiveWith(receiver);
    links.values().forEach(OutgoingLink::dialNow);
  }

  /** Goes by this roster: opens links to who is new, ends those to who is not in it. */
  void members(Roster roster) {
    Roster before = local.roster();
    local.goBy(roster);
    TreeMap<NodeId, OutgoingLink> all = new TreeMap<>();
    for (NodeId peer : roster.peers(local.identity().node())) {
      OutgoingLink known = links.get(peer);
      boolean same = known != null && roster.sameAs(before, peer);
      all.put(peer, same ? known : linkTo(peer));
    }
    SortedMap<NodeId, OutgoingLink> old = links;
    links = Collections.unmodifiableSortedMap(all);
    old.forEach(
        (peer, link) -> {
          if (all.get(peer) != link) {
            link.close();
            acceptor.drop(peer);
          }
        });
    if (local.receiver() != null) {
      all.values().forEach(OutgoingLink::dialNow);
    }
  }

  private OutgoingLink linkTo(NodeId peer) {
    return new OutgoingLink(local, loop, dialer, peer, acceptor::hears);
  }

  Future<Void> close() {
    discovery.close();
    links.values().forEach(OutgoingLink::close);
    snapshots.close();
    return Future.join(dialer.close(), acceptor.close()).mapEmpty();
  }

  private Future<Identity> keep(PeerTransport.Keeper keeper, Identity formed) {
    Promise<Identity> kept = Promise.promise();
    keeper
        .keep(formed)
        .onComplete(
            durable ->
                loop.runOnContext(
                    turn -> {
                      local.become(formed);
                      kept.complete(formed);
                    }),
            kept::fail);
    return kept.future();
  }

  private void heardFrom(NodeId peer) {
    OutgoingLink link = links.get(peer);
    if (link == null) {
      TreeMap<NodeId, OutgoingLink> more = new TreeMap<>(links);
      link = linkTo(peer);
      more.put(peer, link);
      links = Collections.unmodifiableSortedMap(more);
    }
    link.dialNow();
  }
}
