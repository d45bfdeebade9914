package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part, at one place of the log. While {@code outgoing} is not empty two sets of voters
 * share the decisions: the cluster is in joint consensus (thesis 4.3).
 *
 * @param voters sorted by id; the new ones while joint; an odd number in normal use
 * @param outgoing the voters before the change under way, sorted; empty unless joint
 * @param learners sorted by id; none of them is a voter
 * @param contacts how members are known and found, sorted; those of the first start may lack
 * @param leaseMillis for how long a leader may serve reads after it was heard; 0 while lease reads
 *     are off. See {@link LeaderLease}
 */
public record Membership(
    List<NodeId> voters,
    List<NodeId> outgoing,
    List<Learner> learners,
    List<Contact> contacts,
    long leaseMillis) {
  /** How many voters a cluster has at most. */
  public static final int VOTERS_MAX = 7;

  /** How many learners a cluster has at most. */
  public static final int LEARNERS_MAX = 16;

  /** The longest lease: for so long a cluster may have to wait for an election. */
  public static final long LEASE_MILLIS_MAX = 60_000;

  public Membership {
    voters = voters.stream().sorted().distinct().toList();
    outgoing = outgoing.stream().sorted().distinct().toList();
    learners = learners.stream().sorted().toList();
    contacts = contacts.stream().sorted().toList();
    Invariant.check(!voters.isEmpty(), "a cluster has at least one voter");
    Invariant.check(
        learners.stream().map(Learner::id).distinct().count() == learners.size(),
        "a learner is named once");
    Invariant.check(
        contacts.stream().map(Contact::id).distinct().count() == contacts.size(),
        "a member has one contact");
    for (Learner learner : learners) {
      Invariant.check(
          !voters.contains(learner.id()) && !outgoing.contains(learner.id()),
          "a learner is no voter");
    }
    Invariant.check(
        leaseMillis >= 0 && leaseMillis <= LEASE_MILLIS_MAX,
        "a lease has a bound",
        leaseMillis,
        LEASE_MILLIS_MAX);
  }

  /** Without lease reads. */
  public Membership(
      List<NodeId> voters, List<NodeId> outgoing, List<Learner> learners, List<Contact> contacts) {
    this(voters, outgoing, learners, contacts, 0);
  }

  /** Voters and nothing else. */
  public Membership(List<NodeId> voters) {
    this(voters, List.of(), List.of(), List.of());
  }

  /** Whether leaders may serve reads by their lease. */
  public boolean leaseReads() {
    return leaseMillis > 0;
  }

  /** Whether two sets of voters share the decisions. */
  public boolean joint() {
    return !outgoing.isEmpty();
  }

  /** Whether {@code node} counts in a quorum, in either set. */
  public boolean isVoter(NodeId node) {
    return voters.contains(node) || outgoing.contains(node);
  }

  /** Whether {@code node} decides everything by itself. */
  public boolean isLone(NodeId node) {
    return !joint() && voters.size() == 1 && voters.contains(node);
  }

  /** The learner with this id; null for none. */
  public @Nullable Learner learner(NodeId node) {
    for (Learner learner : learners) {
      if (learner.id().equals(node)) {
        return learner;
      }
    }
    return null;
  }

  /** The contact of this member; null when nobody said. */
  public @Nullable Contact contact(NodeId node) {
    for (Contact contact : contacts) {
      if (contact.id().equals(node)) {
        return contact;
      }
    }
    return null;
  }

  /** Voters of both sets and learners, sorted. */
  public List<NodeId> members() {
    TreeSet<NodeId> all = new TreeSet<>(voters);
    all.addAll(outgoing);
    learners.forEach(learner -> all.add(learner.id()));
    return List.copyOf(all);
  }

  public boolean isMember(NodeId node) {
    return isVoter(node) || learner(node) != null;
  }

  /** With {@code learner} too. */
  Membership withLearner(Learner learner, Contact contact) {
    List<Learner> more = new ArrayList<>(learners);
    more.add(learner);
    return new Membership(voters, outgoing, more, contacts, leaseMillis)
        .withContacts(List.of(contact));
  }

  /** Without that learner. */
  Membership withoutLearner(NodeId node) {
    return new Membership(voters, outgoing, othersThan(node), contacts, leaseMillis)
        .forgetStrangers();
  }

  /** On the way to other voters: from now on both sets decide together (thesis 4.3). */
  Membership joining(List<NodeId> next) {
    Invariant.check(!joint(), "one change at a time (4.3)");
    List<Learner> left = learners.stream().filter(learner -> !next.contains(learner.id())).toList();
    return new Membership(next, voters, left, contacts, leaseMillis);
  }

  /** The new voters alone: the end of a change. */
  Membership settled() {
    return new Membership(voters, List.of(), learners, contacts, leaseMillis).forgetStrangers();
  }

  /** Those contacts too that it lacks; only members' are kept. */
  Membership withContacts(List<Contact> more) {
    List<Contact> all = new ArrayList<>(contacts);
    for (Contact contact : more) {
      if (all.stream().noneMatch(known -> known.id().equals(contact.id()))) {
        all.add(contact);
      }
    }
    return new Membership(voters, outgoing, learners, all, leaseMillis).forgetStrangers();
  }

  /** The same members with another lease; 0 for none. */
  public Membership withLease(long millis) {
    return new Membership(voters, outgoing, learners, contacts, millis);
  }

  private List<Learner> othersThan(NodeId node) {
    return learners.stream().filter(learner -> !learner.id().equals(node)).toList();
  }

  private Membership forgetStrangers() {
    List<Contact> members = contacts.stream().filter(contact -> isMember(contact.id())).toList();
    List<Learner> kept =
        learners.stream()
            .map(
                learner ->
                    learner.replaces() == null || isVoter(learner.replaces())
                        ? learner
                        : new Learner(learner.id(), false, null))
            .toList();
    return new Membership(voters, outgoing, kept, members, leaseMillis);
  }
}
