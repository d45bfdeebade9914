package io.lockstep.ops;

import io.lockstep.ops.config.NodeConfig.Timing;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.peer.PeerFigures;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once for each peer that the way to it is too long for this node's timing: elections would be
 * a matter of luck. Owned by one event loop.
 */
final class RoundTripWarning {
  /** How often to {@link #look}. */
  static final long PERIOD_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(RoundTripWarning.class);

  private final Timing timing;
  private final long nanosMax;
  private final SortedSet<NodeId> warned = new TreeSet<>();

  RoundTripWarning(Timing timing, RaftOptions options) {
    this.timing = timing;
    this.nanosMax = TimeUnit.MILLISECONDS.toNanos(options.roundTripMillisMax());
  }

  /** Returns the peers of which it was said so far. */
  SortedSet<NodeId> look(SortedMap<NodeId, PeerFigures.Link> links) {
    links.forEach(
        (peer, link) -> {
          if (link.roundTripNanos() > nanosMax && warned.add(peer)) {
            LOG.warn(
                "a round trip to {} takes {} ms; --timing {} is meant for up to {} ms{}",
                peer,
                TimeUnit.NANOSECONDS.toMillis(link.roundTripNanos()),
                timing.name().toLowerCase(Locale.ROOT),
                TimeUnit.NANOSECONDS.toMillis(nanosMax),
                timing == Timing.LAN ? ": use --timing wan on all nodes" : "");
          }
        });
    return warned;
  }
}
