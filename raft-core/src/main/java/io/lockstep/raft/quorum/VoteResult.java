package io.lockstep.raft.quorum;

/** How an election stands. */
public enum VoteResult {
  PENDING,
  WON,
  LOST;

  /** The standing after so many of {@code voters} said yes and no (Raft thesis 3.4). */
  public static VoteResult of(int voters, int granted, int refused) {
    if (granted >= Majority.of(voters)) {
      return WON;
    }
    return voters - refused < Majority.of(voters) ? LOST : PENDING;
  }
}
