package io.lockstep.raft;

import java.util.List;
import java.util.TreeSet;

/** What the rules of one member share, whatever its role. */
final class Member {
  private static final long NANOS_PER_MILLI = 1_000_000;

  final NodeId self;
  final RaftOptions options;
  final long startNumber;
  final Rules rules;
  final RaftLog log;
  final Memberships memberships;
  final Outbox outbox;
  final Readers readers;
  final Applying applying;
  final Snapshots snapshots;
  final OwnState state;
  final long heartbeatNanos;
  final long electionNanosMin;
  final long electionNanosMax;

  /** The membership in force; see {@link Memberships}. */
  Membership membership;

  /** All that this node may have to speak with. */
  List<NodeId> peers;

  /** The node's monotonic clock at the running step. */
  long nowNanos;

  /**
   * Whether this node has lost what it may have acknowledged, and not regained it; see {@link
   * Elections#takesPart}.
   */
  boolean repairing;

  /** When the running life asked a leader for a read index last. */
  long readAskedNanos;

  /** Read rounds confirmed by this node as leader, in this life. */
  long roundsConfirmed;

  /** Reads and questions that this node as leader answered by its lease, in this life. */
  long leaseReads;

  private long readIds;
  private long notedIndex;
  private boolean notedSettled;
  private boolean parting;
  private long partingEndNanos;

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
    this.self = self;
    this.options = options;
    this.startNumber = startNumber;
    this.nowNanos = nowNanos;
    this.readAskedNanos = nowNanos;
    this.rules = rules;
    this.repairing = recovered.damaged();
    this.log = rules.log(recovered, options);
    Membership base = recovered.snapshot() == null ? membership : recovered.snapshot().membership();
    this.memberships = rules.memberships(log.committed(), base, recovered);
    this.membership = membership;
    this.peers = membership.members().stream().filter(peer -> !peer.equals(self)).toList();
    this.outbox = rules.outbox(hardState);
    this.readers = rules.readers(log, outbox);
    this.applying = new Applying(log, outbox, options);
    this.snapshots = rules.snapshots(log, memberships, outbox, applying, options.snapshots());
    this.state = new OwnState(outbox);
    this.heartbeatNanos = options.heartbeatMillis() * NANOS_PER_MILLI;
    this.electionNanosMin = options.electionTimeoutMillisMin() * NANOS_PER_MILLI;
    this.electionNanosMax = options.electionTimeoutMillisMax() * NANOS_PER_MILLI;
    noteMembership();
  }

  long term() {
    return outbox.promised().term();
  }

  /** Whether this node decides everything by itself. */
  boolean alone() {
    return membership.isLone(self);
  }

  /**
   * Whether this node may have to lead; see {@link Memberships#mayLead}. One whose state is wrong
   * must not.
   */
  boolean mayLead() {
    return memberships.mayLead(self, log.committed()) && !state.diverged();
  }

  /** This node has again, durably, all that it may ever have acknowledged. */
  void endRepair() {
    repairing = false;
    outbox.add(new Effect.EndRepair());
  }

  /**
   * For how long this node owes it to a leader that it heard to elect nobody else; 0 while lease
   * reads are off. One that is switched off, or made shorter, counts until that is committed.
   */
  long leaseNanos() {
    return memberships.leaseMillis(log.committed()) * NANOS_PER_MILLI;
  }

  /** Appends entries; a membership among them is in force at once (thesis 4.1). */
  void append(List<Entry> entries) {
    log.append(entries);
    memberships.append(entries);
    outbox.add(new Effect.AppendLog(term(), entries));
  }

  /** Drops the entries from {@code index} on; what they said of the membership is void. */
  void truncateFrom(long index) {
    log.truncateFrom(index, term());
    memberships.truncateFrom(index);
    outbox.add(new Effect.TruncateLog(index));
  }

  /** Whether {@link #noteMembership} has something to look at. */
  boolean membershipMoved() {
    return parting
        || !notedSettled
        || notedIndex != memberships.lastIndex()
        || !memberships.settled(log.committed());
  }

  /**
   * Acts from now on by what the log and the commit index say of the membership. Called when they
   * may have changed; returns whether anything has.
   */
  boolean noteMembership() {
    if (!membershipMoved()) {
      return false;
    }
    notedSettled = memberships.settled(log.committed());
    notedIndex = memberships.lastIndex();
    Membership now = memberships.inForce(log.committed());
    List<NodeId> others = memberships.others(self, log.committed());
    others = withParting(others);
    if (now.equals(membership) && others.equals(peers)) {
      return false;
    }
    membership = now;
    peers = others;
    EntryId since = log.id(Math.min(notedIndex, log.lastIndex()));
    outbox.add(new Effect.MembershipChanged(since, now, others));
    return true;
  }

  /**
   * With those who have left a moment ago: the last they must hear is that it is committed, or they
   * would go on asking for votes.
   */
  private List<NodeId> withParting(List<NodeId> others) {
    boolean leaves = notedSettled && !others.containsAll(peers);
    if (leaves && !parting) {
      partingEndNanos = nowNanos + electionNanosMax;
    }
    parting = leaves && nowNanos - partingEndNanos < 0;
    if (!parting) {
      return others;
    }
    TreeSet<NodeId> all = new TreeSet<>(others);
    all.addAll(peers);
    return List.copyOf(all);
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

  void answer(long ticket, ChangeOutcome outcome) {
    outbox.add(new Effect.ChangeAnswered(ticket, outcome));
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
    noteMembership();
    applying.advance();
  }
}
