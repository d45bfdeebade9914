package io.lockstep.raft.peer;

import io.lockstep.raft.NodeId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a node's peer port at one moment. Totals count from the start of the process.
 *
 * @param links each peer's outgoing link
 * @param incoming open incoming connections that passed the handshake
 * @param framesIn frames received after a handshake
 * @param framesOut frames handed to sockets after a handshake
 * @param bytesIn bytes received on all connections
 * @param bytesOut bytes handed to sockets after a handshake
 * @param writes socket writes that carried {@code framesOut}
 * @param connects outgoing links that came up
 * @param dialsFailed dials that found nobody
 * @param messagesDropped protocol messages dropped: no link, or too much waits for it
 * @param serviceRefused service messages not taken, for the same reasons or for their length
 * @param snapshots what went over connections of snapshots
 * @param refusals connections that this node refused or gave up, by reason
 * @param refusedByPeers connections that a peer refused, by the reason it gave
 */
public record PeerFigures(
    SortedMap<NodeId, Link> links,
    long incoming,
    long framesIn,
    long framesOut,
    long bytesIn,
    long bytesOut,
    long writes,
    long connects,
    long dialsFailed,
    long messagesDropped,
    long serviceRefused,
    Snapshots snapshots,
    SortedMap<Refusal, Long> refusals,
    SortedMap<Refusal, Long> refusedByPeers) {
  public PeerFigures {
    links = Collections.unmodifiableSortedMap(new TreeMap<>(links));
    refusals = Collections.unmodifiableSortedMap(new TreeMap<>(refusals));
    refusedByPeers = Collections.unmodifiableSortedMap(new TreeMap<>(refusedByPeers));
  }

  /**
   * The link to one peer.
   *
   * @param connected whether it is up
   * @param waitingBytes about how much waits for its socket
   * @param roundTripNanos the shortest of the last few pings; -1 while none was answered
   * @param denial what the peer last said when it was dialed, if that was that this node is no
   *     member; null when it said something else, or nothing
   */
  public record Link(
      boolean connected, long waitingBytes, long roundTripNanos, @Nullable Denial denial) {}

  /**
   * A peer's word, heard at its address in {@code --cluster}, that this node is no member.
   *
   * @param reason one that {@link Refusal#deniesMembership}
   * @param times how often it was said in a row, with nothing else heard in between
   */
  public record Denial(Refusal reason, long times) {}

  /**
   * Snapshots, in both directions.
   *
   * @param sent those of which the receiver said that it has them
   * @param received those that came in and were stored
   * @param failed those that ended before that, at this end
   * @param bytesOut bytes of state handed to sockets
   * @param bytesIn bytes of state received
   */
  public record Snapshots(long sent, long received, long failed, long bytesOut, long bytesIn) {}

  /** How often connections were refused or given up for this reason. */
  public long refused(Refusal reason) {
    return refusals.getOrDefault(reason, 0L);
  }

  /** How often peers refused this node's connections for this reason. */
  public long refusedByPeers(Refusal reason) {
    return refusedByPeers.getOrDefault(reason, 0L);
  }
}
