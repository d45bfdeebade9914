package io.lockstep.raft;

import java.util.List;

/**
 * A follower's dealings with the leader of its term: the receiver's side of log replication (thesis
 * figure 3.1 AppendEntries, 3.5).
 *
 * <p>What it claims to hold is durable: an answer waits for the flush that it depends on.
 *
 * <h2>Under repair</h2>
 *
 * An earlier life may have claimed what is lost now, and the leader goes by that. So it is told
 * what is lacking, and its word on what is committed counts no further than this life has compared
 * the logs. The repair is over when this log matches the leader's, durably, up to where that ended
 * at a moment of this life: earlier lives cannot have claimed more of it, and what they claimed
 * towards earlier leaders, as far as it is committed, a leader has. That it answered a question of
 * this life also says that it has committed an entry of its own term.
 */
class Following {
  private final Member member;
  private final NodeId leader;
  private final ReadRequests reads;
  private long heardNanos;
  private boolean leaderGone;
  private long matched;
  private long claimed;
  private long round;
  private long reportedNanos;

  /** Up to where the log must match before a repair is over; 0 while that is not known. */
  private long regainTo;

  Following(Member member, NodeId leader) {
    this.member = member;
    this.leader = leader;
    this.reads = new ReadRequests(member, leader);
    this.heardNanos = member.nowNanos;
    this.reportedNanos = member.nowNanos;
  }

  NodeId leader() {
    return leader;
  }

  ReadRequests reads() {
    return reads;
  }

  /** When the leader was heard last. */
  long heardNanos() {
    return heardNanos;
  }

  void heard() {
    heardNanos = member.nowNanos;
    leaderGone = false;
  }

  /** The leader's process seems to have ended, and nothing was heard from it since. */
  boolean seemsGone() {
    return leaderGone;
  }

  void leaderGone() {
    leaderGone = true;
  }

  void append(Message.Append message) {
    round = Math.max(round, message.round());
    if (member.snapshots.restoring()) {
      return;
    }
    EntryId previous = message.previous();
    EntryId start = member.log.start();
    if (previous.index() < start.index()) {
      append(afterStart(message, start));
      return;
    }
    if (!holdsPrevious(previous)) {
      EntryId hint = member.log.lastAtOrBefore(previous.index(), previous.term());
      member.send(leader, new Message.AppendRejected(member.term(), previous, hint, round));
      return;
    }
    List<Entry> entries = message.entries();
    long end = previous.index() + entries.size();
    store(entries);
    matched = Math.max(matched, end);
    member.commitTo(Math.min(message.commit(), matched));
    if (end <= claimable()) {
      claim();
    }
  }

  /**
   * The message without what this node has compacted: that is committed, so the leader has it too
   * (thesis 3.6.3).
   */
  private static Message.Append afterStart(Message.Append message, EntryId start) {
    List<Entry> entries = message.entries();
    long known = Math.min(start.index() - message.previous().index(), entries.size());
    return new Message.Append(
        message.term(),
        start,
        List.copyOf(entries.subList((int) known, entries.size())),
        message.commit(),
        message.round());
  }

  void heartbeat(Message.Heartbeat message) {
    round = Math.max(round, message.round());
    long commit = message.commit();
    if (member.repairing && commit > Math.max(matched, member.log.committed())) {
      takeBack(commit);
    } else {
      Invariant.check(
          commit <= member.log.lastIndex(),
          "a leader tells a follower of no commit beyond what it holds",
          commit,
          member.log.lastIndex());
      if (!member.snapshots.restoring()) {
        member.commitTo(commit);
      }
    }
    member.send(leader, new Message.HeartbeatReply(member.term(), round));
    if (member.since(reportedNanos) >= member.heartbeatNanos) {
      reportState();
    }
  }

  /** Tells the leader what state this is: again after a while, until that is judged. */
  void reportState() {
    Checkpoint own = member.state.unanswered();
    if (own != null) {
      reportedNanos = member.nowNanos;
      member.send(leader, new Message.StateReport(member.term(), own));
    }
  }

  /** The leader believes that this log matches up to {@code index}; that is not known any more. */
  private void takeBack(long index) {
    if (!member.snapshots.restoring()) {
      EntryId held = member.log.lastAtOrBefore(index, member.term());
      EntryId claimedOnce = new EntryId(member.term(), index);
      member.send(leader, new Message.AppendRejected(member.term(), claimedOnce, held, round));
    }
  }

  /** The leader has answered a question. */
  void answered(Message.ReadIndexReply reply) {
    if (reply.startNumber() == member.startNumber && regainTo == 0) {
      regainTo = reply.last();
    }
    endRepairIfDue();
    reads.answered(reply);
  }

  private void endRepairIfDue() {
    if (member.repairing && regainTo > 0 && claimable() >= regainTo) {
      member.endRepair();
    }
  }

  /** This node's state is that of a snapshot: what that stands for matches, durably. */
  void restored(long index) {
    matched = Math.max(matched, index);
    claim();
  }

  void logFlushed() {
    if (claimable() > claimed) {
      claim();
    }
  }

  /** The consistency check that keeps the Log Matching property (thesis 3.5). */
  boolean holdsPrevious(EntryId previous) {
    return member.log.holds(previous);
  }

  /** How far this log matches the leader's, durably. */
  long claimable() {
    return Math.min(matched, member.log.flushed());
  }

  private void claim() {
    claimed = claimable();
    member.send(leader, new Message.Appended(member.term(), claimed, round));
    endRepairIfDue();
  }

  /** Appends what is new; only an entry that conflicts makes what follows it go (thesis 3.5). */
  private void store(List<Entry> entries) {
    RaftLog log = member.log;
    int known = 0;
    while (known < entries.size() && log.holds(entries.get(known).id())) {
      known++;
    }
    if (known == entries.size()) {
      return;
    }
    List<Entry> fresh = known == 0 ? entries : List.copyOf(entries.subList(known, entries.size()));
    long from = fresh.getFirst().index();
    if (from <= log.lastIndex()) {
      Invariant.check(
          from > matched, "what matched the leader's log still does (3.5)", from, matched);
      member.truncateFrom(from);
    }
    member.append(fresh);
    Invariant.check(
        log.last().term() <= member.term(), "no entry is of a term that is yet to come");
    member.noteMembership();
  }
}
