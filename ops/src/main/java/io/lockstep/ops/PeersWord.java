package io.lockstep.ops;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerFigures;
import io.lockstep.raft.peer.PeerFigures.Denial;
import io.lockstep.raft.peer.Refusal;
import io.lockstep.raft.quorum.Majority;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the peers of a starting node say of it, taken together.
 *
 * <p>One peer may be wrong: its own directory may be the foreign one. So its word alone ends
 * nothing, and the node goes on waiting for the others. A node gives up only when so many deny it
 * that those left, itself counted, are no majority: then it can be of no use whoever still comes,
 * and they are likelier right than it. Only what is said at the addresses of {@code --cluster}
 * counts: whoever knocks at the node's own port says nothing about it.
 */
final class PeersWord {
  /** A peer must say it so often in a row, or it may have been said in the middle of a change. */
  static final long TIMES_FOR_SURE = 3;

  private PeersWord() {}

  /**
   * The peers that deny this node, each with its reason, when they suffice to give up; empty while
   * it should go on waiting. A peer that is linked, either way, takes it for a member.
   */
  static SortedMap<NodeId, Refusal> against(PeerFigures figures) {
    boolean linked = figures.links().values().stream().anyMatch(PeerFigures.Link::connected);
    if (linked || figures.incoming() > 0) {
      return Collections.emptySortedMap();
    }
    TreeMap<NodeId, Refusal> denials = new TreeMap<>();
    figures
        .links()
        .forEach(
            (peer, link) -> {
              Denial denial = link.denial();
              if (denial != null && denial.times() >= TIMES_FOR_SURE) {
                denials.put(peer, denial.reason());
              }
            });
    // A majority of the others, in a cluster of any size, leaves less than a majority of all.
    int others = figures.links().size();
    return denials.size() >= Majority.of(others) ? denials : Collections.emptySortedMap();
  }

  /** For the operator: who, and why. */
  static String text(SortedMap<NodeId, Refusal> denials) {
    return denials.entrySet().stream()
        .map(denial -> denial.getKey() + ": " + denial.getValue().label())
        .collect(Collectors.joining(", "));
  }
}
