package io.lockstep.raft;

import java.util.List;

/** What the rules of one member share, whatever its role. */
final class Member {
  private static final long NANOS_PER_MILLI = 1_000_000;

  final NodeId self;
  final Membership membership;
  final List<NodeId> peers;
  final RaftOptions options;
  final long startNumber;
  final Rules rules;
  final RaftLog log;
  final Outbox outbox;
  final Readers readers;
  final Applying applying;
  final long heartbeatNanos;
  final long electionNanosMin;
  final long electionNanosMax;

  /** The node's monotonic clock at the running step. */
  long nowNanos;

  /** When the running life asked a leader for a read index last. */
  long readAskedNanos;

  /** Read rounds confirmed by this node as leader, in this life. */
  long roundsConfirmed;

  private long readIds;

  Member(
      NodeId self,
      Membership membership,
      RaftOptions options,
      HardState hardState,
      RecoveredLog recovered,
      long startNumber,
      long nowNanos,
      Rules rules) {
    Invariant.check(
        hardState.term() >= recovered.last().term(),
        "the durable term is not below the last entry's: else the hard state was lost",
        hardState.term(),
        recovered.last().term());
    Invariant.check(membership.isVoter(self), "a node is one of its cluster's voters");
    this.self = self;
    this.membership = membership;
    this.peers = membership.voters().stream().filter(voter -> !voter.equals(self)).toList();
    this.options = options;
    this.startNumber = startNumber;
    this.nowNanos = nowNanos;
    this.readAskedNanos = nowNanos;
    this.rules = rules;
    this.log = rules.log(recovered, options);
    this.outbox = rules.outbox(hardState);
    this.readers = rules.readers(log, outbox);
    this.applying = new Applying(log, outbox, options);
    this.heartbeatNanos = options.heartbeatMillis() * NANOS_PER_MILLI;
    this.electionNanosMin = options.electionTimeoutMillisMin() * NANOS_PER_MILLI;
    this.electionNanosMax = options.electionTimeoutMillisMax() * NANOS_PER_MILLI;
  }

  long term() {
    return outbox.promised().term();
  }

  int voters() {
    return membership.voters().size();
  }

  long since(long nanos) {
    return nowNanos - nanos;
  }

  void send(NodeId to, Message message) {
    outbox.send(to, message);
  }

  void complete(long ticket, Outcome outcome) {
    outbox.add(new Effect.Complete(ticket, outcome));
  }

  void completeAll(List<Long> tickets, Outcome outcome) {
    for (long ticket : tickets) {
      complete(ticket, outcome);
    }
  }

  /** For proposals that are certainly not in the log. */
  void refuse(List<Input.Proposal> proposals, Outcome outcome) {
    for (Input.Proposal proposal : proposals) {
      complete(proposal.ticket(), outcome);
    }
  }

  /** Whether no more reads may be open, beside those that {@code waiting} counts. */
  boolean readsFull(int waiting) {
    return waiting + readers.tickets() >= options.proposalsInflightMax();
  }

  /** Counts up within one life of the node. */
  long nextReadId() {
    return ++readIds;
  }

  /** Raises the commit index and hands on what it covers. */
  void commitTo(long index) {
    log.commitTo(index);
    applying.advance();
  }
}
