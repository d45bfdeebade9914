package io.lockstep.raft;

import io.lockstep.raft.Role.Candidate;
import io.lockstep.raft.Role.Follower;
import io.lockstep.raft.Role.Leader;
import io.lockstep.raft.Role.PreCandidate;
import io.lockstep.raft.quorum.VoteResult;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member's protocol state: a function from inputs to effects. Not thread-safe; the same start
 * and the same inputs give the same effects.
 *
 * <p>This class holds the rules on terms (thesis 3.3, figure 3.1 Rules for Servers) and hands the
 * rest to the role of the moment.
 */
public class RaftCore {
  private final Member member;
  private final Elections elections;
  private Role role = new Follower(null);
  private long leaderChanges;

  /**
   * Starts as a follower; a lone voter campaigns at its first {@link Input.Tick}.
   *
   * @param hardState durable, its term is at least that of the last entry
   * @param startNumber counts the starts of this node; no two lives share one
   * @param seed of the randomized timeouts
   * @param nowNanos the node's monotonic clock
   */
  public RaftCore(
      NodeId self,
      Membership membership,
      RaftOptions options,
      HardState hardState,
      RecoveredLog log,
      long startNumber,
      long seed,
      long nowNanos) {
    this(self, membership, options, hardState, log, startNumber, seed, nowNanos, new Rules());
  }

  /** As the public one, with the rules given. */
  RaftCore(
      NodeId self,
      Membership membership,
      RaftOptions options,
      HardState hardState,
      RecoveredLog log,
      long startNumber,
      long seed,
      long nowNanos,
      Rules rules) {
    this.member =
        new Member(self, membership, options, hardState, log, startNumber, nowNanos, rules);
    this.elections = rules.elections(member, seed);
    if (member.peers.isEmpty()) {
      elections.expireTimer();
    }
  }

  /**
   * Takes one input in.
   *
   * @param nowNanos the node's monotonic clock; never goes back. After a gap longer than the
   *     minimum election timeout a follower waits anew: what it has not heard may be on its way
   * @return what to do, in order; the caller may keep and change it
   */
  public List<Effect> step(long nowNanos, Input input) {
    advanceTo(nowNanos);
    switch (input) {
      case Input.Tick _ -> tick();
      case Input.Received received -> receive(received.from(), received.message());
      case Input.Propose propose -> propose(propose.proposals());
      case Input.Read read -> read(read.ticket());
      case Input.TransferLeadership transfer -> transfer(transfer.to());
      case Input.LogFlushed flushed -> logFlushed(flushed);
      case Input.HardStateFlushed flushed -> hardStateFlushed(flushed.hardState());
      case Input.LogRead read -> logRead(read.from(), read.entries());
      case Input.Applied applied -> {
        member.applying.applied(applied.index(), applied.nextDueMillis());
        member.readers.release();
      }
    }
    return member.outbox.take();
  }

  /** This node's view of itself now. */
  public RaftStatus status() {
    RaftLog log = member.log;
    @Nullable Leadership office = role instanceof Leader leader ? leader.leadership : null;
    return new RaftStatus(
        member.self,
        role.name(),
        member.term(),
        knownLeader(),
        log.last(),
        log.flushed(),
        log.committed(),
        log.applied(),
        office == null ? log.lastStampMillis() : office.clusterTimeMillis(),
        leaderChanges,
        office == null ? 0 : office.firstIndexOfTerm(),
        member.roundsConfirmed,
        office == null ? 0 : office.proposalsInflight(),
        member.readers.confirmedAtNanos());
  }

  private void advanceTo(long nowNanos) {
    long gap = nowNanos - member.nowNanos;
    Invariant.check(gap >= 0, "a monotonic clock never goes back", nowNanos, member.nowNanos);
    member.nowNanos = nowNanos;
    if (role instanceof Leader leader) {
      leader.leadership.advance(gap);
    } else if (gap > member.electionNanosMin && !member.peers.isEmpty()) {
      elections.restartTimer();
    }
  }

