package io.lockstep.raft;

/** Why a leader does not begin a membership change. */
public sealed interface ChangeRefusal {
  /** One at a time: that of the entry at {@code index} is not finished (thesis 4.3). */
  record InFlight(long index) implements ChangeRefusal {}

  /**
   * The leader has not committed an entry of its term yet (Ongaro 2015, on single-server changes).
   */
  record LeaderTooNew() implements ChangeRefusal {}

  /**
   * The voters after the change, or those before it, could not decide anything: too few of them
   * have been heard within an election timeout.
   *
   * @param voters how many there are
   * @param heard how many of them were heard
   * @param needed how many are a majority
   * @param after whether these are the voters after the change
   */
  record QuorumLost(int voters, int heard, int needed, boolean after) implements ChangeRefusal {}

  /** A cluster keeps one voter. */
  record LastVoter(NodeId id) implements ChangeRefusal {}

  /** There is no such member, or none that this can be done to. */
  record UnknownMember(NodeId id) implements ChangeRefusal {}

  /** It is one already. */
  record AlreadyMember(NodeId id) implements ChangeRefusal {}

  /** The learner lacks what the leader has held for longer than an election timeout. */
  record NotCaughtUp(NodeId id, long matchIndex, long lastIndex) implements ChangeRefusal {}

  /** There are {@code max} voters, those to come included. */
  record TooManyVoters(int max) implements ChangeRefusal {}

  /** There are {@code max} learners. */
  record TooManyLearners(int max) implements ChangeRefusal {}
}
