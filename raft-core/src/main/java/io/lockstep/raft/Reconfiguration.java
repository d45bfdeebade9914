package io.lockstep.raft;

import io.lockstep.raft.quorum.Majority;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A leader's side of membership changes (thesis 4.3): learners come and go in one step; a change of
 * the voters passes through joint consensus, which a later leader finishes if this one falls. One
 * change at a time, and none before the leader has committed an entry of its own term.
 */
class Reconfiguration {
  private final Member member;
  private final Proposals proposals;
  private final Replication replication;
  private final long firstIndexOfTerm;
  private @Nullable Long ticket;
  private boolean removed;

  Reconfiguration(
      Member member, Proposals proposals, Replication replication, long firstIndexOfTerm) {
    this.member = member;
    this.proposals = proposals;
    this.replication = replication;
    this.firstIndexOfTerm = firstIndexOfTerm;
  }

  /** Begins the change, or says why not; true when it was begun. */
  boolean change(long ticket, MembershipChange change, List<Contact> known) {
    ChangeRefusal refusal = refusal(change, known);
    if (refusal != null) {
      member.answer(ticket, new ChangeOutcome.Refused(refusal));
      return false;
    }
    Membership next = after(change);
    if (next.equals(member.membership)) {
      member.answer(ticket, new ChangeOutcome.Done(member.memberships.lastIndex(), next));
      return false;
    }
    this.ticket = ticket;
    append(next.withContacts(known));
    return true;
  }

  /** Makes a voter of a learner that is caught up and is to be one; true when it was begun. */
  boolean promote() {
    if (member.membership.learners().isEmpty() || notNow() != null) {
      return false;
    }
    for (Learner learner : member.membership.learners()) {
      MembershipChange promotion = new MembershipChange.Promote(learner.id());
      if (!learner.observer() && refusal(promotion, List.of()) == null) {
        append(after(promotion));
        return true;
      }
    }
    return false;
  }

  /**
   * More is committed: ends a joint membership, whoever began it, and reports a change that is
   * done; true when something was appended.
   */
  boolean committed() {
    Memberships memberships = member.memberships;
    if (!memberships.settled(member.log.committed())) {
      return false;
    }
    if (memberships.last().joint()) {
      append(memberships.last().settled());
      return true;
    }
    Long waiting = ticket;
    if (waiting != null) {
      ticket = null;
      member.answer(waiting, new ChangeOutcome.Done(memberships.lastIndex(), memberships.last()));
    }
    removed = mustLeave();
    return false;
  }

  /** Whether the committed membership has no place for this leader: it must make way. */
  boolean removed() {
    return removed;
  }

  /** The office is lost: whether the change takes effect is for a later leader to decide. */
  void close() {
    Long waiting = ticket;
    if (waiting != null) {
      ticket = null;
      member.answer(waiting, new ChangeOutcome.Unknown());
    }
  }

  /** A leader that is not part of the new membership steps down once it is committed (4.2.2). */
  boolean mustLeave() {
    return !member.memberships.last().isVoter(member.self);
  }

  /** Whether an entry of the leader's term is committed (Ongaro 2015). */
  boolean established() {
    return member.log.committed() >= firstIndexOfTerm;
  }

  private void append(Membership membership) {
    proposals.appendMembership(membership);
    if (member.noteMembership()) {
      replication.reconfigure();
    }
  }

  private @Nullable ChangeRefusal notNow() {
    if (!established()) {
      return new ChangeRefusal.LeaderTooNew();
    }
    Memberships memberships = member.memberships;
    boolean inFlight = !memberships.settled(member.log.committed()) || memberships.last().joint();
    return inFlight ? new ChangeRefusal.InFlight(memberships.lastIndex()) : null;
  }

  private @Nullable ChangeRefusal refusal(MembershipChange change, List<Contact> known) {
    ChangeRefusal notNow = notNow();
    if (notNow != null) {
      return notNow;
    }
    return switch (change) {
      case MembershipChange.AddLearner add -> refusal(add, known);
      case MembershipChange.Promote promote -> refusal(promote);
      case MembershipChange.Remove remove -> refusal(remove);
      case MembershipChange.LeaseReads _ -> null;
    };
  }

