package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.E;
import static io.lockstep.raft.Subject.OPTIONS;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entries;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import org.junit.jupiter.api.Test;

/** A member whose disk has lost what it may have acknowledged, a rule at a time. */
class RepairPaperTest {
  /** One of so many, at a term, with entries of these terms left, and others lost. */
  private static Subject damaged(int voters, long term, long... left) {
    Subject subject = new Subject(voters, OPTIONS, RaftCore::new);
    subject.host.disk().preset(new HardState(term, null), entries(1, left));
    subject.host.disk().loseAfter(left.length);
    subject.start();
    assertTrue(subject.status().repairing());
    return subject;
  }

  private static Message.Heartbeat heartbeat(long term, long commit, long round) {
    return new Message.Heartbeat(term, commit, round);
  }

  /** Has {@code b}, the leader, answer the question that every follower asks. */
  private static void tell(Subject subject, long index, long last) {
    Message.ReadIndex asked = ask(subject);
    subject.receive(
        B,
        new Message.ReadIndexReply(
            asked.term(), asked.startNumber(), asked.readId(), index, last, 0));
  }

  private static Message.ReadIndex ask(Subject subject) {
    for (int i = 0; i < 50 && subject.nothingSent(Message.ReadIndex.class); i++) {
      subject.pass(10);
      subject.receive(B, heartbeat(subject.status().term(), 0, 0));
    }
    return subject.lastSent(B, Message.ReadIndex.class);
  }

  private static boolean granted(Subject subject, NodeId to) {
    return subject.lastSent(to, Message.VoteReply.class).granted();
  }

  private static boolean votes(Subject subject, long term, EntryId last) {
    subject.pass(1_000);
    subject.takeSent();
    subject.receive(C, new Message.Vote(term, last, false));
    subject.settle();
    return granted(subject, C);
  }

  @Test
  void itVotesForNobodyHoweverMuchACandidateHas() {
    Subject subject = damaged(3, 2, 1, 1);
    subject.receive(B, new Message.PreVote(3, id(2, 9)));
    assertFalse(subject.lastSent(B, Message.PreVoteReply.class).granted());
    subject.receive(B, new Message.Vote(3, id(2, 9), false));
    assertFalse(granted(subject, B));
    subject.receive(C, new Message.Vote(4, id(2, 9), true));
    assertFalse(granted(subject, C));
    assertEquals(new HardState(4, null), subject.host.disk().hardState(), "it knows the term");
  }

