package io.lockstep.raft.quorum;

/**
 * Two sets of voters that share the decisions: what they agree on needs a majority of each (Raft
 * thesis 4.3). Without the second set it is plain {@link Majority}.
 */
public final class JointQuorum {
  private JointQuorum() {}

  /**
   * The highest value that a majority of both sets has reached.
   *
   * @param incoming one for each voter of the set that comes; sorted in place
   * @param outgoing likewise of the set that goes; empty for none
   */
  public static long reached(long[] incoming, long[] outgoing) {
    long reached = Majority.reached(incoming);
    return outgoing.length == 0 ? reached : Math.min(reached, Majority.reached(outgoing));
  }

  /** How an election stands that must be won in both sets; to lose it one is enough. */
  public static VoteResult of(VoteResult incoming, VoteResult outgoing) {
    if (incoming == VoteResult.LOST || outgoing == VoteResult.LOST) {
      return VoteResult.LOST;
    }
    return incoming == VoteResult.WON && outgoing == VoteResult.WON
        ? VoteResult.WON
        : VoteResult.PENDING;
  }
}
