package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.E;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The leader's side of lease reads: Raft thesis 6.4.1. */
class LeaseReadPaperTest {
  /** What the leader counts of a lease of 500 ms: a tenth less. */
  private static final long LEASE_MILLIS = 450;

  /** A leader that has just switched lease reads on, in a log that all have. */
  private static Subject switchedOn(int voters) {
    Subject subject = Subject.leader(voters, 1);
    NodeId[] others = subject.others().toArray(NodeId[]::new);
    subject.matchAll(others);
    subject.change(new MembershipChange.LeaseReads(true));
    subject.matchAll(others);
    subject.takeSent();
    return subject;
  }

  /** The same, and a majority has answered a round that began this moment. */
  private static Subject leasing() {
    Subject subject = switchedOn(3);
    round(subject);
    subject.echo(B);
    subject.takeSent();
    return subject;
  }

  /** Waits until a round of heartbeats begins. */
  private static void round(Subject subject) {
    subject.takeSent();
    while (subject.nothingSent(Message.Heartbeat.class)) {
      subject.pass(10);
    }
  }

  private static boolean serves(Subject subject) {
    long before = subject.status().leaseReads();
    long ticket = subject.read();
    boolean served = subject.outcome(ticket) != null;
    assertEquals(served ? 1 : 0, subject.status().leaseReads() - before, "it is counted");
    return served;
  }

