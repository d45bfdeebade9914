package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import org.junit.jupiter.api.Test;

/** Leadership transfer: Raft thesis 3.10. */
class TransferPaperTest {
  private static Subject leader() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.takeSent();
    return subject;
  }

  private static void transfer(Subject subject, NodeId to) {
    subject.step(new Input.TransferLeadership(to));
  }

  /** 3.10, step 1: the prior leader stops accepting new client requests. */
  @Test
  void noProposalIsTakenDuringATransfer() {
    Subject subject = leader();
    transfer(subject, C);
    long last = subject.status().lastLog().index();
    assertEquals(new Outcome.NotLeader(null), subject.outcome(subject.propose("x")));
    assertEquals(last, subject.status().lastLog().index(), "certainly not appended");
  }

  /** 3.10, step 2: the target's log is brought up to date first. */
  @Test
  void theTargetIsBroughtUpToDateFirst() {
    Subject subject = leader();
    transfer(subject, C);
    assertTrue(subject.nothingSent(Message.TimeoutNow.class));
    subject.receive(C, new Message.AppendRejected(1, id(0, 0), EntryId.NONE, 0));
    subject.receive(C, new Message.Appended(1, 1, 0));
    assertEquals(new Message.TimeoutNow(1), subject.lastSent(C, Message.TimeoutNow.class));
    assertTrue(subject.sent(B, Message.TimeoutNow.class).isEmpty());
  }

  /** 3.10, step 3: the target is told to campaign at once. */
  @Test
  void aTargetThatIsUpToDateIsToldAtOnce() {
    Subject subject = leader();
    transfer(subject, B);
    assertEquals(new Message.TimeoutNow(1), subject.lastSent(B, Message.TimeoutNow.class));
  }

  /** 3.10: the target starts an election without waiting, and without asking first. */
  @Test
  void theTargetCampaignsAtOnce() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0));
    subject.receive(B, new Message.TimeoutNow(1));
    assertEquals(RoleName.CANDIDATE, subject.role());
    assertEquals(new Message.Vote(2, EntryId.NONE, true), subject.lastSent(C, Message.Vote.class));
    assertTrue(subject.nothingSent(Message.PreVote.class));
  }

  /** 3.10: the prior leader votes for the target and steps down when it hears of the new term. */
  @Test
  void thePriorLeaderMakesWay() {
    Subject subject = leader();
    transfer(subject, B);
    subject.receive(B, new Message.Vote(2, id(1, 1), true));
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertTrue(subject.lastSent(B, Message.VoteReply.class).granted());
    assertEquals(new HardState(2, B), subject.host.disk().hardState());
  }

  /** 3.10: not done after about an election timeout, the prior leader aborts and resumes. */
  @Test
  void aTransferThatTakesTooLongIsAborted() {
    Subject subject = leader();
    transfer(subject, C);
    for (int i = 0; i < 10; i++) {
      assertEquals(new Outcome.NotLeader(null), subject.outcome(subject.propose("x")));
      subject.pass(100);
      subject.receive(B, new Message.HeartbeatReply(1, 0));
    }
    assertNull(subject.outcome(subject.propose("x")));
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** Without a wish, to the most up-to-date peer. */
  @Test
  void withoutATargetTheMostUpToDatePeerIsChosen() {
    Subject subject = leader();
    transfer(subject, null);
    assertEquals(new Message.TimeoutNow(1), subject.lastSent(B, Message.TimeoutNow.class));
  }

  /** A wish for the leader itself or for a stranger changes nothing. */
  @Test
  void anImpossibleTargetIsNoWish() {
    Subject subject = leader();
    transfer(subject, A);
    transfer(subject, new NodeId("x"));
    assertTrue(subject.takeSent().isEmpty());
    assertNull(subject.outcome(subject.propose("x")));
  }

  /** The order to campaign may be lost: it is repeated with the heartbeats. */
  @Test
  void theOrderIsRepeated() {
    Subject subject = leader();
    transfer(subject, B);
    subject.pass(200);
    assertTrue(subject.sent(B, Message.TimeoutNow.class).size() >= 2);
  }

  /** Only the leader that is followed, in its term, may order an election. */
  @Test
  void anOrderFromOthersIsIgnored() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(2, EntryId.NONE, 0));
    subject.receive(C, new Message.TimeoutNow(2));
    subject.receive(B, new Message.TimeoutNow(1));
    assertEquals(RoleName.FOLLOWER, subject.role());
    transfer(subject, C);
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(2, subject.status().term());
  }
}
