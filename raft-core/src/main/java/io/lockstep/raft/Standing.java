package io.lockstep.raft;

import io.lockstep.raft.Role.Candidate;
import io.lockstep.raft.Role.Follower;
import io.lockstep.raft.Role.Leader;
import io.lockstep.raft.Role.PreCandidate;
import io.lockstep.raft.quorum.VoteResult;
import org.jspecify.annotations.Nullable;

/** What a member is at the moment, and how it becomes something else (thesis figure 3.3, 9.6). */
final class Standing {
  private final Member member;
  private final Elections elections;
  private Role role = new Follower(null);
  private long leaderChanges;

  Standing(Member member, Elections elections) {
    this.member = member;
    this.elections = elections;
  }

  Role role() {
    return role;
  }

  /** How often the known leader changed. */
  long leaderChanges() {
    return leaderChanges;
  }

  /** Hears the leader of this term: whoever else asked for votes in it has lost (thesis 3.4). */
  Following hear(NodeId from) {
    Invariant.check(!(role instanceof Leader), "a term has one leader (3.4, Election Safety)");
    @Nullable Following following = following();
    if (following == null) {
      following = followLeader(from);
    }
    Invariant.check(
        following.leader().equals(from), "a term has one leader (3.4, Election Safety)");
    following.heard();
    elections.heard();
    return following;
  }

  /** Steps back; who leads {@code term} is not known yet. */
  void follow(long term) {
    if (term > member.term()) {
      member.outbox.promise(new HardState(term, null));
    }
    leave();
    if (role instanceof Leader) {
      elections.restartTimer();
    }
    role = new Follower(null);
  }

  private Following followLeader(NodeId leader) {
    Following following = member.rules.following(member, leader);
    role = new Follower(following);
    leaderChanges++;
    return following;
  }

  /**
   * The leader is silent: asks for votes, unless this is a learner or under repair, who wait for a
   * leader to come.
   */
  void timedOut() {
    if (member.mayLead() && elections.takesPart()) {
      preCampaign();
    } else {
      follow(member.term());
      elections.restartTimer();
    }
  }

  /** Asks first whether a majority would vote: so a node cut off raises no term (thesis 9.6). */
  private void preCampaign() {
    leave();
    elections.restartTimer();
    PreCandidate candidate = new PreCandidate(member.rules.preVotes(member.membership));
    role = candidate;
    broadcast(new Message.PreVote(member.term() + 1, member.log.last()));
    preVoted(candidate.votes.record(member.self, true));
  }

  void preVoted(VoteResult result) {
    switch (result) {
      case WON -> campaign(false);
      case LOST -> follow(member.term());
      case PENDING -> {}
    }
  }

  /** A leader hands over: no need to ask first, nor to wait (thesis 3.10). */
  void takeOver() {
    if (member.mayLead() && elections.takesPart()) {
      campaign(true);
    }
  }

  /** Raises the term and asks for votes; the requests leave once the own vote is durable (3.4). */
  private void campaign(boolean transfer) {
    leave();
    elections.restartTimer();
    member.outbox.promise(new HardState(member.term() + 1, member.self));
    role = new Candidate(member.rules.votes(member.membership));
    broadcast(new Message.Vote(member.term(), member.log.last(), transfer));
  }

  void voted(VoteResult result) {
    switch (result) {
      case WON -> lead();
      case LOST -> follow(member.term());
      case PENDING -> {}
    }
  }

  private void lead() {
    Leadership office = new Leadership(member);
    role = new Leader(office);
    leaderChanges++;
    office.begin();
  }

  /** Tells those who wait for what only the role of so far could give them. */
  private void leave() {
    @Nullable Following following = following();
    if (role instanceof Leader before) {
      before.leadership.close();
    } else if (following != null) {
      following.reads().close();
    }
  }

  private void broadcast(Message message) {
    for (NodeId peer : member.peers) {
      if (member.membership.isVoter(peer)) {
        member.send(peer, message);
      }
    }
  }

  /** The leader of this term as its follower sees it; null for one that knows none. */
  @Nullable Following following() {
    return role instanceof Follower follower ? follower.following : null;
  }

  @Nullable NodeId knownLeader() {
    @Nullable Following following = following();
    if (following != null) {
      return following.leader();
    }
    return role instanceof Leader ? member.self : null;
  }
}
