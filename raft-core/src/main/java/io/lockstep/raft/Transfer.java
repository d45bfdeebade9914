package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/**
 * Handing leadership to a chosen member (thesis 3.10): no new proposals, the target is brought up
 * to date, then told to campaign at once; given up when it has not won within an election timeout.
 */
final class Transfer {
  private final Member member;
  private final Replication replication;
  private final LeaderLease lease;
  private @Nullable Peer target;
  private long startNanos;

  Transfer(Member member, Replication replication, LeaderLease lease) {
    this.member = member;
    this.replication = replication;
    this.lease = lease;
  }

  boolean pending() {
    return target != null;
  }

  /**
   * Begins, or turns to another target; to the leader itself or one that has no vote is no wish at
   * all.
   */
  void begin(@Nullable NodeId to) {
    Peer peer = to == null ? mostUpToDate() : replication.peer(to);
    if (peer == null || peer == target || !votes(peer)) {
      return;
    }
    target = peer;
    startNanos = member.nowNanos;
    handOver();
  }

  /**
   * Begins with a member that holds the whole log durably, if there is one and none is under way.
   */
  void beginWithOneAhead() {
    Peer best = mostUpToDate();
    if (!pending() && best != null && best.progress.match() == member.log.lastIndex()) {
      begin(best.id);
    }
  }

  /** A member holds more, or may not have got the word: tells the target once it has everything. */
  void handOver() {
    Peer peer = target;
    if (peer != null && peer.progress.match() == member.log.lastIndex()) {
      lease.end();
      member.send(peer.id, new Message.TimeoutNow(member.term()));
    }
  }

  void tick() {
    if (target != null && member.since(startNanos) >= member.electionNanosMax) {
      target = null;
    }
  }

  private @Nullable Peer mostUpToDate() {
    @Nullable Peer best = null;
    for (Peer peer : replication.peers()) {
      if (votes(peer) && (best == null || better(peer, best))) {
        best = peer;
      }
    }
    return best;
  }

  /** Whether it has a vote, keeps it at the end of a change under way, and may lead. */
  private boolean votes(Peer peer) {
    return member.membership.voters().contains(peer.id) && !peer.diverged;
  }

  private static boolean better(Peer peer, Peer best) {
    long more = peer.progress.match() - best.progress.match();
    return more > 0 || more == 0 && peer.heardNanos - best.heardNanos > 0;
  }
}
