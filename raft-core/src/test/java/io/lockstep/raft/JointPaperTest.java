package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.E;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.contact;
import static io.lockstep.raft.Subject.id;
import static io.lockstep.raft.Subject.membership;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How voters change: Raft thesis 4.2.2, 4.2.3 and 4.3. */
class JointPaperTest {
  private static final Membership ABC = new Membership(List.of(A, B, C));

  /** Leads so many, and has committed an entry of its term. */
  private static Subject leader(int voters) {
    Subject subject = Subject.leader(voters, 1);
    subject.matchAll(subject.others().toArray(NodeId[]::new));
    subject.takeSent();
    return subject;
  }

  private static MembershipChange remove(NodeId id) {
    return new MembershipChange.Remove(id);
  }

  /** Follows b, with this membership in its log, not committed. */
  private static Subject follower(Membership membership) {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0, membership(1, 1, membership)));
    subject.takeSent();
    return subject;
  }

  /** 4.3: the leader stores the joint configuration as a log entry and replicates it to all. */
  @Test
  void aChangeOfVotersBeginsJoint() {
    Subject subject = leader(3);
    subject.change(remove(C));
    assertEquals(ABC.joining(List.of(A, B)), subject.membership());
    for (NodeId peer : List.of(B, C)) {
      Entry entry = subject.lastSent(peer, Message.Append.class).entries().getFirst();
      assertEquals(EntryKind.MEMBERSHIP, entry.kind(), "to those of both sets");
    }
  }

  /** 4.3: once the joint one is committed, the leader appends the new one. */
  @Test
  void aJointMembershipThatIsCommittedIsFollowedByTheNewOne() {
    Subject subject = leader(3);
    long ticket = subject.change(remove(C));
    subject.matchAll(B);
    assertEquals(new Membership(List.of(A, B)), subject.membership());
    assertEquals(2, subject.status().commitIndex());
    assertNull(subject.changed(ticket), "it is done when the new one is committed");
    subject.matchAll(B);
    assertEquals(new ChangeOutcome.Done(3, new Membership(List.of(A, B))), subject.changed(ticket));
  }

  /** 4.3: agreement needs a majority of the old and of the new configuration. */
  @Test
  void aCommitNeedsBothMajorities() {
    Subject subject = leader(5);
    replace(subject);
    subject.receive(B, new Message.Appended(1, last(subject), 0));
    subject.receive(C, new Message.Appended(1, last(subject), 0));
    assertTrue(subject.membership().joint(), "of a, b, d, e and f only a and b have it");
    subject.receive(D, new Message.Appended(1, last(subject), 0));
    assertFalse(subject.membership().joint());
  }

  /** On the way from a, b, c, d and e to a, b, d, e and f. */
  private static void replace(Subject subject) {
    NodeId f = Subject.F;
    subject.change(new MembershipChange.AddLearner(contact(f), false, C));
    subject.matchAll(B, C, D, E);
    subject.receive(f, new Message.Appended(1, last(subject), 0));
    subject.tick();
    assertEquals(List.of(A, B, D, E, f), subject.membership().voters());
    assertEquals(List.of(A, B, C, D, E), subject.membership().outgoing());
  }

  private static long last(Subject subject) {
    return subject.status().lastLog().index();
  }

  /** 4.3: elections need both majorities too, and so do the pre-votes before them (9.6). */
  @Test
  void anElectionNeedsBothMajorities() {
    Membership joint = new Membership(List.of(A, B, C)).joining(List.of(A, D, E));
    Subject subject = follower(joint);
    subject.timeOut();
    subject.receive(B, new Message.PreVoteReply(2, true));
    subject.receive(C, new Message.PreVoteReply(2, true));
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    subject.receive(D, new Message.PreVoteReply(2, true));
    assertEquals(RoleName.CANDIDATE, subject.role());
    subject.receive(D, new Message.VoteReply(2, true));
    subject.receive(E, new Message.VoteReply(2, true));
    assertEquals(RoleName.CANDIDATE, subject.role());
    subject.receive(C, new Message.VoteReply(2, true));
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** 4.3: to lose one of them is to lose. */
  @Test
  void anElectionIsLostWithOneMajority() {
    Subject subject = follower(new Membership(List.of(A, B, C)).joining(List.of(A, D, E)));
    subject.timeOut();
    subject.receive(D, new Message.PreVoteReply(1, false));
    subject.receive(E, new Message.PreVoteReply(1, false));
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 4.3, 6.4: a read round, and with it the leader's office, needs both majorities. */
  @Test
  void aReadRoundNeedsBothMajorities() {
    Subject subject = leader(5);
    replace(subject);
    long ticket = subject.read();
    subject.echo(B, C);
    assertNull(subject.outcome(ticket));
    subject.echo(E);
    assertNotNull(subject.outcome(ticket));
  }

  /** 4.3, 6.2: a leader that one of the two majorities does not hear makes way. */
  @Test
  void aLeaderNeedsBothMajorities() {
    Subject subject = leader(3);
    subject.change(new MembershipChange.AddLearner(contact(D), false, C));
    subject.matchAll(B, C);
    subject.receive(D, new Message.Appended(1, last(subject), 0));
    subject.tick();
    assertEquals(List.of(A, B, D), subject.membership().voters());
    for (int i = 0; i < 11; i++) {
      subject.pass(100);
      subject.receive(C, new Message.HeartbeatReply(1, 0));
    }
    assertEquals(RoleName.FOLLOWER, subject.role(), "a and c are no majority of a, b and d");
  }

  /** 4.3: any server from either configuration may serve as leader. */
  @Test
  void aVoterThatLeavesMayLeadMeanwhile() {
    Subject subject = follower(ABC.joining(List.of(B, C)));
    subject.campaign();
    assertEquals(RoleName.CANDIDATE, subject.role());
  }

  /** 4.3: a new leader ends the joint configuration that it finds, if it commits it itself... */
  @Test
  void aNewLeaderEndsAJointMembership() {
    Subject subject = follower(ABC.joining(List.of(A, B)));
    subject.elect();
    assertTrue(subject.membership().joint(), "not before it is committed");
    subject.matchAll(B);
    assertEquals(new Membership(List.of(A, B)), subject.membership());
  }

  /** ... and also if it knew before its office that it is committed. */
  @Test
  void aNewLeaderEndsACommittedJointMembership() {
    Subject subject = follower(ABC.joining(List.of(A, B)));
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    assertEquals(1, subject.status().commitIndex());
    subject.elect();
    subject.matchAll(B);
    assertEquals(new Membership(List.of(A, B)), subject.membership());
    assertEquals(EntryKind.MEMBERSHIP, subject.host.disk().entries().getLast().kind());
  }

  /** 4.2.2: a leader that is removed steps down when the new configuration is committed... */
  @Test
  void aRemovedLeaderStepsDown() {
    Subject subject = leader(3);
    long ticket = subject.change(remove(A));
    subject.matchAll(B, C);
    assertEquals(new Membership(List.of(B, C)), subject.membership());
    assertEquals(RoleName.LEADER, subject.role(), "it is not committed yet");
    subject.takeSent();
    subject.receive(B, new Message.Appended(1, 3, 0));
    subject.receive(C, new Message.Appended(1, 3, 0));
    assertEquals(3, subject.status().commitIndex());
    assertNotNull(subject.changed(ticket));
    boolean handedOver =
        !subject.sent(B, Message.TimeoutNow.class).isEmpty()
            || !subject.sent(C, Message.TimeoutNow.class).isEmpty();
    assertTrue(handedOver, "it hands over");
    subject.pass(1_010);
    assertEquals(RoleName.FOLLOWER, subject.role(), "it goes also when nobody takes over");
    subject.takeSent();
    subject.pass(5_000);
    assertTrue(subject.takeSent().isEmpty(), "and does not come back");
  }

  /** ... and does not count itself while it manages a cluster that it is not part of. */
  @Test
  void aRemovedLeaderDoesNotCountItself() {
    Subject subject = leader(3);
    subject.change(remove(A));
    subject.matchAll(B, C);
    long index = last(subject);
    subject.receive(B, new Message.Appended(1, index, 0));
    assertEquals(index - 1, subject.status().commitIndex(), "b alone is no majority of b and c");
    subject.receive(C, new Message.Appended(1, index, 0));
    assertEquals(index, subject.status().commitIndex());
  }

  /** 4.2.2, figure 4.6: a server that is not in its latest configuration still starts elections. */
  @Test
  void aRemovedServerMayBeNeeded() {
    Subject subject = follower(new Membership(List.of(B)));
    subject.timeOut();
    assertEquals(RoleName.PRE_CANDIDATE, subject.role(), "its own vote does not count");
    subject.receive(B, new Message.PreVoteReply(2, true));
    subject.receive(B, new Message.VoteReply(2, true));
    assertEquals(RoleName.LEADER, subject.role());
    subject.receive(B, new Message.Appended(2, 2, 0));
    assertEquals(2, subject.status().commitIndex());
    subject.pass(1_010);
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 4.2.2: but not once it knows that the new configuration is committed. */
  @Test
  void aServerThatKnowsItIsRemovedIsQuiet() {
    Subject subject = follower(new Membership(List.of(B, C)));
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    subject.takeSent();
    subject.pass(5_000);
    assertTrue(subject.nothingSent(Message.PreVote.class));
  }

  /** 4.2.3: a removed server that does not know asks in vain, and raises nobody's term. */
  @Test
  void aRemovedServerDisturbsNobody() {
    Subject subject = leader(3);
    subject.change(remove(C));
    subject.matchAll(B);
    subject.matchAll(B);
    subject.takeSent();
    subject.receive(C, new Message.PreVote(2, id(1, 1)));
    assertFalse(subject.lastSent(C, Message.PreVoteReply.class).granted());
    subject.receive(C, new Message.Vote(9, id(1, 9), false));
    assertEquals(1, subject.status().term());
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** Those who leave are told to the last: that the new configuration is committed. */
  @Test
  void whoLeavesIsToldSo() {
    Subject subject = leader(3);
    subject.change(remove(C));
    subject.matchAll(B, C);
    subject.receive(B, new Message.Appended(1, 3, 0));
    assertEquals(3, subject.status().commitIndex());
    MembershipChange back = new MembershipChange.AddLearner(contact(C), false, null);
    assertEquals(
        new ChangeRefusal.InFlight(3),
        subject.refusal(subject.change(back)),
        "one that comes back is another, of which nothing is known");
    subject.takeSent();
    subject.receive(C, new Message.Appended(1, 3, 0));
    assertEquals(3, subject.lastSent(C, Message.Heartbeat.class).commit());
    Effect gone = new Effect.MembershipChanged(id(1, 3), new Membership(List.of(A, B)), List.of(B));
    assertFalse(subject.told().contains(gone));
    for (int i = 0; i < 11; i++) {
      subject.pass(100);
      subject.receive(B, new Message.HeartbeatReply(1, 0));
    }
    assertTrue(subject.told().contains(gone));
    subject.takeSent();
    subject.pass(300);
    assertTrue(subject.sent(C, Message.class).isEmpty());
    assertNull(subject.changed(subject.change(back)));
  }

  /** 3.10: leadership goes to nobody without a vote, nor to one that is about to lose it. */
  @Test
  void leadershipGoesToVotersThatStay() {
    Subject subject = leader(3);
    subject.change(remove(C));
    subject.receive(C, new Message.Appended(1, 2, 0));
    subject.step(new Input.TransferLeadership(C));
    assertTrue(subject.nothingSent(Message.TimeoutNow.class));
    assertNull(subject.outcome(subject.propose("x")), "no transfer is under way");
  }

  /** No change is begun while leadership goes elsewhere. */
  @Test
  void noChangeDuringATransfer() {
    Subject subject = leader(3);
    subject.step(new Input.TransferLeadership(B));
    assertEquals(new ChangeOutcome.NotLeader(null), subject.changed(subject.change(remove(C))));
  }

  /** A change that would lose the quorum is refused, with the arithmetic. */
  @Test
  void aQuorumIsNotGivenAway() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.takeSent();
    assertEquals(
        new ChangeRefusal.QuorumLost(2, 1, 2, true),
        subject.refusal(subject.change(remove(B))),
        "c was never heard, so a would be one of two");
    assertNull(subject.changed(subject.change(remove(C))), "but who is lost may go");
  }

  /** One that was heard once, but not within an election timeout, is not there. */
  @Test
  void aSilentVoterIsNotCounted() {
    Subject subject = leader(3);
    for (int i = 0; i < 10; i++) {
      subject.pass(100);
      subject.receive(B, new Message.HeartbeatReply(1, 0));
    }
    assertEquals(
        new ChangeRefusal.QuorumLost(2, 1, 2, true), subject.refusal(subject.change(remove(B))));
  }

  /** A cluster keeps one voter. */
  @Test
  void theLastVoterStays() {
    Subject subject = Subject.of(1, 0);
    subject.tick();
    assertEquals(new ChangeRefusal.LastVoter(A), subject.refusal(subject.change(remove(A))));
  }

  /** From one voter to two and back: each quorum is that of the moment. */
  @Test
  void aLoneVoterGrows() {
    Subject subject = Subject.of(1, 0);
    subject.tick();
    subject.change(new MembershipChange.AddLearner(contact(B), false, null));
    subject.receive(B, new Message.Appended(1, 2, 0));
    subject.tick();
    assertEquals(2, subject.status().commitIndex(), "both decide now");
    subject.receive(B, new Message.Appended(1, 3, 0));
    subject.receive(B, new Message.Appended(1, 4, 0));
    assertEquals(4, subject.status().commitIndex());
    long ticket = subject.change(remove(B));
    subject.receive(B, new Message.Appended(1, 5, 0));
    assertEquals(6, subject.status().commitIndex());
    assertNotNull(subject.changed(ticket));
    assertEquals(List.of(A), subject.membership().voters());
  }
}
