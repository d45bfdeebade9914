package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static io.lockstep.raft.Subject.membership;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.script.Disk;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The voter's side of lease reads: what a leader's lease rests on (Raft thesis 6.4.1, 4.2.3). */
class LeasePledgePaperTest {
  private static final Membership OFF = new Membership(List.of(A, B, C));
  private static final EntryId LAST = id(1, 2);

  /** One that has heard B this moment, with this lease in its log. */
  private static Subject follower(long leaseMillis) {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1), on(2, leaseMillis)));
    subject.receive(B, new Message.Heartbeat(1, 2, 0));
    pastStart(subject);
    return subject;
  }

  private static Entry on(long index, long leaseMillis) {
    return membership(index, 1, OFF.withLease(leaseMillis));
  }

  /** The start is so long ago that it binds no more; B is heard all the time. */
  private static void pastStart(Subject subject) {
    for (int i = 0; i < 40; i++) {
      subject.pass(50);
      subject.receive(B, new Message.Heartbeat(1, 2, 0));
    }
    subject.takeSent();
  }

  private static boolean votes(Subject subject, boolean transfer) {
    long term = subject.status().term() + 1;
    subject.receive(C, new Message.Vote(term, LAST, transfer));
    return subject.sent(C, Message.VoteReply.class).stream().anyMatch(Message.VoteReply::granted);
  }

  private static boolean preVotes(Subject subject) {
    subject.receive(C, new Message.PreVote(subject.status().term() + 1, LAST));
    return subject.lastSent(C, Message.PreVoteReply.class).granted();
  }

  /** What each of these does without lease reads is in the other paper tests. */
  @Test
  void whoHeardALeaderElectsNobodyForTheLease() {
    Subject subject = follower(500);
    subject.pause(499);
    assertFalse(preVotes(subject));
    assertFalse(votes(subject, false));
    assertEquals(1, subject.status().term(), "and the term stays the leader's");
    subject.pause(1);
    assertTrue(preVotes(subject));
    assertTrue(votes(subject, false));
  }

  /** The lease rests on no option of the voter's. */
  @Test
  void aLeaseLongerThanTheVotersOwnTimeoutsCounts() {
    Subject subject = follower(3_000);
    subject.pass(2_990);
    assertEquals(RoleName.FOLLOWER, subject.role(), "it votes for itself no earlier, either");
    assertTrue(subject.nothingSent(Message.PreVote.class));
    assertFalse(preVotes(subject));
    assertFalse(votes(subject, false));
    subject.pass(1_000);
    assertFalse(subject.nothingSent(Message.PreVote.class));
  }

  /** It was the answer in the earlier term on which the lease rests. */
  @Test
  void aLaterTermFreesNobody() {
    Subject subject = follower(500);
    subject.receive(C, new Message.HeartbeatReply(7, 0));
    assertEquals(7, subject.status().term());
    assertFalse(preVotes(subject));
    assertFalse(votes(subject, false));
    subject.pause(500);
    assertTrue(votes(subject, false));
  }

  /** A process that seems to have ended may only be unreachable. */
  @Test
  void aRefusedConnectionStartsNoElection() {
    Subject subject = follower(500);
    subject.step(new Input.PeerGone(B));
    subject.pass(400);
    assertTrue(subject.nothingSent(Message.PreVote.class));
    assertFalse(preVotes(subject));
  }

  /** What it answered in its earlier life it does not know. */
  @Test
  void whoHasRestartedElectsNobodyForALongestTimeout() {
    Subject subject = follower(500);
    subject.host.crash(0);
    subject.start();
    subject.pause(999);
    assertFalse(preVotes(subject));
    assertFalse(votes(subject, false));
    subject.pause(1);
    assertTrue(votes(subject, false));
  }

  @Test
  void orForTheLeaseIfThatIsLonger() {
    Subject subject = follower(3_000);
    subject.host.crash(0);
    subject.start();
    subject.pass(2_990);
    assertTrue(subject.nothingSent(Message.PreVote.class));
    assertFalse(votes(subject, false));
  }

  /** The only voter there is may have answered a leader that has left. */
  @Test
  void aLoneVoterWaitsToo() {
    Subject subject = Subject.of(1, 0);
    subject.tick();
    subject.change(new MembershipChange.LeaseReads(true));
    subject.host.crash(0);
    subject.start();
    subject.pass(990);
    assertEquals(RoleName.FOLLOWER, subject.role());
    subject.pass(20);
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** 3.10: the leader itself has asked, and has no lease any more. */
  @Test
  void aHandOverNeedNotWait() {
    assertTrue(votes(follower(500), true));
    Subject target = follower(500);
    target.receive(B, new Message.TimeoutNow(1));
    assertEquals(RoleName.CANDIDATE, target.role());
  }

  /** Effective at append: the answer to that very message counts. */
  @Test
  void itBindsFromTheAppendOn() {
    Subject subject = follower(0);
    subject.receive(B, append(1, LAST, 2, on(3, 800)));
    subject.pause(799);
    assertFalse(preVotes(subject));
  }

  /** A leader that did not get that entry may have a lease by the one before. */
  @Test
  void switchedOffItBindsUntilThatIsCommitted() {
    Subject subject = follower(800);
    subject.receive(B, append(1, LAST, 2, on(3, 0)));
    subject.pause(799);
    assertFalse(votes(subject, false));

    Subject committed = follower(800);
    committed.receive(B, append(1, LAST, 3, on(3, 0)));
    committed.step(new Input.PeerGone(B));
    assertTrue(preVotesAfter(committed, id(1, 3)));
  }

  private static boolean preVotesAfter(Subject subject, EntryId last) {
    subject.receive(C, new Message.PreVote(subject.status().term() + 1, last));
    return subject.lastSent(C, Message.PreVoteReply.class).granted();
  }

  /** A snapshot brings the setting to who never had its entry. */
  @Test
  void aSnapshotBringsIt() {
    Subject subject = follower(0);
    SnapshotMeta meta = new SnapshotMeta(id(1, 9), 9, OFF.withLease(800));
    subject.host.disk().receive(new Disk.Stored(meta, entriesTo(9)));
    subject.step(new Input.SnapshotReceived(B, 1, meta));
    assertEquals(800, subject.membership().leaseMillis());
    subject.pause(799);
    assertFalse(preVotesAfter(subject, id(1, 9)));
  }

  private static List<Entry> entriesTo(long last) {
    return Subject.entries(1, LongStream.generate(() -> 1).limit(last).toArray());
  }
}
