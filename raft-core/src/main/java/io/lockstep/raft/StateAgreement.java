package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a node's state beside the others'.
 *
 * @param own the checkpoint that it rests on; null while nothing was compared in this life
 * @param others what the others have at that index; when {@link Verdict#UNDECIDED} it may be the
 *     same as the own one
 * @param compared checkpoints of this node that were compared, in this life
 * @param membersDiverged as leader: other members whose state is known to differ from a majority's
 */
public record StateAgreement(
    Verdict verdict,
    @Nullable Checkpoint own,
    @Nullable Checkpoint others,
    long compared,
    int membersDiverged) {
  /** Nothing was compared yet. */
  public static final StateAgreement UNCOMPARED =
      new StateAgreement(Verdict.AGREED, null, null, 0, 0);

  /** What came of comparing a replica's state with the others'. */
  public enum Verdict {
    /** It is that of a majority of the voters, as far as compared. */
    AGREED,
    /** Voters differ, and no majority of them agrees: nobody knows whose state is right. */
    UNDECIDED,
    /** It differs from that of a majority of the voters. For good. */
    DIVERGED
  }

  StateAgreement withMembersDiverged(int members) {
    return new StateAgreement(verdict, own, others, compared, members);
  }

  /** Whether this node may answer out of its state. */
  public boolean serves() {
    return verdict == Verdict.AGREED;
  }
}
