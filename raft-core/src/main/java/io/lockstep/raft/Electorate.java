package io.lockstep.raft;

import io.lockstep.raft.quorum.JointQuorum;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The voters as their leader counts them; while joint, both sets (thesis 4.3). A leader that is not
 * one of them does not count itself (4.2.2), and learners never count (4.2.1).
 */
final class Electorate {
  /** The peers in the order of the voters; null is the leader itself. */
  private final @Nullable Peer[] incoming;

  private final @Nullable Peer[] outgoing;
  private final long[] incomingValues;
  private final long[] outgoingValues;

  /**
   * Counts these voters.
   *
   * @param peers the leader knows each of the voters, but for itself
   */
  Electorate(NodeId self, List<NodeId> incoming, List<NodeId> outgoing, List<Peer> peers) {
    this.incoming = find(self, incoming, peers);
    this.outgoing = find(self, outgoing, peers);
    this.incomingValues = new long[incoming.size()];
    this.outgoingValues = new long[outgoing.size()];
  }

  /** The highest value that a majority has reached, of each set. */
  long reached(long own, ToLongFunction<Peer> value) {
    fill(incoming, incomingValues, own, value);
    fill(outgoing, outgoingValues, own, value);
    return JointQuorum.reached(incomingValues, outgoingValues);
  }

  private static void fill(
      @Nullable Peer[] voters, long[] values, long own, ToLongFunction<Peer> value) {
    for (int i = 0; i < voters.length; i++) {
      Peer peer = voters[i];
      values[i] = peer == null ? own : value.applyAsLong(peer);
    }
  }

  private static @Nullable Peer[] find(NodeId self, List<NodeId> voters, List<Peer> peers) {
    @Nullable Peer[] found = new Peer[voters.size()];
    for (int i = 0; i < found.length; i++) {
      NodeId voter = voters.get(i);
      for (Peer peer : peers) {
        if (peer.id.equals(voter)) {
          found[i] = peer;
        }
      }
      Invariant.check(
          voter.equals(self) == (found[i] == null), "a leader knows each of its voters");
    }
    return found;
  }
}