  @Test
  void itStartsNoElectionNotEvenWhenTold() {
    Subject subject = damaged(3, 2, 1, 1);
    subject.pass(10_000);
    assertTrue(subject.nothingSent(Message.PreVote.class));
    subject.receive(B, heartbeat(2, 0, 0));
    subject.receive(B, new Message.TimeoutNow(2));
    subject.pass(10);
    assertTrue(subject.nothingSent(Message.Vote.class));
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  @Test
  void itIsOverWhenAllThatTheLeaderHadIsDurable() {
    Subject subject = damaged(3, 2, 1);
    subject.receive(B, append(3, id(1, 1), 1, entry(2, 1), entry(3, 3)));
    tell(subject, 3, 4);
    assertTrue(subject.status().repairing(), "entry 4 lacks");
    subject.slowDisk();
    subject.receive(B, append(3, id(3, 3), 3, entry(4, 3)));
    assertTrue(subject.status().repairing(), "it is not durable");
    assertTrue(subject.host.disk().repairing());
    subject.settle();
    assertFalse(subject.status().repairing());
    assertFalse(subject.host.disk().repairing(), "a later life knows too");
    assertTrue(votes(subject, 9, id(3, 4)));
  }

  @Test
  void theWordMayComeAfterTheEntries() {
    Subject subject = damaged(3, 2, 1);
    subject.receive(B, append(3, id(1, 1), 1, entry(2, 3)));
    assertTrue(subject.status().repairing());
    tell(subject, 2, 2);
    assertFalse(subject.status().repairing());
  }

  /**
   * Entries 8 and 9 were lost, and may have been acknowledged to this very leader; it can not have
   * told of their commit yet, for the acknowledgement may still be on its way.
   */
  @Test
  void whatTheLeaderHasCommittedIsNotEnoughInTheTermOfTheLoss() {
    Subject subject = damaged(3, 2, 1, 2, 2, 2, 2, 2, 2);
    subject.receive(B, append(2, id(2, 7), 7));
    assertEquals(7, subject.status().commitIndex());
    tell(subject, 7, 9);
    assertTrue(subject.status().repairing());
    assertFalse(votes(subject, 3, id(2, 7)), "this candidate lacks 8 and 9");
  }

  @Test
  void anAnswerToAnEarlierLifeSaysNothing() {
    Subject subject = damaged(3, 2, 1);
    subject.receive(B, append(2, id(1, 1), 1, entry(2, 2)));
    Message.ReadIndex asked = ask(subject);
    subject.receive(
        B, new Message.ReadIndexReply(2, asked.startNumber() - 1, asked.readId(), 2, 2, 0));
    assertTrue(subject.status().repairing());
  }

  @Test
  void anotherLeaderHasToSayItAnew() {
    Subject subject = damaged(3, 2, 1);
    subject.receive(B, append(2, id(1, 1), 1));
    tell(subject, 1, 2);
    subject.receive(C, append(3, id(1, 1), 1, entry(2, 3)));
    assertTrue(subject.status().repairing(), "another log may reach as far");
  }

  @Test
  void itOutlivesARestart() {
    Subject subject = damaged(3, 2, 1);
    subject.receive(B, append(2, id(1, 1), 1, entry(2, 2)));
    subject.host.crash(0);
    subject.start();
    assertTrue(subject.status().repairing());
    assertFalse(votes(subject, 3, id(2, 9)));
  }

  /** What a leader knows of it is from before: it must not be taken for what is there now. */
  @Test
  void aCommitIsHeededOnlyAsFarAsTheLogsWereCompared() {
    Subject subject = damaged(3, 2, 1, 1, 1);
    subject.receive(B, heartbeat(3, 2, 5));
    assertEquals(0, subject.status().commitIndex(), "its entry 2 may have been superseded");
    assertEquals(
        new Message.AppendRejected(3, id(3, 2), id(1, 2), 5),
        subject.lastSent(B, Message.AppendRejected.class));
    assertEquals(1, subject.sent(B, Message.HeartbeatReply.class).size());
    subject.receive(B, append(3, id(1, 1), 2, entry(2, 2)));
    assertEquals(2, subject.status().commitIndex());
    assertEquals(id(2, 2), subject.status().lastLog());
  }

  @Test
  void aCommitBeyondItsLogIsAnswered() {
    Subject subject = damaged(3, 2);
    subject.receive(B, heartbeat(2, 8, 1));
    assertEquals(
        new Message.AppendRejected(2, id(2, 8), EntryId.NONE, 1),
        subject.lastSent(B, Message.AppendRejected.class));
  }

  @Test
  void aSnapshotBringsItBackToo() {
    Subject subject = damaged(3, 2);
    subject.receive(B, append(3, id(2, 8), 8, entry(9, 3)));
    tell(subject, 9, 9);
    subject.receiveSnapshot(B, 3, id(2, 8));
    assertTrue(subject.status().repairing());
    subject.receive(B, append(3, id(2, 8), 9, entry(9, 3)));
    assertFalse(subject.status().repairing());
  }

  // ---- The leader's side.

  /** A leader of term 1 with three committed entries, which {@code b} and {@code c} claim. */
  private static Subject leading() {
    Subject leader = Subject.leader(3, 1);
    leader.propose("x");
    leader.propose("y");
    leader.matchAll(B, C);
    assertEquals(3, leader.status().commitIndex());
    leader.pass(100);
    leader.echo(B, C);
    leader.takeSent();
    return leader;
  }

  @Test
  void aLeaderTakesAClaimBackAndSendsWhatLacks() {
    Subject leader = leading();
    leader.receive(C, new Message.AppendRejected(1, id(1, 3), id(1, 1), 1));
    Message.Append sent = leader.lastSent(C, Message.Append.class);
    assertEquals(id(1, 1), sent.previous());
    assertEquals(2, sent.entries().size());
    assertEquals(3, leader.status().commitIndex(), "what is committed stays so");
    leader.receive(C, new Message.Appended(1, 1, 1));
    leader.pass(200);
    assertEquals(1, leader.lastSent(C, Message.Heartbeat.class).commit());
  }

  @Test
  void anOldRejectionTakesNothingBack() {
    Subject leader = leading();
    leader.receive(C, new Message.Appended(1, 3, 1));
    leader.takeSent();
    leader.receive(C, new Message.AppendRejected(1, id(1, 3), id(1, 1), 1));
    assertTrue(leader.nothingSent(Message.Append.class), "the claim is as new as that");
  }

  @Test
  void aClaimThatWasTakenBackCountsNoMore() {
    Subject leader = Subject.leader(5, 1);
    leader.matchAll(B, C);
    leader.pass(100);
    leader.echo(B, C);
    leader.propose("x");
    leader.receive(B, new Message.Appended(1, 2, 1));
    leader.pass(100);
    leader.receive(B, new Message.AppendRejected(1, id(1, 2), id(1, 1), 2));
    leader.receive(C, new Message.Appended(1, 2, 2));
    assertEquals(1, leader.status().commitIndex());
    leader.receive(D, new Message.Appended(1, 2, 2));
    assertEquals(2, leader.status().commitIndex());
    assertEquals(A, leader.status().leader());
    assertTrue(leader.sent(E, Message.Append.class).size() > 0);
  }
}
