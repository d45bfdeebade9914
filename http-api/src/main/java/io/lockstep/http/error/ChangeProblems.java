package io.lockstep.http.error;

import io.lockstep.raft.ChangeRefusal;
import io.lockstep.raft.NodeId;

/** What a client is told of a membership change that was refused. */
public final class ChangeProblems {
  private ChangeProblems() {}

  /** The problem for this reason. */
  public static Problem of(ChangeRefusal reason) {
    return switch (reason) {
      case ChangeRefusal.InFlight(long index) ->
          Problem.of(
                  ProblemCode.CHANGE_IN_FLIGHT,
                  "the membership change of index " + index + " is not finished; one at a time")
              .with("index", index)
              .retryAfter(Problems.jittered());
      case ChangeRefusal.LeaderTooNew _ ->
          Problem.of(
                  ProblemCode.NO_LEADER,
                  "the leader has just come into office and has not committed anything yet")
              .retryAfter(Problems.jittered());
      case ChangeRefusal.QuorumLost lost -> quorumLost(lost);
      case ChangeRefusal.LastVoter(NodeId id) ->
          Problem.of(ProblemCode.QUORUM_WOULD_BE_LOST, id + " is the last voter");
      case ChangeRefusal.UnknownMember(NodeId id) ->
          Problem.of(ProblemCode.MEMBER_NOT_FOUND, id + " is no member that this can be done to");
      case ChangeRefusal.AlreadyMember(NodeId id) ->
          Problem.of(
              ProblemCode.ALREADY_MEMBER, id + " is a member already, or has that data directory");
      case ChangeRefusal.NotCaughtUp behind ->
          Problem.of(
                  ProblemCode.NOT_CAUGHT_UP,
                  behind.id()
                      + " holds the log up to "
                      + behind.matchIndex()
                      + " of "
                      + behind.lastIndex()
                      + ", or is slower than an election timeout")
              .with("match_index", behind.matchIndex())
              .with("last_index", behind.lastIndex())
              .retryAfter(Problems.jittered());
      case ChangeRefusal.TooManyVoters(int max) -> tooMany("voters, those to come included", max);
      case ChangeRefusal.TooManyLearners(int max) -> tooMany("learners", max);
    };
  }

  private static Problem quorumLost(ChangeRefusal.QuorumLost lost) {
    return Problem.of(
            ProblemCode.QUORUM_WOULD_BE_LOST,
            "of the "
                + lost.voters()
                + (lost.after() ? " voters after the change " : " present voters ")
                + lost.heard()
                + " answered within the last election timeout, and "
                + lost.needed()
                + " are needed")
        .with("voters", lost.voters())
        .with("heard", lost.heard())
        .with("needed", lost.needed());
  }

  private static Problem tooMany(String what, int max) {
    return Problem.of(ProblemCode.TOO_MANY_MEMBERS, "a cluster has at most " + max + " " + what)
        .with("limit", max);
  }
}
