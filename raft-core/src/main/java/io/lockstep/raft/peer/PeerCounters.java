package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What {@link PeerFigures} are read from. Any thread may count and read. */
final class PeerCounters {
  final LongAdder framesIn = new LongAdder();
  final LongAdder framesOut = new LongAdder();
  final LongAdder bytesIn = new LongAdder();
  final LongAdder bytesOut = new LongAdder();
  final LongAdder writes = new LongAdder();
  final LongAdder connects = new LongAdder();
  final LongAdder dialsFailed = new LongAdder();
  final LongAdder messagesDropped = new LongAdder();
  final LongAdder serviceRefused = new LongAdder();
  final LongAdder snapshotsSent = new LongAdder();
  final LongAdder snapshotsReceived = new LongAdder();
  final LongAdder snapshotsFailed = new LongAdder();
  final LongAdder snapshotBytesOut = new LongAdder();
  final LongAdder snapshotBytesIn = new LongAdder();
  final AtomicLong incoming = new AtomicLong();
  private final AtomicLongArray refusals = new AtomicLongArray(Refusal.values().length + 1);
  private final AtomicLongArray byPeers = new AtomicLongArray(Refusal.values().length + 1);

  void refused(Refusal reason) {
    refusals.incrementAndGet(reason.code());
  }

  void refusedByPeer(Refusal reason) {
    byPeers.incrementAndGet(reason.code());
  }

  PeerFigures figures(SortedMap<NodeId, PeerFigures.Link> links) {
    return new PeerFigures(
        links,
        incoming.get(),
        framesIn.sum(),
        framesOut.sum(),
        bytesIn.sum(),
        bytesOut.sum(),
        writes.sum(),
        connects.sum(),
        dialsFailed.sum(),
        messagesDropped.sum(),
        serviceRefused.sum(),
        new PeerFigures.Snapshots(
            snapshotsSent.sum(),
            snapshotsReceived.sum(),
            snapshotsFailed.sum(),
            snapshotBytesOut.sum(),
            snapshotBytesIn.sum()),
        byReason(refusals),
        byReason(byPeers));
  }

  private static SortedMap<Refusal, Long> byReason(AtomicLongArray counts) {
    TreeMap<Refusal, Long> byReason = new TreeMap<>();
    for (Refusal reason : Refusal.values()) {
      byReason.put(reason, counts.get(reason.code()));
    }
    return byReason;
  }
}
