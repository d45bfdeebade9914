package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.E;
import static io.lockstep.raft.Subject.F;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.contact;
import static io.lockstep.raft.Subject.id;
import static io.lockstep.raft.Subject.membership;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may become a member, when, and what it is until then: Raft thesis 4.1 and 4.2. */
class MembershipPaperTest {
  private static final Membership ABC = new Membership(List.of(A, B, C));

  /** Leads a, b and c, and has committed an entry of its term. */
  private static Subject leader() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.takeSent();
    return subject;
  }

  private static MembershipChange add(NodeId id) {
    return new MembershipChange.AddLearner(contact(id), false, null);
  }

  private static MembershipChange observe(NodeId id) {
    return new MembershipChange.AddLearner(contact(id), true, null);
  }

  private static Membership withLearner(Membership membership, NodeId id) {
    return membership.withLearner(new Learner(id, false, null), contact(id));
  }

  /** 4.1: the new configuration takes effect on each server as soon as it is in its log. */
  @Test
  void aMembershipIsInForceOnceTheLeaderHasAppendedIt() {
    Subject subject = leader();
    subject.change(add(D));
    assertEquals(withLearner(ABC, D), subject.membership());
    assertEquals(1, subject.status().commitIndex(), "nobody has it yet");
  }

  /** 4.1: the same at a follower, which does not wait for the commit either. */
  @Test
  void aMembershipIsInForceOnceAFollowerHasAppendedIt() {
    Subject subject = Subject.fresh();
    Membership joint = ABC.joining(List.of(A, B));
    List<Effect> effects = subject.receive(B, append(1, EntryId.NONE, 0, membership(1, 1, joint)));
    assertEquals(joint, subject.membership());
    assertTrue(effects.contains(new Effect.MembershipChanged(id(1, 1), joint, List.of(B, C))));
  }

  /** 4.1: if the entry is removed from the log the server falls back to the one before. */
  @Test
  void aTruncatedMembershipBringsBackTheOneBefore() {
    Subject subject = Subject.fresh();
    Membership first = withLearner(ABC, D);
    Membership second = first.joining(List.of(A, B));
    subject.receive(
        B, append(1, EntryId.NONE, 1, membership(1, 1, first), membership(2, 1, second)));
    assertEquals(second, subject.membership());
    List<Effect> effects = subject.receive(C, append(2, id(1, 1), 1, Subject.entry(2, 2)));
    assertEquals(first, subject.membership());
    assertTrue(effects.contains(new Effect.MembershipChanged(id(1, 1), first, List.of(B, C, D))));
  }

  /** 4.1: a server that restarts goes by the latest one in its log, committed or not. */
  @Test
  void aRestartGoesByTheLog() {
    Subject subject = Subject.fresh();
    subject.receive(
        B, append(1, EntryId.NONE, 0, membership(1, 1, withLearner(ABC, D)), Subject.entry(2, 1)));
    subject.host.tailMax(1);
    subject.host.crash(0);
    subject.start();
    assertEquals(withLearner(ABC, D), subject.membership());
  }

  /** 4.1: a change may begin only after the one before is committed. */
  @Test
  void oneChangeAtATime() {
    Subject subject = leader();
    long first = subject.change(add(D));
    long second = subject.change(add(E));
    assertEquals(new ChangeRefusal.InFlight(2), subject.refusal(second));
    assertNull(subject.changed(first));
    subject.matchAll(B);
    assertEquals(new ChangeOutcome.Done(2, withLearner(ABC, D)), subject.changed(first));
    assertNull(subject.changed(subject.change(add(E))));
  }

  /** Ongaro 2015: nor before the leader has committed an entry of its own term. */
  @Test
  void noChangeBeforeTheFirstCommitOfTheTerm() {
    Subject subject = Subject.leader(3, 5, 1, 1);
    long early = subject.change(add(D));
    assertEquals(new ChangeRefusal.LeaderTooNew(), subject.refusal(early));
    assertEquals(3, subject.status().lastLog().index(), "nothing was appended");
    subject.matchAll(B);
    assertNull(subject.changed(subject.change(add(D))));
  }

  /** Only a leader changes the membership. */
  @Test
  void aFollowerChangesNothing() {
    Subject subject = Subject.fresh();
    subject.receive(B, new Message.Heartbeat(1, 0, 0));
    assertEquals(new ChangeOutcome.NotLeader(B), subject.changed(subject.change(add(D))));
  }

  /** A leader that loses its office does not know what becomes of the change. */
  @Test
  void aDeposedLeaderDoesNotKnow() {
    Subject subject = leader();
    long ticket = subject.change(add(D));
    subject.receive(B, new Message.Heartbeat(2, 0, 0));
    assertEquals(new ChangeOutcome.Unknown(), subject.changed(ticket));
  }

  /** 4.1: a server accepts entries from a leader that is not in its configuration. */
  @Test
  void aLeaderNeedNotBeInTheMembership() {
    Subject subject = Subject.fresh();
    subject.receive(E, append(3, EntryId.NONE, 0, Subject.entry(1, 3)));
    assertEquals(E, subject.status().leader());
    assertEquals(new Message.Appended(3, 1, 0), subject.lastSent(E, Message.Appended.class));
  }

  /** 4.1: a server gives its vote to a candidate that is not in its configuration. */
  @Test
  void aCandidateNeedNotBeInTheMembership() {
    Subject subject = Subject.fresh();
    subject.receive(E, new Message.PreVote(1, EntryId.NONE));
    assertTrue(subject.lastSent(E, Message.PreVoteReply.class).granted());
    subject.receive(E, new Message.Vote(1, EntryId.NONE, false));
    assertTrue(subject.lastSent(E, Message.VoteReply.class).granted());
  }

  /** 4.2.1: the leader replicates entries to a learner. */
  @Test
  void aLearnerGetsTheLog() {
    Subject subject = leader();
    List<Effect> effects =
        subject.step(new Input.ChangeMembership(77, add(D), List.of(contact(B))));
    Membership expected = withLearner(ABC, D).withContacts(List.of(contact(B)));
    Effect told = new Effect.MembershipChanged(id(1, 2), expected, List.of(B, C, D));
    assertTrue(effects.contains(told), "so that it can be reached");
    subject.receive(D, new Message.AppendRejected(1, id(1, 2), EntryId.NONE, 0));
    Message.Append sent = subject.lastSent(D, Message.Append.class);
    assertEquals(EntryId.NONE, sent.previous());
    assertEquals(2, sent.entries().size());
    assertTrue(effects.indexOf(told) < indexOfSend(effects, D), "before it is sent something");
  }

  private static int indexOfSend(List<Effect> effects, NodeId to) {
    for (int i = 0; i < effects.size(); i++) {
      if (effects.get(i) instanceof Effect.Send send && send.to().equals(to)) {
        return i;
      }
    }
    throw new AssertionError("nothing was sent to " + to);
  }

  /** 4.2.1: it is not counted towards majorities for commitment. */
  @Test
  void aLearnerCommitsNothing() {
    Subject subject = leader();
    subject.change(observe(D));
    subject.matchAll(B, C);
    long ticket = subject.propose("x");
    subject.receive(D, new Message.Appended(1, 3, 0));
    assertNull(subject.outcome(ticket));
    subject.receive(B, new Message.Appended(1, 3, 0));
    assertEquals(new Outcome.Committed(3), subject.outcome(ticket));
  }

  /** 4.2.1: nor is it asked for its vote, nor counted when it gives one. */
  @Test
  void aLearnerElectsNobody() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 1, membership(1, 1, withLearner(ABC, D))));
    subject.timeOut();
    assertTrue(subject.sent(D, Message.PreVote.class).isEmpty());
    subject.receive(D, new Message.PreVoteReply(2, true));
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    subject.receive(B, new Message.PreVoteReply(2, true));
    assertEquals(RoleName.CANDIDATE, subject.role());
    assertTrue(subject.sent(D, Message.Vote.class).isEmpty());
  }

  /** 4.2.1: it never asks for votes itself; nor does one that nobody has told of anything. */
  @Test
  void aLearnerNeverCampaigns() {
    Subject subject = Subject.fresh();
    Membership learning = withLearner(new Membership(List.of(B, C)), A);
    subject.receive(B, append(1, EntryId.NONE, 0, membership(1, 1, learning)));
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    subject.takeSent();
    subject.pass(3_000);
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertTrue(subject.nothingSent(Message.PreVote.class));
    assertNull(subject.status().leader(), "its leader is not taken for there any more");
    subject.receive(B, new Message.TimeoutNow(1));
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 4.2.1, 6.4: but it serves reads, at the index that the leader confirms. */
  @Test
  void aLearnerServesReads() {
    Subject leader = leader();
    leader.change(observe(D));
    leader.matchAll(B);
    leader.receive(D, new Message.ReadIndex(1, 1, 1));
    leader.echo(C);
    assertEquals(
        new Message.ReadIndexReply(1, 1, 1, 2, 2, leader.status().clusterTimeMillis()),
        leader.lastSent(D, Message.ReadIndexReply.class));
  }

  /** 4.2.1: a learner confirms no leader, neither for reads nor for its staying in office. */
  @Test
  void aLearnerConfirmsNoLeader() {
    Subject subject = leader();
    subject.change(observe(D));
    subject.matchAll(B, C);
    long ticket = subject.read();
    subject.echo(D);
    assertNull(subject.outcome(ticket));
    for (int i = 0; i < 11; i++) {
      subject.pass(100);
      subject.receive(D, new Message.HeartbeatReply(1, 0));
    }
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 4.2.1: rounds; the last one took less than an election timeout, so it becomes a voter. */
  @Test
  void aLearnerThatIsCaughtUpBecomesAVoter() {
    Subject subject = leader();
    subject.change(add(D));
    subject.matchAll(B, C);
    subject.receive(D, new Message.Appended(1, 2, 0));
    subject.tick();
    assertEquals(List.of(A, B, C, D), subject.membership().voters());
    assertEquals(List.of(A, B, C), subject.membership().outgoing());
    assertTrue(subject.membership().learners().isEmpty());
    subject.matchAll(B, C, D);
    assertFalse(subject.membership().joint());
    assertEquals(List.of(A, B, C, D), subject.membership().voters());
  }

  /** 4.2.1: a round that takes longer is followed by another. */
  @Test
  void aLearnerThatIsSlowStaysOne() {
    Subject subject = leader();
    long asked = subject.change(add(D));
    subject.matchAll(B, C);
    assertEquals(new ChangeOutcome.Done(2, withLearner(ABC, D)), subject.changed(asked));
    for (int i = 0; i < 6; i++) {
      subject.pass(100);
      subject.matchAll(B, C);
    }
    subject.propose("x");
    subject.matchAll(B, C);
    subject.receive(D, new Message.Appended(1, 2, 0));
    subject.tick();
    assertFalse(subject.membership().joint(), "the first round took 600 ms");
    assertEquals(
        new ChangeRefusal.NotCaughtUp(D, 2, 3),
        subject.refusal(subject.change(new MembershipChange.Promote(D))));
    subject.receive(D, new Message.Appended(1, 3, 0));
    subject.tick();
    assertTrue(subject.membership().joint(), "the second one was short");
  }

  /** An observer stays a learner until somebody says otherwise. */
  @Test
  void anObserverIsPromotedOnDemandOnly() {
    Subject subject = leader();
    subject.change(observe(D));
    subject.matchAll(B, C);
    subject.receive(D, new Message.Appended(1, 2, 0));
    subject.tick();
    assertFalse(subject.membership().joint());
    long ticket = subject.change(new MembershipChange.Promote(D));
    assertTrue(subject.membership().joint());
    subject.matchAll(B, C, D);
    subject.matchAll(B, C, D);
    assertTrue(subject.changed(ticket) instanceof ChangeOutcome.Done);
  }

  /** A learner goes as it came: no quorum changes. */
  @Test
  void aLearnerLeavesInOneStep() {
    Subject subject = leader();
    subject.change(observe(D));
    subject.matchAll(B, C);
    long ticket = subject.change(new MembershipChange.Remove(D));
    assertFalse(subject.membership().joint());
    subject.matchAll(B);
    assertEquals(new ChangeOutcome.Done(3, ABC), subject.changed(ticket));
  }

  /** What cannot be, and says so. */
  @Test
  void impossibleWishesAreRefused() {
    Subject subject = leader();
    assertEquals(new ChangeRefusal.AlreadyMember(B), subject.refusal(subject.change(add(B))));
    assertEquals(
        new ChangeRefusal.UnknownMember(F),
        subject.refusal(subject.change(new MembershipChange.Remove(F))));
    assertEquals(
        new ChangeRefusal.UnknownMember(F),
        subject.refusal(subject.change(new MembershipChange.Promote(F))));
    assertEquals(
        new ChangeRefusal.AlreadyMember(B),
        subject.refusal(subject.change(new MembershipChange.Promote(B))));
    assertEquals(
        new ChangeRefusal.UnknownMember(F),
        subject.refusal(subject.change(new MembershipChange.AddLearner(contact(D), false, F))));
    assertThrows(
        IllegalArgumentException.class, () -> new MembershipChange.AddLearner(contact(D), true, B));
  }

  /** Two members with one directory would be one that votes twice. */
  @Test
  void aDirectoryIsOneMembers() {
    Subject subject = leader();
    Contact twin = new Contact(D, contact(B).storage(), "d:1", "");
    MembershipChange change = new MembershipChange.AddLearner(twin, false, null);
    subject.step(new Input.ChangeMembership(99, change, List.of(contact(B))));
    assertEquals(new ChangeRefusal.AlreadyMember(B), subject.refusal(99));
  }

  /** There is room for so many voters and learners. */
  @Test
  void thereIsABoundToMembers() {
    Subject subject = leader();
    for (int i = 0; i < Membership.LEARNERS_MAX; i++) {
      assertNull(subject.changed(subject.change(observe(new NodeId("o" + i)))));
      subject.matchAll(B, C);
    }
    assertEquals(
        new ChangeRefusal.TooManyLearners(16), subject.refusal(subject.change(observe(D))));
    Subject wide = leader();
    for (int i = 0; i < 4; i++) {
      assertNull(wide.changed(wide.change(add(new NodeId("v" + i)))));
      wide.matchAll(B, C);
    }
    assertEquals(new ChangeRefusal.TooManyVoters(7), wide.refusal(wide.change(add(D))));
  }
}