  private void tick() {
    @Nullable Following following = following();
    switch (role) {
      case Leader leader -> {
        if (!leader.leadership.tick()) {
          follow(member.term());
        }
      }
      case Follower _, PreCandidate _, Candidate _ -> {
        if (elections.timedOut()) {
          preCampaign();
        } else if (following != null) {
          following.reads().tick();
        }
      }
    }
  }

  private void propose(List<Input.Proposal> proposals) {
    if (role instanceof Leader leader) {
      leader.leadership.propose(proposals);
    } else {
      member.refuse(proposals, new Outcome.NotLeader(knownLeader()));
    }
  }

  private void read(long ticket) {
    @Nullable Following following = following();
    if (role instanceof Leader leader) {
      leader.leadership.read(ticket);
    } else if (following != null) {
      following.reads().read(ticket);
    } else {
      member.complete(ticket, new Outcome.NotLeader(null));
    }
  }

  private void transfer(@Nullable NodeId to) {
    if (role instanceof Leader leader) {
      leader.leadership.transfer(to);
    }
  }

  // ---- What the disk has done.

  private void logFlushed(Input.LogFlushed flushed) {
    @Nullable Following following = following();
    member.log.flushed(flushed.leaderTerm(), flushed.upTo());
    if (role instanceof Leader leader) {
      leader.leadership.logFlushed();
    } else if (following != null) {
      following.logFlushed();
    }
  }

  /** A candidate's own vote counts when it is durable, like any other. */
  private void hardStateFlushed(HardState hardState) {
    member.outbox.flushed(hardState);
    if (role instanceof Candidate candidate && member.outbox.durable()) {
      voted(candidate.votes.record(member.self, true));
    }
  }

  /** An answer asked for before a truncation may hold entries that are gone: it is dropped. */
  private void logRead(long from, List<Entry> entries) {
    if (!member.log.holds(entries.getLast().id())) {
      return;
    }
    member.applying.logRead(from, entries);
    if (role instanceof Leader leader) {
      leader.leadership.logRead(from, entries);
    }
  }

  // ---- Messages.

  private void receive(NodeId from, Message message) {
    if (!member.peers.contains(from)) {
      return;
    }
    if (message.term() > member.term() && raisesTerm(message)) {
      follow(message.term());
    }
    switch (message) {
      case Message.PreVote ask -> elections.preVoteAsked(role, from, ask);
      case Message.Vote ask -> elections.voteAsked(role, from, ask);
      case Message.Append append -> append(from, append);
      case Message.Heartbeat heartbeat -> heartbeat(from, heartbeat);
      case Message.ReadIndex ask -> readIndexAsked(from, ask);
      case Message.PreVoteReply reply -> preVoteAnswered(from, reply);
      case Message.VoteReply reply -> voteAnswered(from, reply);
      case Message.Appended reply -> inOffice(reply, office -> office.appended(from, reply));
      case Message.AppendRejected reply -> inOffice(reply, office -> office.rejected(from, reply));
      case Message.HeartbeatReply reply ->
          inOffice(reply, office -> office.heartbeatAnswered(from, reply));
      case Message.ReadIndexReply reply ->
          fromLeader(from, reply, following -> following.reads().answered(reply));
      case Message.ReadIndexRefused refusal ->
          fromLeader(from, refusal, following -> following.reads().refused(refusal));
      case Message.TimeoutNow order -> fromLeader(from, order, _ -> campaign(true));
    }
  }

  /** Hands a message of this term to the leader that this node is. */
  private void inOffice(Message message, Consumer<Leadership> receiver) {
    if (message.term() == member.term() && role instanceof Leader leader) {
      receiver.accept(leader.leadership);
    }
  }

