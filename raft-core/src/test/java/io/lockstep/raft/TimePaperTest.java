package io.lockstep.raft;

import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replicated time in entries (compare the thesis on sessions, 6.3), pauses and stalled disks. */
class TimePaperTest {
  /** An entry of a log whose cluster time has come far. */
  private static Subject of(long stampMillis) {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    Entry entry = new Entry(1, 1, stampMillis, EntryKind.COMMAND, Bytes.EMPTY);
    subject.host.disk().preset(new HardState(1, null), List.of(entry));
    subject.start();
    return subject;
  }

  private static Subject leader(long stampMillis) {
    Subject subject = of(stampMillis);
    subject.elect();
    subject.matchAll(B, C);
    return subject;
  }

  /** A leader with something due at a cluster time. */
  private static Subject due(long stampMillis, long dueMillis) {
    Subject subject = of(stampMillis);
    subject.host.nextDue(dueMillis);
    subject.elect();
    subject.matchAll(B, C);
    return subject;
  }

  private static long lastStamp(Subject subject) {
    return subject.host.disk().entries().getLast().clusterTimeMillis();
  }

  /** Time passes while a majority answers. */
  private static void passHeard(Subject subject, long millis) {
    for (long passed = 0; passed < millis; passed += 100) {
      subject.pass(100);
      subject.receive(B, new Message.HeartbeatReply(subject.status().term(), 0));
      subject.matchAll(B);
    }
  }

  /** A new leader goes on from its last entry's stamp: the time without a leader does not count. */
  @Test
  void aNewLeaderGoesOnFromTheLastStamp() {
    Subject subject = of(70_000);
    subject.pass(400);
    subject.elect();
    assertEquals(70_000, lastStamp(subject));
  }

  /** Cluster time advances with the leader's monotonic clock. */
  @Test
  void clusterTimeAdvancesWithTheLeadersClock() {
    Subject subject = leader(70_000);
    passHeard(subject, 1_300);
    subject.propose("x");
    assertEquals(71_300, lastStamp(subject));
    assertEquals(71_300, subject.status().clusterTimeMillis());
  }

  /** A pause of the leader after which no one replaced it counts as one election timeout. */
  @Test
  void aGapCountsAsOneElectionTimeout() {
    Subject subject = leader(70_000);
    subject.pause(60_000);
    subject.propose("x");
    assertEquals(71_000, lastStamp(subject));
    passHeard(subject, 100);
    subject.propose("y");
    assertEquals(71_100, lastStamp(subject));
  }

  /** Stamps never decrease along a log, whoever leads. */
  @Test
  void aFollowersClockIsTheLogs() {
    Subject subject = leader(70_000);
    passHeard(subject, 500);
    subject.receive(
        C, append(3, id(2, 2), 2, new Entry(3, 3, 90_000, EntryKind.COMMAND, Bytes.utf8("later"))));
    assertEquals(90_000, subject.status().clusterTimeMillis());
    subject.elect();
    assertEquals(90_000, lastStamp(subject));
  }

  /** While something can fall due, the leader stamps an entry at least once an interval. */
  @Test
  void anIdleLeaderStampsWhileSomethingCanFallDue() {
    Subject subject = due(70_000, 500_000);
    passHeard(subject, 1_000);
    assertEquals(3, subject.status().lastLog().index());
    assertEquals(EntryKind.EMPTY, subject.host.disk().entries().getLast().kind());
    assertEquals(71_000, lastStamp(subject));
    passHeard(subject, 3_000);
    assertEquals(6, subject.status().lastLog().index());
  }

  /** When nothing can fall due, a quiet cluster writes nothing. */
  @Test
  void aQuietClusterWritesNothing() {
    Subject subject = leader(70_000);
    passHeard(subject, 10_000);
    assertEquals(2, subject.status().lastLog().index());
  }

  /** An entry lets expire what is due: strictly after its time, and once. */
  @Test
  void whatIsDueGetsAnEntry() {
    Subject subject = due(70_000, 70_500);
    subject.pass(500);
    assertEquals(2, subject.status().lastLog().index(), "due means later than its time");
    subject.pass(10);
    assertEquals(3, subject.status().lastLog().index());
    assertEquals(70_510, lastStamp(subject));
    subject.pass(100);
    assertEquals(3, subject.status().lastLog().index(), "one is on its way");
  }

  /** Any later entry does. */
  @Test
  void anEntryAfterTheDueTimeIsEnough() {
    Subject subject = due(70_000, 70_500);
    subject.pass(500);
    subject.propose("x");
    subject.pause(10);
    subject.propose("y");
    subject.pass(100);
    assertEquals(4, subject.status().lastLog().index());
  }

  /** A follower that was stopped waits anew: what it has not heard may be on its way. */
  @Test
  void aWokenFollowerDoesNotCampaignOnTheSpot() {
    Subject subject = Subject.fresh();
    subject.receive(B, new Message.Heartbeat(1, 0, 0));
    subject.pause(60_000);
    subject.tick();
    subject.pass(490);
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(B, subject.status().leader());
    subject.pass(600);
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
  }

  /** A woken leader finds out first whether it was replaced. */
  @Test
  void aWokenLeaderFirstListens() {
    Subject subject = leader(0);
    subject.pause(60_000);
    subject.tick();
    assertEquals(RoleName.LEADER, subject.role());
    passHeard(subject, 1_000);
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** 6.2: but not for longer than a minimum election timeout. */
  @Test
  void aWokenLeaderWhomNobodyHearsStepsDown() {
    Subject subject = leader(0);
    subject.pause(60_000);
    subject.pass(480);
    assertEquals(RoleName.LEADER, subject.role());
    subject.pass(40);
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 6.2: and not for one pause after the other. */
  @Test
  void aLeaderThatOnlySleepsStepsDown() {
    Subject subject = leader(0);
    subject.pause(1_100);
    subject.tick();
    subject.pause(1_100);
    subject.tick();
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** A leader whose own disk stands still makes way, though the followers commit without it. */
  @Test
  void aLeaderWithAStalledDiskStepsDown() {
    Subject subject = leader(0);
    subject.slowDisk();
    long ticket = subject.propose("x");
    subject.receive(B, new Message.Appended(2, 3, 0));
    subject.receive(C, new Message.Appended(2, 3, 0));
    assertEquals(new Outcome.Committed(3), subject.outcome(ticket));
    passHeard(subject, 1_000);
    assertEquals(RoleName.LEADER, subject.role());
    subject.pass(20);
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** A lone voter has nobody to make way for. */
  @Test
  void aLoneVoterWithAStalledDiskGoesOn() {
    Subject subject = Subject.of(1, 0);
    subject.tick();
    subject.slowDisk();
    long ticket = subject.propose("x");
    subject.pass(5_000);
    assertEquals(RoleName.LEADER, subject.role());
    assertNull(subject.outcome(ticket));
    subject.settle();
    assertEquals(new Outcome.Committed(2), subject.outcome(ticket));
    assertTrue(subject.status().isLeader());
  }
}
