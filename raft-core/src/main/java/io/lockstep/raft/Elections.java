package io.lockstep.raft;

import io.lockstep.raft.Role.Candidate;
import io.lockstep.raft.Role.Follower;
import io.lockstep.raft.Role.Leader;
import io.lockstep.raft.Role.PreCandidate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may lead: randomized time-outs (thesis 3.4), what a vote and a pre-vote depend on (3.6.1,
 * 9.6), and the deafness to candidates of a node that has a leader (4.2.3).
 *
 * <p>While lease reads are on that deafness is a pledge, on which the leader's {@link LeaderLease}
 * rests: see {@link #pledged}.
 */
class Elections {
  private final Member member;
  private final SplitMix chance;
  private final long startNanos;
  private long heardNanos;
  private long deadlineNanos;
  private long hastenedNanos;

  Elections(Member member, long seed) {
    this.member = member;
    this.chance = new SplitMix(seed);
    this.startNanos = member.nowNanos;
    this.heardNanos = member.nowNanos;
    this.hastenedNanos = member.nowNanos - member.electionNanosMax;
    restartTimer();
  }

  /** Waits for another election timeout, chosen anew so that split votes are rare (thesis 3.4). */
  void restartTimer() {
    long spread = member.electionNanosMax - member.electionNanosMin;
    deadlineNanos = member.nowNanos + member.electionNanosMin + chance.below(spread);
  }

  /** A leader was heard: what this node answers may be what a lease rests on. */
  void heard() {
    heardNanos = member.nowNanos;
    restartTimer();
  }

  /** Nobody else could lead: a lone voter need not wait. */
  void expireTimer() {
    deadlineNanos = member.nowNanos;
  }

  /**
   * The leader's process seems to have ended: campaigns soon, one voter after the other in an order
   * that all know, so that the first has won before the second asks. At most once in an election
   * timeout, so that a link that comes and goes makes no churn.
   */
  void hasten(NodeId leader) {
    if (member.since(hastenedNanos) < member.electionNanosMax) {
      return;
    }
    hastenedNanos = member.nowNanos;
    long turn = member.nowNanos + turnsAfter(leader) * member.heartbeatNanos / 2;
    if (turn - deadlineNanos < 0) {
      deadlineNanos = turn;
    }
  }

  /** How many voters come between {@code leader} and this one in the circle of their ids. */
  private int turnsAfter(NodeId leader) {
    List<NodeId> voters = member.membership.voters();
    int distance = voters.indexOf(member.self) - voters.indexOf(leader);
    return (distance + voters.size()) % voters.size() - 1;
  }

  boolean timedOut() {
    return member.nowNanos - deadlineNanos >= 0 && !pledged();
  }

  /** A lease may outlive the process that seems to have ended, if it has not. */
  boolean heedsHints() {
    return member.leaseNanos() == 0;
  }

  /**
   * Whether a leader may be serving reads by a lease that this node's answer gave it, whatever has
   * become of this node's term and role since. Then it elects nobody, itself included, unless that
   * leader asks for it. A start may come right after such an answer.
   */
  boolean pledged() {
    long lease = member.leaseNanos();
    return lease > 0
        && (member.since(heardNanos) < Math.max(lease, member.electionNanosMin)
            || startedWithin(Math.max(lease, member.electionNanosMax)));
  }

  boolean startedWithin(long nanos) {
    return member.since(startNanos) < nanos;
  }

  /** Would this node vote? The answer changes nothing here (thesis 9.6). */
  void preVoteAsked(Role role, NodeId candidate, Message.PreVote ask) {
    boolean granted = grantsPreVote(role, candidate, ask);
    long term = granted ? ask.term() : member.term();
    member.send(candidate, new Message.PreVoteReply(term, granted));
  }

  /** Votes, or not; never in a term that is not this node's. */
  void voteAsked(Role role, NodeId candidate, Message.Vote ask) {
    boolean granted = ask.term() == member.term() && grantsVote(role, candidate, ask);
    if (granted) {
      vote(candidate);
    }
    member.send(candidate, new Message.VoteReply(member.term(), granted));
  }

  boolean grantsPreVote(Role role, NodeId candidate, Message.PreVote ask) {
    boolean winnable =
        ask.term() > member.term() || ask.term() == member.term() && mayVoteFor(candidate);
    return winnable && takesPart() && !hearsLeader(role) && upToDate(ask.lastLog());
  }

  boolean grantsVote(Role role, NodeId candidate, Message.Vote ask) {
    return takesPart()
        && mayVoteFor(candidate)
        && (ask.transfer() || !hearsLeader(role))
        && upToDate(ask.lastLog());
  }

  /**
   * Whether this node votes and campaigns. Not under repair: each commit is safe because any two
   * majorities share a voter that has its entries, and this one might be it and have them no more
   * (thesis 3.6.3).
   */
  boolean takesPart() {
    return !member.repairing;
  }

  private void vote(NodeId candidate) {
    HardState vote = new HardState(member.term(), candidate);
    if (!vote.equals(member.outbox.promised())) {
      member.outbox.promise(vote);
    }
    restartTimer();
  }

  /** No voter helps a candidate whose log lacks what its own has (thesis 3.6.1). */
  boolean upToDate(EntryId candidatesLast) {
    return candidatesLast.atLeastAsUpToDateAs(member.log.last());
  }

  /** One vote a term, first come, first served (thesis 3.4). */
  boolean mayVoteFor(NodeId candidate) {
    @Nullable NodeId votedFor = member.outbox.promised().votedFor();
    return votedFor == null || votedFor.equals(candidate);
  }

  /**
   * Whether this node hears a leader, or is one that a majority hears: then it refuses candidates
   * without changing its term, so that they cannot disturb a working leader (thesis 4.2.3). A
   * leader whose process seems to have ended is not heard, unless it speaks again: so a majority
   * that sees the same need not wait, and a leader that a majority hears loses no pre-vote.
   */
  boolean hearsLeader(Role role) {
    return pledged() || hearsNow(role);
  }

  private boolean hearsNow(Role role) {
    return switch (role) {
      case Follower follower -> {
        Following following = follower.following;
        yield following != null
            && !following.seemsGone()
            && member.since(following.heardNanos()) < member.electionNanosMin;
      }
      case Leader leader -> leader.leadership.quorumSilenceNanos() < member.electionNanosMin;
      case PreCandidate _, Candidate _ -> false;
    };
  }
}
