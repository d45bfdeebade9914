package io.lockstep.raft;

import java.util.List;

/** Makes the objects that carry the rules of the protocol; a test replaces one to plant a bug. */
class Rules {
  RaftLog log(RecoveredLog recovered, RaftOptions options) {
    return new RaftLog(recovered, options.tailBytesMax());
  }

  Outbox outbox(HardState durable) {
    return new Outbox(durable);
  }

  Elections elections(Member member, long seed) {
    return new Elections(member, seed);
  }

  Memberships memberships(long baseIndex, Membership base, RecoveredLog recovered) {
    return new Memberships(baseIndex, base, recovered.memberships());
  }

  /** The voters as a leader counts them. */
  Electorate electorate(Member member, List<Peer> peers) {
    Membership now = member.membership;
    return new Electorate(member.self, now.voters(), now.outgoing(), peers);
  }

  Reconfiguration reconfiguration(
      Member member, Proposals proposals, Replication replication, long firstIndexOfTerm) {
    return new Reconfiguration(member, proposals, replication, firstIndexOfTerm);
  }

  Votes votes(Membership membership) {
    return new Votes(membership);
  }

  /** The answers to a pre-vote, which count like votes. */
  Votes preVotes(Membership membership) {
    return votes(membership);
  }

  Following following(Member member, NodeId leader) {
    return new Following(member, leader);
  }

  Replication replication(Member member) {
    return new Replication(member);
  }

  Comparison comparison(Member member, Replication replication) {
    return new Comparison(member, replication);
  }

  ReadRounds readRounds(
      Member member,
      ClusterClock clock,
      Replication replication,
      LeaderLease lease,
      long firstIndexOfTerm) {
    return new ReadRounds(member, clock, replication, lease, firstIndexOfTerm);
  }

  LeaderLease lease(Member member, Replication replication, long firstIndexOfTerm) {
    return new LeaderLease(member, replication, firstIndexOfTerm);
  }

  Snapshots snapshots(
      RaftLog log,
      Memberships memberships,
      Outbox outbox,
      Applying applying,
      SnapshotOptions options) {
    return new Snapshots(log, memberships, outbox, applying, options);
  }

  Readers readers(RaftLog log, Outbox outbox) {
    return new Readers(log, outbox);
  }

  ClusterClock clock(Member member) {
    return new ClusterClock(member.electionNanosMax);
  }
}
