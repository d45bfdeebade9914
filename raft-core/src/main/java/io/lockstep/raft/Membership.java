package io.lockstep.raft;

import java.util.List;

/**
 * Who takes part in consensus.
 *
 * @param voters sorted by id, without repeats; an odd number in normal use
 */
public record Membership(List<NodeId> voters) {
  public Membership {
    voters = voters.stream().sorted().distinct().toList();
    Invariant.check(!voters.isEmpty(), "a cluster has at least one voter");
  }

  public boolean isVoter(NodeId node) {
    return voters.contains(node);
  }
}
