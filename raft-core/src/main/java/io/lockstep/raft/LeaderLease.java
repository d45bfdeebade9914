package io.lockstep.raft;

/**
 * A leader's right to answer reads without asking anybody (thesis 6.4.1), while lease reads are on:
 * who answers a message of its pledges to elect nobody else for the length of the lease, counted
 * from when the message came ({@link Elections#pledged}). The leader counts from when it began to
 * send that round of messages, which is earlier, and a little less, for clocks run at different
 * rates. So until its lease has run out there is no majority that could elect another.
 *
 * <p>A voter counts once its log reaches this term and the leader's latest membership: from then on
 * it knows the lease's length, and knows it after a restart, too. A membership that comes later, be
 * it one that ends the lease, lets the leader begin anew.
 *
 * <p>A leader that hands over has no lease any more, to the end of its office: the order to
 * campaign, which breaks every pledge, may arrive as late as any message.
 */
class LeaderLease {
  /**
   * By how much the rate of one voter's clock may differ from another's. The monotonic clock of a
   * machine whose time is disciplined strays by less than a thousandth; this is for those that are
   * not.
   */
  static final long DRIFT_PERMILLE = 100;

  private static final long MILLI = 1_000_000;

  private final Member member;
  private final Replication replication;
  private final long firstIndexOfTerm;

  /** The round that is to renew the lease, and when it began; 0 for none. */
  private long awaitedRound;

  private long awaitedNanos;
  private long latestRound;
  private long latestNanos;

  /** The index of the membership under which a majority has pledged; -1 while none has. */
  private long pledgedUnder = -1;

  private long sinceNanos;
  private boolean ended;

  LeaderLease(Member member, Replication replication, long firstIndexOfTerm) {
    this.member = member;
    this.replication = replication;
    this.firstIndexOfTerm = firstIndexOfTerm;
  }

  /** Messages of this round are sent from now on. */
  void roundStarts(long round) {
    latestRound = round;
    latestNanos = member.nowNanos;
    if (awaitedRound == 0) {
      awaitedRound = round;
      awaitedNanos = member.nowNanos;
    }
  }

  /** Messages were answered: renews the lease if a majority has answered so late a round. */
  void echoed() {
    if (awaitedRound == 0 || !member.membership.leaseReads()) {
      return;
    }
    long echoed = replication.roundEchoed(this::counts);
    if (echoed < awaitedRound) {
      return;
    }
    boolean all = echoed >= latestRound;
    renew(all ? latestNanos : awaitedNanos);
    awaitedRound = all ? 0 : latestRound;
    awaitedNanos = latestNanos;
  }

  /** A majority has pledged at a time from {@code sentNanos} on. */
  void renew(long sentNanos) {
    pledgedUnder = member.memberships.lastIndex();
    sinceNanos = sentNanos;
  }

  /** Whether the answers of this voter are pledges. */
  boolean counts(Peer peer) {
    long known = Math.max(firstIndexOfTerm, member.memberships.lastIndex());
    return peer.progress.match() >= known;
  }

  /** No lease any more in this office. */
  void end() {
    ended = true;
  }

  /** Whether nobody else can have been elected by the time of the running step. */
  boolean runs() {
    long lease = member.membership.leaseMillis() * MILLI;
    return lease > 0
        && !ended
        && pledgedUnder == member.memberships.lastIndex()
        && member.since(sinceNanos) < lease - lease / 1_000 * DRIFT_PERMILLE;
  }
}
