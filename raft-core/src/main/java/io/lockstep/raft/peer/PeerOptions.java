package io.lockstep.raft.peer;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.NodeId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a node meets its peers.
 *
 * @param listen where it listens
 * @param cluster {@code --cluster}: where it finds each node, its own id included
 * @param limits bounds of memory and connections
 * @param times when to give up and when to try again
 */
public record PeerOptions(
    PeerAddress listen, SortedMap<NodeId, PeerAddress> cluster, Limits limits, Times times) {
  public PeerOptions {
    cluster = Collections.unmodifiableSortedMap(new TreeMap<>(cluster));
    for (PeerAddress address : cluster.values()) {
      if (address.port() == 0) {
        throw new IllegalArgumentException("--cluster names real ports, not " + address);
      }
    }
  }

  /** The defaults. */
  public static PeerOptions of(PeerAddress listen, SortedMap<NodeId, PeerAddress> cluster) {
    return new PeerOptions(listen, cluster, Limits.DEFAULT, Times.DEFAULT);
  }

  /**
   * Bounds of one node's peer port.
   *
   * @param frameBytesMax the longest frame that is read or sent, of either kind of traffic
   * @param serviceBytesMax the longest message of the service above
   * @param outgoingBytesMax what waits for one peer's socket; beyond it nothing more is taken
   * @param writeBytesMax about how much goes to the socket in one write
   * @param incomingMax open incoming connections
   */
  public record Limits(
      int frameBytesMax,
      int serviceBytesMax,
      long outgoingBytesMax,
      int writeBytesMax,
      int incomingMax) {
    /** A batch of 1 MiB and one more entry of 512 KiB fit a frame, with room to spare. */
    public static final Limits DEFAULT = new Limits(4 << 20, 2 << 20, 32L << 20, 256 << 10, 64);

    public Limits {
      Invariant.check(
          serviceBytesMax > 0 && serviceBytesMax < frameBytesMax,
          "a service message fits a frame",
          serviceBytesMax,
          frameBytesMax);
      Invariant.check(
          outgoingBytesMax >= frameBytesMax,
          "the longest frame fits the queue",
          outgoingBytesMax,
          frameBytesMax);
      Invariant.check(writeBytesMax > 0 && incomingMax > 0, "limits are positive");
    }
  }

  /**
   * Times of one node's peer port.
   *
   * @param connectMillis longest wait for a connection
   * @param handshakeMillis longest time from an open connection to a finished handshake, at either
   *     side
   * @param pingMillis how often an open connection is proved alive
   * @param pingsUnansweredMax after so many unanswered pings a link is given up; an incoming
   *     connection that was silent for one ping more as well
   * @param reconnectMillisMin first pause before a lost link is tried again; it doubles, and is
   *     jittered by half
   * @param reconnectMillisMax longest such pause
   * @param probeMillis how often peers are asked who they are before there is a cluster
   * @param snapshotStallMillis a snapshot of which nothing moved for so long is given up, at either
   *     end; longer than what the receiver takes to check and force all of it
   */
  public record Times(
      long connectMillis,
      long handshakeMillis,
      long pingMillis,
      int pingsUnansweredMax,
      long reconnectMillisMin,
      long reconnectMillisMax,
      long probeMillis,
      long snapshotStallMillis) {
    /** For members in one building. */
    public static final Times DEFAULT = new Times(1_000, 2_000, 1_000, 4, 50, 1_000, 200, 30_000);

    public Times {
      Invariant.check(
          connectMillis > 0 && handshakeMillis > 0 && pingMillis > 0 && probeMillis > 0,
          "times are positive");
      Invariant.check(snapshotStallMillis > 0, "a snapshot takes time to move");
      Invariant.check(pingsUnansweredMax > 0, "a ping takes time to be answered");
      Invariant.check(
          reconnectMillisMin > 0 && reconnectMillisMax >= reconnectMillisMin,
          "pauses grow",
          reconnectMillisMin,
          reconnectMillisMax);
    }
  }
}
