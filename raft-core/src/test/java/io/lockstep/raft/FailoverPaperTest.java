package io.lockstep.raft;

import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import org.junit.jupiter.api.Test;

/**
 * Failover that need not wait for a time-out: the hint that a peer's process has ended, and the
 * leader that makes way by itself.
 */
class FailoverPaperTest {
  private static Subject follower(NodeId leader) {
    Subject subject = Subject.fresh();
    subject.receive(leader, new Message.Heartbeat(1, 0, 0));
    subject.takeSent();
    return subject;
  }

  private static void gone(Subject subject, NodeId peer) {
    subject.step(new Input.PeerGone(peer));
  }

  private static boolean grantsPreVote(Subject subject, NodeId candidate) {
    subject.receive(candidate, new Message.PreVote(2, EntryId.NONE));
    return subject.lastSent(candidate, Message.PreVoteReply.class).granted();
  }

  /** Who comes right after the leader in the circle of ids asks at once. */
  @Test
  void theNextVoterAsksWithoutWaiting() {
    Subject subject = follower(C);
    gone(subject, C);
    subject.tick();
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    assertEquals(1, subject.status().term(), "asking changes no term");
  }

  /** The others leave it half a heartbeat, so that votes are not split. */
  @Test
  void theOthersTakeTheirTurn() {
    Subject subject = follower(B);
    gone(subject, B);
    subject.pass(40);
    assertTrue(subject.nothingSent(Message.PreVote.class));
    subject.pass(10);
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
  }

  /** A voter that sees the same grants; one that does not, refuses. */
  @Test
  void whoSeesTheLeaderGoneGrants() {
    Subject blind = follower(B);
    assertFalse(grantsPreVote(blind, C));
    Subject sees = follower(B);
    gone(sees, B);
    assertTrue(grantsPreVote(sees, C));
    assertEquals(1, sees.status().term());
  }

  /** A leader that is heard again was not gone. */
  @Test
  void whoHearsTheLeaderAgainWaitsAgain() {
    Subject subject = follower(B);
    gone(subject, B);
    subject.receive(B, new Message.Heartbeat(1, 0, 0));
    assertFalse(grantsPreVote(subject, C));
    subject.takeSent();
    subject.pass(490);
    assertTrue(subject.nothingSent(Message.PreVote.class));
  }

  /** A link that comes and goes makes no churn: one such attempt in an election timeout. */
  @Test
  void oneAttemptInAnElectionTimeout() {
    Subject subject = follower(C);
    gone(subject, C);
    subject.tick();
    subject.receive(C, new Message.Heartbeat(1, 0, 0));
    subject.takeSent();
    for (int i = 0; i < 9; i++) {
      subject.pass(100);
      subject.receive(C, new Message.Heartbeat(1, 0, 0));
      gone(subject, C);
    }
    assertTrue(subject.nothingSent(Message.PreVote.class));
    subject.pass(100);
    subject.receive(C, new Message.Heartbeat(1, 0, 0));
    gone(subject, C);
    subject.tick();
    assertFalse(subject.nothingSent(Message.PreVote.class));
  }

  /** Who is not the leader may come and go. */
  @Test
  void anotherPeersEndChangesNothing() {
    Subject subject = follower(B);
    gone(subject, C);
    subject.pass(400);
    assertTrue(subject.nothingSent(Message.PreVote.class));
    assertFalse(grantsPreVote(subject, C));
  }

  /** A leader is told of its followers' ends too, and goes on. */
  @Test
  void aLeaderGoesOn() {
    Subject subject = Subject.leader(3, 1);
    gone(subject, B);
    subject.tick();
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** A leader whose disk stands still for half a timeout hands over to one that has everything. */
  @Test
  void aLeaderWithAStalledDiskHandsOver() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.slowDisk();
    subject.propose("x");
    subject.receive(C, new Message.Appended(1, 2, 0));
    subject.takeSent();
    subject.pass(250);
    assertTrue(subject.nothingSent(Message.TimeoutNow.class));
    subject.pass(10);
    assertEquals(new Message.TimeoutNow(1), subject.lastSent(C, Message.TimeoutNow.class));
    assertTrue(subject.sent(B, Message.TimeoutNow.class).isEmpty());
  }

  /** When everybody's disk stands still, nobody can do better. */
  @Test
  void aLeaderNoSlowerThanTheOthersStays() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.slowDisk();
    subject.propose("x");
    subject.takeSent();
    subject.pass(500);
    assertTrue(subject.nothingSent(Message.TimeoutNow.class));
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** After a long pause in which nobody took over, it hands over as soon as it is heard again. */
  @Test
  void aLeaderThatSleptHandsOver() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.takeSent();
    subject.pause(5_000);
    subject.tick();
    assertTrue(subject.nothingSent(Message.TimeoutNow.class), "first it listens");
    subject.pass(10);
    subject.receive(B, new Message.HeartbeatReply(1, 0));
    subject.tick();
    assertEquals(new Message.TimeoutNow(1), subject.lastSent(B, Message.TimeoutNow.class));
  }
}
