package io.lockstep.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One term of office: what a leader does with what happens to it (thesis figure 3.1, Leaders). */
final class Leadership {
  private final Member member;
  private final long firstIndexOfTerm;
  private final ClusterClock clock;
  private final Proposals proposals;
  private final Replication replication;
  private final ReadRounds rounds;
  private final Transfer transfer;
  private final Reconfiguration reconfiguration;
  private final Comparison comparison;
  private long heartbeatDueNanos;
  private long flushNanos;
  private long wokeNanos;
  private boolean woken;
  private boolean slept;
  private boolean leaving;

  Leadership(Member member) {
    this.member = member;
    this.firstIndexOfTerm = member.log.lastIndex() + 1;
    this.clock = member.rules.clock(member);
    this.proposals = new Proposals(member, clock);
    this.replication = member.rules.replication(member);
    LeaderLease lease = member.rules.lease(member, replication, firstIndexOfTerm);
    this.rounds = member.rules.readRounds(member, clock, replication, lease, firstIndexOfTerm);
    this.transfer = new Transfer(member, replication, lease);
    this.reconfiguration =
        member.rules.reconfiguration(member, proposals, replication, firstIndexOfTerm);
    this.comparison = member.rules.comparison(member, replication);
    this.heartbeatDueNanos = member.nowNanos;
    this.flushNanos = member.nowNanos;
  }

  /**
   * Takes office with an entry of the new term: until it is committed, nothing is known to be
   * (thesis 6.4, 3.6.2).
   */
  void begin() {
    clock.start(member.log.lastStampMillis(), member.nowNanos);
    proposals.appendEmpty();
    replication.broadcast();
  }

  long firstIndexOfTerm() {
    return firstIndexOfTerm;
  }

  int proposalsInflight() {
    return proposals.open();
  }

  long clusterTimeMillis() {
    return clock.millis();
  }

  long quorumSilenceNanos() {
    return replication.quorumSilenceNanos();
  }

  /** Time has passed since the last turn. */
  void advance(long gapNanos) {
    clock.advanceTo(member.nowNanos);
    if (gapNanos > member.electionNanosMax && !woken) {
      woken = true;
      wokeNanos = member.nowNanos;
      flushNanos = member.nowNanos;
    }
  }

  void propose(List<Input.Proposal> wanted) {
    if (transfer.pending()) {
      member.refuse(wanted, new Outcome.NotLeader(null));
      return;
    }
    boolean idle = member.log.flushed() == member.log.lastIndex();
    proposals.propose(wanted);
    appended(idle);
  }

  void read(long ticket) {
    rounds.read(ticket);
  }

  void transfer(@Nullable NodeId to) {
    transfer.begin(to);
  }

  void change(Input.ChangeMembership wanted) {
    if (transfer.pending()) {
      member.answer(wanted.ticket(), new ChangeOutcome.NotLeader(null));
      return;
    }
    boolean idle = member.log.flushed() == member.log.lastIndex();
    if (reconfiguration.change(wanted.ticket(), wanted.change(), wanted.known())) {
      appended(idle);
    }
  }

  void logFlushed() {
    flushNanos = member.nowNanos;
    advanceCommit();
  }

  void logRead(long from, List<Entry> entries) {
    replication.logRead(from, entries);
  }

  void snapshotSent(NodeId to, long index, boolean delivered) {
    Peer peer = replication.peer(to);
    if (peer != null) {
      replication.snapshotSent(peer, index, delivered);
    }
  }

  /** See {@link Replication#wantedFrom}. */
  long wantedFrom() {
    return replication.wantedFrom();
  }

  void appended(NodeId from, Message.Appended message) {
    Peer peer = heard(from, message.round());
    replication.appended(peer, message);
    peer.catchUp.answered(peer.progress.match(), member.log.lastIndex(), member.nowNanos);
    advanceCommit();
    tellCommitIfQuiet();
    rounds.echoed();
    transfer.handOver();
  }

  void rejected(NodeId from, Message.AppendRejected message) {
    replication.rejected(heard(from, message.round()), message);
    rounds.echoed();
  }

  void heartbeatAnswered(NodeId from, Message.HeartbeatReply message) {
    Peer peer = heard(from, message.round());
    replication.resendIfStalled(peer);
    peer.catchUp.answered(peer.progress.match(), member.log.lastIndex(), member.nowNanos);
    rounds.echoed();
  }

  void stateHashed(Checkpoint own) {
    comparison.hashed(own);
  }

  void stateReported(NodeId from, Checkpoint theirs) {
    Peer peer = replication.peer(from);
    if (peer != null) {
      comparison.reported(peer, theirs);
    }
  }

