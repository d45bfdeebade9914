package io.lockstep.ops.metrics;

import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.KvFigures;
import io.lockstep.kv.KvView;
import io.lockstep.raft.peer.PeerFigures;
import java.util.function.Supplier;

/** The meters of the state machine, the links to peers, and the Coordinator. */
public final class ServiceMeters {
  private ServiceMeters() {}

  /** Registers them; the suppliers are asked at each scrape, on the scraper's thread. */
  public static void bind(
      NodeMetrics metrics,
      Supplier<KvView> views,
      Supplier<PeerFigures> peers,
      Supplier<Coordinator.Figures> coordinator) {
    state(metrics, views);
    peers(metrics, peers);
    metrics.gauge(
        "lockstep.requests.outstanding",
        "Requests without an answer",
        coordinator,
        Coordinator.Figures::outstanding);
    metrics.gauge(
        "lockstep.lock.waits",
        "Lock waits of this node's clients",
        coordinator,
        Coordinator.Figures::lockWaits);
  }

  private static void state(NodeMetrics metrics, Supplier<KvView> views) {
    Supplier<KvFigures> figures = () -> views.get().figures();
    metrics.gauge(
        "lockstep.state.revision", "Revision of the published state", views, KvView::revision);
    metrics.gauge(
        "lockstep.state.bytes",
        "What the state counts against the quota",
        views,
        KvView::usedBytes);
    metrics.gauge(
        "lockstep.state.compacted.revision",
        "History up to here is gone",
        views,
        KvView::compactedRevision);
    metrics.gauge("lockstep.leases", "Leases alive", figures, KvFigures::leases);
    metrics.gauge("lockstep.locks.held", "Locks held", figures, KvFigures::locksHeld);
    metrics.gauge(
        "lockstep.lock.waiters", "Places in the queues of all locks", figures, KvFigures::waiters);
    metrics.gauge(
        "lockstep.lease.expiry.lag.seconds",
        "How late the last expiry was, in cluster time",
        figures,
        f -> f.expiryLagMillis() / 1e3);
  }

  private static void peers(NodeMetrics metrics, Supplier<PeerFigures> peers) {
    metrics.gauge(
        "lockstep.peer.links.up",
        "Outgoing links that are up",
        peers,
        f -> f.links().values().stream().filter(PeerFigures.Link::connected).count());
    metrics.gauge(
        "lockstep.peer.round.trip.seconds",
        "The longest way to a peer: the shortest of its last few pings",
        peers,
        f ->
            f.links().values().stream().mapToLong(PeerFigures.Link::roundTripNanos).max().orElse(0)
                / 1e9);
    metrics.counter("lockstep.peer.frames.in", "Frames received", peers, PeerFigures::framesIn);
    metrics.counter("lockstep.peer.frames.out", "Frames sent", peers, PeerFigures::framesOut);
    metrics.counter("lockstep.peer.bytes.in", "Bytes received", peers, PeerFigures::bytesIn);
    metrics.counter("lockstep.peer.bytes.out", "Bytes sent", peers, PeerFigures::bytesOut);
    metrics.counter("lockstep.peer.writes", "Socket writes", peers, PeerFigures::writes);
    metrics.counter("lockstep.peer.connects", "Links that came up", peers, PeerFigures::connects);
    metrics.counter(
        "lockstep.peer.dials.failed", "Dials that found nobody", peers, PeerFigures::dialsFailed);
    metrics.counter(
        "lockstep.peer.messages.dropped",
        "Protocol messages dropped",
        peers,
        PeerFigures::messagesDropped);
    metrics.counter(
        "lockstep.peer.refused",
        "Connections refused or given up",
        peers,
        f -> f.refusals().values().stream().mapToLong(Long::longValue).sum());
    snapshots(metrics, () -> peers.get().snapshots());
  }

  private static void snapshots(NodeMetrics metrics, Supplier<PeerFigures.Snapshots> figures) {
    metrics.counter(
        "lockstep.peer.snapshots.sent",
        "Snapshots that a peer has taken in",
        figures,
        PeerFigures.Snapshots::sent);
    metrics.counter(
        "lockstep.peer.snapshots.received",
        "Snapshots that came in and were stored",
        figures,
        PeerFigures.Snapshots::received);
    metrics.counter(
        "lockstep.peer.snapshots.failed",
        "Snapshots that ended before, sent or received",
        figures,
        PeerFigures.Snapshots::failed);
    metrics.counter(
        "lockstep.peer.snapshots.bytes.out",
        "Bytes of snapshots sent",
        figures,
        PeerFigures.Snapshots::bytesOut);
    metrics.counter(
        "lockstep.peer.snapshots.bytes.in",
        "Bytes of snapshots received",
        figures,
        PeerFigures.Snapshots::bytesIn);
  }
}