  @Test
  void leaseReadsAreOffUnlessTheClusterSwitchedThemOn() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    round(subject);
    subject.echo(B, C);
    assertEquals(0, subject.membership().leaseMillis());
    assertTrue(!serves(subject));
  }

  @Test
  void switchingOnIsAnEntryWhoseLeaseIsTheShortestTimeoutOfItsLeader() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    long ticket = subject.change(new MembershipChange.LeaseReads(true));
    assertNull(subject.changed(ticket));
    subject.matchAll(B);
    Membership on = new Membership(List.of(A, B, C)).withLease(500);
    assertEquals(new ChangeOutcome.Done(2, on), subject.changed(ticket));
    assertEquals(on, subject.membership());
  }

  /** What is as wished needs no entry. */
  @Test
  void switchingOnAgainChangesNothing() {
    Subject subject = leasing();
    long last = subject.status().lastLog().index();
    long ticket = subject.change(new MembershipChange.LeaseReads(true));
    assertEquals(new ChangeOutcome.Done(last, subject.membership()), subject.changed(ticket));
    assertEquals(last, subject.status().lastLog().index());
    assertTrue(serves(subject));
  }

  @Test
  void oneChangeAtATimeAndNoneBeforeTheFirstCommit() {
    Subject subject = Subject.leader(3, 1);
    long early = subject.change(new MembershipChange.LeaseReads(true));
    assertEquals(new ChangeRefusal.LeaderTooNew(), subject.refusal(early));
    subject.matchAll(B);
    subject.change(new MembershipChange.LeaseReads(true));
    long second = subject.change(new MembershipChange.LeaseReads(false));
    assertEquals(new ChangeRefusal.InFlight(2), subject.refusal(second));
  }

  /** 6.4.1: no messages for a read; a follower's question is answered at once, too. */
  @Test
  void whileItRunsReadsNeedNoRound() {
    Subject subject = leasing();
    long ticket = subject.read();
    assertEquals(new Outcome.ReadAt(2), subject.outcome(ticket));
    subject.receive(C, new Message.ReadIndex(1, 7, 9));
    assertEquals(
        new Message.ReadIndexReply(1, 7, 9, 2, 2, subject.status().clusterTimeMillis()),
        subject.lastSent(C, Message.ReadIndexReply.class));
    assertTrue(subject.nothingSent(Message.Heartbeat.class));
    assertEquals(2, subject.status().leaseReads());
  }

  /** A read that the lease answers has waited for its index to be applied, like any other. */
  @Test
  void aReadWaitsUntilItsIndexIsApplied() {
    Subject subject = leasing().slowDisk();
    subject.propose("x");
    subject.matchAll(B, C);
    long ticket = subject.read();
    assertNull(subject.outcome(ticket));
    subject.settle();
    assertEquals(new Outcome.ReadAt(3), subject.outcome(ticket));
  }

  /** 6.4.1: from when the messages were sent, whenever the answers came; and less by the drift. */
  @Test
  void itRunsFromWhenTheRoundWasSent() {
    Subject subject = switchedOn(3);
    round(subject);
    subject.pause(LEASE_MILLIS - 50);
    subject.echo(B);
    assertTrue(serves(subject));
    subject.pause(49);
    assertTrue(serves(subject));
    subject.pause(1);
    assertTrue(!serves(subject));
  }

  @Test
  void aWokenLeaderServesNothingByAnOldLease() {
    Subject subject = leasing();
    subject.pause(5_000);
    assertTrue(!serves(subject));
    subject.receive(C, new Message.HeartbeatReply(1, 1));
    assertTrue(!serves(subject), "an answer to a round of before the pause");
  }

  /** Each heartbeat renews it. */
  @Test
  void heartbeatsRenewIt() {
    Subject subject = leasing();
    for (int i = 0; i < 20; i++) {
      round(subject);
      subject.echo(C);
      assertTrue(serves(subject));
    }
  }

  /** A round that one voter echoes late renews it as of that round's beginning. */
  @Test
  void aMajorityMustEcho() {
    Subject subject = switchedOn(5);
    round(subject);
    subject.echo(B);
    assertTrue(!serves(subject));
    subject.echo(C);
    assertTrue(serves(subject));
  }

  /** The answer of one who may not know of the lease yet is no pledge. */
  @Test
  void aVoterCountsOnceItsLogHasTheSetting() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.change(new MembershipChange.LeaseReads(true));
    subject.matchAll(C);
    round(subject);
    subject.echo(B);
    assertTrue(!serves(subject), "B has not said that it has the entry");
    subject.matchAll(B);
    round(subject);
    subject.echo(B);
    assertTrue(serves(subject));
  }

  /** It may hold another membership after what it shares with this leader. */
  @Test
  void aVoterCountsOnceItsLogReachesThisTerm() {
    Subject subject = leasing();
    subject.receive(C, new Message.HeartbeatReply(2, 0));
    assertEquals(RoleName.FOLLOWER, subject.role());
    subject.pass(1_000);
    subject.elect();
    round(subject);
    subject.receive(B, new Message.Appended(3, 2, 0));
    subject.echo(B, C);
    assertTrue(!serves(subject));
    subject.matchAll(B);
    round(subject);
    subject.echo(B);
    assertTrue(serves(subject));
  }

  /** A change of the members is such a change too: nobody counts who has not got it. */
  @Test
  void anotherMembershipMustBeKnownToo() {
    Subject subject = leasing();
    subject.change(new MembershipChange.AddLearner(Subject.contact(D), true, null));
    round(subject);
    subject.echo(B, C);
    assertTrue(!serves(subject));
    subject.matchAll(B);
    round(subject);
    subject.echo(B);
    assertTrue(serves(subject));
  }

  /** 4.3: while two sets decide, a majority of each must have pledged. */
  @Test
  void whileJointBothSetsMustPledge() {
    Subject subject = switchedOn(5);
    subject.change(new MembershipChange.Remove(E));
    assertTrue(subject.membership().joint());
    round(subject);
    subject.receive(B, new Message.Appended(1, 3, 0));
    subject.receive(E, new Message.Appended(1, 3, 0));
    subject.echo(B, E);
    assertTrue(!serves(subject), "of the new set only A and B");
  }

  @Test
  void itEndsWhenItIsSwitchedOff() {
    Subject subject = leasing();
    long ticket = subject.change(new MembershipChange.LeaseReads(false));
    assertTrue(!serves(subject), "at once, though it is not committed");
    subject.matchAll(B);
    assertEquals(
        new ChangeOutcome.Done(3, new Membership(List.of(A, B, C))), subject.changed(ticket));
    round(subject);
    subject.echo(B, C);
    assertTrue(!serves(subject));
  }

  /** 6.4.1, 3.10: a hand-over makes voters break their pledges. */
  @Test
  void aHandOverEndsItFirst() {
    Subject subject = leasing();
    assertTrue(serves(subject));
    subject.step(new Input.TransferLeadership(B));
    assertEquals(new Message.TimeoutNow(1), subject.lastSent(B, Message.TimeoutNow.class));
    assertTrue(!serves(subject));
  }

  /** The order to campaign may still be on its way when the leader has given up. */
  @Test
  void aHandOverThatWasGivenUpLeavesNoLeaseInThisOffice() {
    Subject subject = leasing();
    subject.step(new Input.TransferLeadership(B));
    for (int i = 0; i < 20; i++) {
      round(subject);
      subject.echo(B, C);
    }
    subject.propose("x");
    assertEquals(3, subject.status().lastLog().index(), "it leads again");
    assertTrue(!serves(subject));
  }

  /** 6.4, step 1. */
  @Test
  void noReadBeforeTheFirstCommitOfTheTerm() {
    Subject subject = leasing();
    subject.receive(C, new Message.HeartbeatReply(2, 0));
    subject.pass(1_000);
    subject.elect();
    long ticket = subject.read();
    round(subject);
    subject.echo(B, C);
    assertNull(subject.outcome(ticket));
  }

  /** A majority of one has nobody to ask. */
  @Test
  void aLoneVoterServesByItsOwnLease() {
    Subject subject = Subject.of(1, 0);
    subject.tick();
    subject.change(new MembershipChange.LeaseReads(true));
    subject.pass(200);
    assertTrue(serves(subject));
  }
}