  private @Nullable ChangeRefusal refusal(MembershipChange.AddLearner add, List<Contact> known) {
    Membership now = member.membership;
    Contact contact = add.contact();
    if (now.isMember(contact.id())) {
      return new ChangeRefusal.AlreadyMember(contact.id());
    }
    if (member.peers.contains(contact.id())) {
      return new ChangeRefusal.InFlight(member.memberships.lastIndex());
    }
    for (Contact other : now.withContacts(known).contacts()) {
      if (other.storage().equals(contact.storage())) {
        return new ChangeRefusal.AlreadyMember(other.id());
      }
    }
    if (add.replaces() != null && !now.isVoter(add.replaces())) {
      return new ChangeRefusal.UnknownMember(add.replaces());
    }
    long toCome =
        now.learners().stream().filter(each -> !each.observer() && each.replaces() == null).count();
    boolean oneMore = !add.observer() && add.replaces() == null;
    if (oneMore && now.voters().size() + toCome >= Membership.VOTERS_MAX) {
      return new ChangeRefusal.TooManyVoters(Membership.VOTERS_MAX);
    }
    return now.learners().size() >= Membership.LEARNERS_MAX
        ? new ChangeRefusal.TooManyLearners(Membership.LEARNERS_MAX)
        : null;
  }

  private @Nullable ChangeRefusal refusal(MembershipChange.Promote promote) {
    NodeId id = promote.id();
    if (member.membership.isVoter(id)) {
      return new ChangeRefusal.AlreadyMember(id);
    }
    Peer peer = replication.peer(id);
    if (member.membership.learner(id) == null || peer == null) {
      return new ChangeRefusal.UnknownMember(id);
    }
    List<NodeId> voters = votersAfter(promote);
    if (voters.size() > Membership.VOTERS_MAX) {
      return new ChangeRefusal.TooManyVoters(Membership.VOTERS_MAX);
    }
    return peer.catchUp.caughtUp(member.nowNanos)
        ? quorumLost(voters)
        : new ChangeRefusal.NotCaughtUp(id, peer.progress.match(), member.log.lastIndex());
  }

  private @Nullable ChangeRefusal refusal(MembershipChange.Remove remove) {
    if (member.membership.learner(remove.id()) != null) {
      return null;
    }
    if (!member.membership.isVoter(remove.id())) {
      return new ChangeRefusal.UnknownMember(remove.id());
    }
    List<NodeId> voters = votersAfter(remove);
    return voters.isEmpty() ? new ChangeRefusal.LastVoter(remove.id()) : quorumLost(voters);
  }

  /** Both sets must be able to decide: the old one too, or the change would never end. */
  private @Nullable ChangeRefusal quorumLost(List<NodeId> voters) {
    ChangeRefusal before = quorumLost(member.membership.voters(), false);
    return before != null ? before : quorumLost(voters, true);
  }

  private @Nullable ChangeRefusal quorumLost(List<NodeId> voters, boolean after) {
    int heard = (int) voters.stream().filter(this::hears).count();
    int needed = Majority.of(voters.size());
    return heard < needed
        ? new ChangeRefusal.QuorumLost(voters.size(), heard, needed, after)
        : null;
  }

  private boolean hears(NodeId voter) {
    if (voter.equals(member.self)) {
      return true;
    }
    Peer peer = replication.peer(voter);
    return peer != null && peer.answered && member.since(peer.heardNanos) < member.electionNanosMax;
  }

  Membership after(MembershipChange change) {
    Membership now = member.membership;
    return switch (change) {
      case MembershipChange.AddLearner(Contact contact, boolean observer, NodeId replaces) ->
          now.withLearner(new Learner(contact.id(), observer, replaces), contact);
      case MembershipChange.Promote promote -> now.joining(votersAfter(promote));
      case MembershipChange.Remove(NodeId id) ->
          now.isVoter(id) ? now.joining(votersAfter(change)) : now.withoutLearner(id);
      case MembershipChange.LeaseReads(boolean on) ->
          on == now.leaseReads() ? now : now.withLease(on ? leaseMillis() : 0);
    };
  }

  /** A leader's lease is what it would have to be silent for to lose an election. */
  private long leaseMillis() {
    return Math.min(member.options.electionTimeoutMillisMin(), Membership.LEASE_MILLIS_MAX);
  }

  private List<NodeId> votersAfter(MembershipChange change) {
    List<NodeId> voters = new ArrayList<>(member.membership.voters());
    switch (change) {
      case MembershipChange.AddLearner _, MembershipChange.LeaseReads _ -> {}
      case MembershipChange.Promote(NodeId id) -> {
        Learner learner = member.membership.learner(id);
        if (learner != null && learner.replaces() != null) {
          voters.remove(learner.replaces());
        }
        voters.add(id);
      }
      case MembershipChange.Remove(NodeId id) -> voters.remove(id);
    }
    return voters;
  }
}