  /** Hands a message of this term on if it is from the leader that this node follows. */
  private void fromLeader(NodeId from, Message message, Consumer<Following> receiver) {
    @Nullable Following following = following();
    if (message.term() == member.term() && following != null && following.leader().equals(from)) {
      receiver.accept(following);
    }
  }

  /**
   * Whether a message of a later term makes that term this node's too, as nearly all do (thesis
   * 3.3). Not a pre-vote and a yes to one, whose term is only asked about (9.6), and not a
   * candidate who would disturb a leader that is heard (4.2.3).
   */
  private boolean raisesTerm(Message message) {
    if (message instanceof Message.Vote ask) {
      return ask.transfer() || !elections.hearsLeader(role);
    }
    return !(message instanceof Message.PreVote)
        && !(message instanceof Message.PreVoteReply(long _, boolean granted) && granted);
  }

  /** Answers to an earlier term carry no round: that would be taken for one of this term. */
  private void append(NodeId from, Message.Append message) {
    if (message.term() < member.term()) {
      Message answer =
          new Message.AppendRejected(member.term(), message.previous(), EntryId.NONE, 0);
      member.send(from, answer);
    } else {
      hear(from).append(message);
    }
  }

  private void heartbeat(NodeId from, Message.Heartbeat message) {
    if (message.term() < member.term()) {
      member.send(from, new Message.HeartbeatReply(member.term(), 0));
    } else {
      hear(from).heartbeat(message);
    }
  }

  private void readIndexAsked(NodeId from, Message.ReadIndex ask) {
    if (role instanceof Leader leader && ask.term() == member.term()) {
      leader.leadership.asked(from, ask);
    } else {
      member.send(
          from, new Message.ReadIndexRefused(member.term(), ask.startNumber(), ask.readId()));
    }
  }

  private void preVoteAnswered(NodeId from, Message.PreVoteReply reply) {
    boolean mine = reply.term() == member.term() + (reply.granted() ? 1 : 0);
    if (mine && role instanceof PreCandidate candidate) {
      preVoted(candidate.votes.record(from, reply.granted()));
    }
  }

  private void voteAnswered(NodeId from, Message.VoteReply reply) {
    if (reply.term() == member.term() && role instanceof Candidate candidate) {
      voted(candidate.votes.record(from, reply.granted()));
    }
  }

  // ---- Changes of role.

  /** Hears the leader of this term: whoever else asked for votes in it has lost (thesis 3.4). */
  private Following hear(NodeId from) {
    Invariant.check(!(role instanceof Leader), "a term has one leader (3.4, Election Safety)");
    @Nullable Following following = following();
    if (following == null) {
      following = followLeader(from);
    }
    Invariant.check(
        following.leader().equals(from), "a term has one leader (3.4, Election Safety)");
    following.heard();
    elections.restartTimer();
    return following;
  }

  /** Steps back; who leads {@code term} is not known yet. */
  private void follow(long term) {
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

  /** Asks first whether a majority would vote: so a node cut off raises no term (thesis 9.6). */
  private void preCampaign() {
    leave();
    elections.restartTimer();
    PreCandidate candidate = new PreCandidate(member.rules.votes(member.membership));
    role = candidate;
    broadcast(new Message.PreVote(member.term() + 1, member.log.last()));
    preVoted(candidate.votes.record(member.self, true));
  }

  private void preVoted(VoteResult result) {
    switch (result) {
      case WON -> campaign(false);
      case LOST -> follow(member.term());
      case PENDING -> {}
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

  private void voted(VoteResult result) {
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
      member.send(peer, message);
    }
  }

  /** The leader of this term as its follower sees it; null for one that knows none. */
  private @Nullable Following following() {
    return role instanceof Follower follower ? follower.following : null;
  }

  private @Nullable NodeId knownLeader() {
    @Nullable Following following = following();
    if (following != null) {
      return following.leader();
    }
    return role instanceof Leader ? member.self : null;
  }
}
