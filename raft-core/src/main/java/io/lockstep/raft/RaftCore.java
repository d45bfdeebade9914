package io.lockstep.raft;

import io.lockstep.raft.Role.Candidate;
import io.lockstep.raft.Role.Follower;
import io.lockstep.raft.Role.Leader;
import io.lockstep.raft.Role.PreCandidate;
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
  private final Standing standing;

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
    this.standing = new Standing(member, elections);
    if (member.alone()) {
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
      case Input.PeerGone gone -> peerGone(gone.peer());
      case Input.Propose propose -> propose(propose.proposals());
      case Input.Read read -> read(read.ticket());
      case Input.TransferLeadership transfer -> transfer(transfer.to());
      case Input.ChangeMembership change -> change(change);
      case Input.LogFlushed flushed -> logFlushed(flushed);
      case Input.HardStateFlushed flushed -> hardStateFlushed(flushed.hardState());
      case Input.LogRead read -> logRead(read.from(), read.entries());
      case Input.Applied applied -> {
        member.applying.applied(applied.index(), applied.nextDueMillis());
        member.readers.release();
      }
      case Input.StateHashed hashed -> stateHashed(hashed.checkpoint());
      case Input.SnapshotStored stored ->
          member.snapshots.stored(stored.meta(), stored.tight(), wantedFrom());
      case Input.SnapshotReceived received -> snapshotReceived(received);
      case Input.SnapshotSent sent -> snapshotSent(sent);
      case Input.SnapshotRestored restored -> snapshotRestored(restored);
    }
    return member.outbox.take();
  }

  /** This node's view of itself now. */
  public RaftStatus status() {
    RaftLog log = member.log;
    @Nullable Leadership office =
        standing.role() instanceof Leader leader ? leader.leadership : null;
    return new RaftStatus(
        member.self,
        standing.role().name(),
        member.term(),
        standing.knownLeader(),
        log.start().index() + 1,
        log.last(),
        log.flushed(),
        log.committed(),
        log.applied(),
        office == null ? log.lastStampMillis() : office.clusterTimeMillis(),
        standing.leaderChanges(),
        office == null ? 0 : office.firstIndexOfTerm(),
        member.roundsConfirmed,
        member.leaseReads,
        office == null ? 0 : office.proposalsInflight(),
        member.readers.confirmed().nanos(),
        member.readers.confirmed().clusterTimeMillis(),
        member.membership,
        member.repairing,
        member.state.agreement(office == null ? 0 : office.membersDiverged()));
  }

  private void advanceTo(long nowNanos) {
    long gap = nowNanos - member.nowNanos;
    Invariant.check(gap >= 0, "a monotonic clock never goes back", nowNanos, member.nowNanos);
    member.nowNanos = nowNanos;
    if (standing.role() instanceof Leader leader) {
      leader.leadership.advance(gap);
    } else if (gap > member.electionNanosMin && !member.alone()) {
      elections.restartTimer();
    }
  }

  private void tick() {
    @Nullable Following following = standing.following();
    switch (standing.role()) {
      case Leader leader -> {
        if (!leader.leadership.tick()) {
          standing.follow(member.term());
        }
      }
      case Follower _, PreCandidate _, Candidate _ -> {
        member.noteMembership();
        if (elections.timedOut() && !member.snapshots.restoring()) {
          standing.timedOut();
        } else if (following != null) {
          following.reads().tick();
        }
      }
    }
  }

  private void peerGone(NodeId peer) {
    @Nullable Following following = standing.following();
    if (following != null && following.leader().equals(peer) && elections.heedsHints()) {
      following.leaderGone();
      elections.hasten(peer);
    }
  }

  private void propose(List<Input.Proposal> proposals) {
    if (!member.state.serves()) {
      member.refuse(proposals, new Outcome.NotLeader(null));
    } else if (standing.role() instanceof Leader leader) {
      leader.leadership.propose(proposals);
    } else {
      member.refuse(proposals, new Outcome.NotLeader(standing.knownLeader()));
    }
  }

  private void read(long ticket) {
    @Nullable Following following = standing.following();
    if (!member.state.serves()) {
      member.complete(ticket, new Outcome.NotLeader(null));
    } else if (standing.role() instanceof Leader leader) {
      leader.leadership.read(ticket);
    } else if (following != null) {
      following.reads().read(ticket);
    } else {
      member.complete(ticket, new Outcome.NotLeader(null));
    }
  }

  private void transfer(@Nullable NodeId to) {
    if (standing.role() instanceof Leader leader) {
      leader.leadership.transfer(to);
    }
  }

  private void change(Input.ChangeMembership wanted) {
    if (standing.role() instanceof Leader leader) {
      leader.leadership.change(wanted);
    } else {
      member.answer(wanted.ticket(), new ChangeOutcome.NotLeader(standing.knownLeader()));
    }
  }

  private void stateHashed(Checkpoint own) {
    @Nullable Following following = standing.following();
    member.state.hashed(own);
    if (standing.role() instanceof Leader leader) {
      leader.leadership.stateHashed(own);
    } else if (following != null) {
      following.reportState();
    }
  }

  // ---- What the disk has done.

  private void logFlushed(Input.LogFlushed flushed) {
    @Nullable Following following = standing.following();
    member.log.flushed(flushed.leaderTerm(), flushed.upTo());
    if (standing.role() instanceof Leader leader) {
      leader.leadership.logFlushed();
    } else if (following != null) {
      following.logFlushed();
    }
  }

  /** A candidate's own vote counts when it is durable, like any other. */
  private void hardStateFlushed(HardState hardState) {
    member.outbox.flushed(hardState);
    if (standing.role() instanceof Candidate candidate && member.outbox.durable()) {
      standing.voted(candidate.votes.record(member.self, true));
    }
  }

  /** An answer asked for before a truncation may hold entries that are gone: it is dropped. */
  private void logRead(long from, List<Entry> entries) {
    EntryId last = entries.getLast().id();
    if (last.index() > member.log.start().index() && !member.log.holds(last)) {
      return;
    }
    member.applying.logRead(from, entries);
    if (standing.role() instanceof Leader leader) {
      leader.leadership.logRead(from, entries);
    }
  }

  // ---- Snapshots.

  /** A snapshot is heard like a message of the leader's; one of an earlier term is not heeded. */
  private void snapshotReceived(Input.SnapshotReceived received) {
    if (received.term() < member.term()) {
      return;
    }
    if (received.term() > member.term()) {
      standing.follow(received.term());
    }
    standing.hear(received.from());
    member.snapshots.received(received.meta());
  }

  private void snapshotSent(Input.SnapshotSent sent) {
    if (sent.term() == member.term() && standing.role() instanceof Leader leader) {
      leader.leadership.snapshotSent(sent.to(), sent.index(), sent.delivered());
    }
  }

  private void snapshotRestored(Input.SnapshotRestored restored) {
    @Nullable Following following = standing.following();
    member.snapshots.restored(restored.meta(), restored.nextDueMillis());
    member.noteMembership();
    elections.restartTimer();
    member.readers.release();
    if (following != null) {
      following.restored(restored.meta().last().index());
    }
  }

  private long wantedFrom() {
    return standing.role() instanceof Leader leader
        ? leader.leadership.wantedFrom()
        : Long.MAX_VALUE;
  }

  // ---- Messages.

  private void receive(NodeId from, Message message) {
    if (!hears(from, message)) {
      return;
    }
    if (message.term() > member.term() && raisesTerm(message)) {
      standing.follow(message.term());
    }
    switch (message) {
      case Message.PreVote ask -> elections.preVoteAsked(standing.role(), from, ask);
      case Message.Vote ask -> elections.voteAsked(standing.role(), from, ask);
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
          fromLeader(from, reply, following -> following.answered(reply));
      case Message.ReadIndexRefused refusal ->
          fromLeader(from, refusal, following -> following.reads().refused(refusal));
      case Message.TimeoutNow order -> fromLeader(from, order, _ -> takeOver());
      case Message.StateReport report ->
          inOffice(report, office -> office.stateReported(from, report.checkpoint()));
      case Message.StateVerdict found ->
          fromLeader(from, found, _ -> member.state.judged(found.verdict(), found.others()));
    }
  }

  private void takeOver() {
    if (!member.snapshots.restoring()) {
      standing.takeOver();
    }
  }

  /**
   * Whether this node listens. It does so to leaders and candidates that are not in its membership
   * too, for it may be the one that lacks an entry (thesis 4.1); to other strangers it does not.
   */
  private boolean hears(NodeId from, Message message) {
    if (member.peers.contains(from)) {
      return true;
    }
    return switch (message) {
      case Message.PreVote _, Message.Vote _, Message.Append _, Message.Heartbeat _ ->
          !from.equals(member.self);
      case Message.TimeoutNow _,
          Message.ReadIndexReply _,
          Message.ReadIndexRefused _,
          Message.StateVerdict _ ->
          from.equals(standing.knownLeader());
      case Message.PreVoteReply _,
          Message.VoteReply _,
          Message.Appended _,
          Message.AppendRejected _,
          Message.HeartbeatReply _,
          Message.StateReport _,
          Message.ReadIndex _ ->
          false;
    };
  }

  /** Hands a message of this term to the leader that this node is. */
  private void inOffice(Message message, Consumer<Leadership> receiver) {
    if (message.term() == member.term() && standing.role() instanceof Leader leader) {
      receiver.accept(leader.leadership);
    }
  }

  /** Hands a message of this term on if it is from the leader that this node follows. */
  private void fromLeader(NodeId from, Message message, Consumer<Following> receiver) {
    @Nullable Following following = standing.following();
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
      return ask.transfer() || !elections.hearsLeader(standing.role());
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
      standing.hear(from).append(message);
    }
  }

  private void heartbeat(NodeId from, Message.Heartbeat message) {
    if (message.term() < member.term()) {
      member.send(from, new Message.HeartbeatReply(member.term(), 0));
    } else {
      standing.hear(from).heartbeat(message);
    }
  }

  private void readIndexAsked(NodeId from, Message.ReadIndex ask) {
    if (standing.role() instanceof Leader leader && ask.term() == member.term()) {
      leader.leadership.asked(from, ask);
    } else {
      member.send(
          from, new Message.ReadIndexRefused(member.term(), ask.startNumber(), ask.readId()));
    }
  }

  private void preVoteAnswered(NodeId from, Message.PreVoteReply reply) {
    boolean mine = reply.term() == member.term() + (reply.granted() ? 1 : 0);
    if (mine && standing.role() instanceof PreCandidate candidate) {
      standing.preVoted(candidate.votes.record(from, reply.granted()));
    }
  }

  private void voteAnswered(NodeId from, Message.VoteReply reply) {
    if (reply.term() == member.term() && standing.role() instanceof Candidate candidate) {
      standing.voted(candidate.votes.record(from, reply.granted()));
    }
  }
}