  /** How many other members are known to have a state that is wrong. */
  int membersDiverged() {
    return (int) replication.peers().stream().filter(peer -> peer.diverged).count();
  }

  void asked(NodeId from, Message.ReadIndex message) {
    rounds.asked(from, message);
  }

  /** Whether it still leads: see {@link #mustResign}. */
  boolean tick() {
    if (mustResign()) {
      return false;
    }
    transfer.tick();
    comparison.tick();
    noteMembership();
    makeWay();
    if (member.since(heartbeatDueNanos) >= 0) {
      heartbeatDueNanos = member.nowNanos + member.heartbeatNanos;
      rounds.heartbeat();
      transfer.handOver();
    } else {
      replication.tellCommit();
    }
    long due = member.applying.nextDueMillis();
    long idleMillis = member.options.idleStampMillis();
    if (!transfer.pending()) {
      boolean idle = member.log.flushed() == member.log.lastIndex();
      if (clock.stampDue(member.log, due, idleMillis)) {
        proposals.appendEmpty();
        appended(idle);
      }
      if (reconfiguration.promote()) {
        appended(idle);
      }
    }
    return true;
  }

  /** The office is lost. */
  void close() {
    proposals.close();
    reconfiguration.close();
    rounds.close();
  }

  /**
   * A leader whom no majority hears, or whose disk stands still, makes way (thesis 6.2). One that
   * wakes from a pause first gets a minimum election timeout to find out whether it was replaced;
   * only once until a majority has answered again. A lone voter has nobody to make way for. One
   * that was removed hands over, and goes when nobody took over (4.2.2).
   */
  private boolean mustResign() {
    long silence = replication.quorumSilenceNanos();
    if (woken && silence <= member.since(wokeNanos)) {
      woken = false;
      slept = true;
    }
    boolean grace = woken && member.since(wokeNanos) < member.electionNanosMin;
    boolean stalled =
        !member.alone()
            && member.log.flushed() < member.log.lastIndex()
            && member.since(flushNanos) > member.electionNanosMax;
    boolean left = leaving && !transfer.pending();
    return left || stalled || silence > member.electionNanosMax && !grace;
  }

  /**
   * Hands over, as far as another can do better: after a pause longer than any election timeout in
   * which nobody took over, and when the own disk has stood still for half a timeout while another
   * member made all durable that this one could not. Also, and for as long as it takes, when the
   * own state is wrong: it takes no proposals any more, and the log that it leads with is right.
   */
  private void makeWay() {
    boolean stalled =
        member.log.flushed() < member.log.lastIndex()
            && member.since(flushNanos) > member.electionNanosMin / 2;
    if (member.state.diverged() && !transfer.pending()) {
      transfer.begin(null);
    } else if (slept) {
      slept = false;
      transfer.begin(null);
    } else if (stalled) {
      transfer.beginWithOneAhead();
    }
  }

  private void appended(boolean wasFlushed) {
    if (wasFlushed) {
      flushNanos = member.nowNanos;
    }
    replication.broadcast();
  }

  private void advanceCommit() {
    if (!replication.advanceCommit()) {
      return;
    }
    proposals.committed();
    reconfigure();
    member.applying.advance();
    rounds.startIfDue();
    tellCommitIfQuiet();
  }

  /**
   * More is committed: the membership may move on, and who left is told so at the last. A new
   * leader may have known before its office that a joint one is committed: it ends that one too.
   */
  private void reconfigure() {
    if (!member.membershipMoved() && !member.membership.joint()) {
      return;
    }
    boolean idle = member.log.flushed() == member.log.lastIndex();
    if (reconfiguration.committed()) {
      appended(idle);
    }
    replication.tellCommit();
    noteMembership();
    if (reconfiguration.removed() && !leaving) {
      leaving = true;
      transfer.begin(null);
    }
  }

  private void noteMembership() {
    if (member.noteMembership()) {
      replication.reconfigure();
      comparison.reconfigure();
    }
  }

  /**
   * With more to come, the next message brings the commit index; otherwise it would have to wait.
   */
  private void tellCommitIfQuiet() {
    if (member.log.committed() == member.log.lastIndex()) {
      replication.tellCommit();
    }
  }

  private Peer heard(NodeId from, long round) {
    Peer peer = replication.peer(from);
    if (peer == null) {
      throw new Invariant.Broken("only members are heard");
    }
    peer.heardNanos = member.nowNanos;
    peer.answered = true;
    peer.round = Math.max(peer.round, round);
    return peer;
  }
}
