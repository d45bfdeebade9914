package io.lockstep.raft;

import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.script.Disk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the thesis says of log compaction (chapter 5), a sentence at a time. */
class SnapshotPaperTest {
  private static final SnapshotOptions SMALL = new SnapshotOptions(10, 10_000, 4, 3, 400, 200);
  private static final RaftOptions OPTIONS = Subject.OPTIONS.withSnapshots(SMALL);

  /** A follower of {@code b} in term 2 that has applied so many entries of term 2. */
  private static Subject following(int entries) {
    Subject subject = started(1);
    subject.receive(B, append(2, EntryId.NONE, 0, of(1, entries)));
    subject.receive(B, append(2, id(2, entries), entries));
    assertEquals(entries, subject.status().appliedIndex());
    subject.takeSent();
    return subject;
  }

  private static Subject started(long term) {
    Subject subject = new Subject(3, OPTIONS, RaftCore::new);
    subject.host.disk().preset(new HardState(term, null), List.of());
    subject.start();
    return subject;
  }

  private static Entry[] of(long from, long to) {
    Entry[] entries = new Entry[(int) (to - from + 1)];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = entry(from + i, 2);
    }
    return entries;
  }

  /** A leader of term 2 whose log was compacted up to 20, all of it committed. */
  private static Subject leading() {
    Subject subject = Subject.restored(OPTIONS, 1, id(1, 20));
    subject.elect();
    subject.matchAll(B);
    subject.takeSent();
    return subject;
  }

  /** Has {@code c} say that it holds nothing after {@code hint}. */
  private static List<Effect> rejects(Subject leader, EntryId hint) {
    Message.Append sent = leader.lastSent(C, Message.Append.class);
    return leader.receive(
        C, new Message.AppendRejected(leader.status().term(), sent.previous(), hint, 0));
  }

  private static Subject sending() {
    Subject leader = Subject.restored(OPTIONS, 1, id(1, 20));
    leader.elect();
    assertEquals(
        List.of(new Effect.SendSnapshot(C, leader.status().term())), rejects(leader, EntryId.NONE));
    leader.matchAll(B);
    leader.takeSent();
    return leader;
  }

  private static long count(List<Effect> effects, Class<? extends Effect> kind) {
    return effects.stream().filter(kind::isInstance).count();
  }

  private static List<Effect> sendsSnapshots(List<Effect> effects) {
    return effects.stream().filter(Effect.SendSnapshot.class::isInstance).toList();
  }

  // ---- 5.1: each server takes snapshots of its own, covering what is committed in its log.

  @Test
  void onceASnapshotIsWrittenTheLogUpToItIsDiscardedButForATail() {
    Subject follower = following(10);
    assertEquals(List.of(new Effect.CompactLog(8)), follower.takeSnapshot(false));
    follower.settle();
    assertEquals(id(2, 7), follower.host.disk().start());
    assertEquals(10, follower.status().lastLog().index());
  }

  @Test
  void noTailIsKeptWhereRoomIsScarce() {
    Subject follower = following(10);
    assertEquals(List.of(new Effect.CompactLog(11)), follower.takeSnapshot(true));
  }

  @Test
  void noMoreOfATailIsKeptThanIsInMemory() {
    RaftOptions tiny = new RaftOptions(100, 500, 1_000, 1_000, 4, 4_000, 60, 9_000, 8, 1_000);
    Subject follower = new Subject(3, tiny, RaftCore::new);
    follower.start();
    follower.receive(B, append(2, EntryId.NONE, 0, of(1, 10)));
    follower.receive(B, append(2, id(2, 10), 10));
    assertEquals(List.of(new Effect.CompactLog(10)), follower.takeSnapshot(false));
  }

  @Test
  void anOlderSnapshotCompactsNothing() {
    Subject follower = following(10);
    SnapshotMeta older = Subject.snapshot(id(2, 9)).meta();
    follower.takeSnapshot(false);
    assertEquals(List.of(), follower.step(new Input.SnapshotStored(older, true)));
  }

  @Test
  void aSnapshotOfWhatIsNotAppliedIsNone() {
    Subject follower = following(10);
    SnapshotMeta beyond = Subject.snapshot(id(2, 11)).meta();
    assertThrows(
        Invariant.Broken.class, () -> follower.step(new Input.SnapshotStored(beyond, false)));
  }

  @Test
  void whatIsNotFlushedYetIsNotDiscarded() {
    Subject follower = started(1);
    follower.receive(B, append(2, EntryId.NONE, 0, of(1, 4)));
    follower.slowDisk();
    follower.receive(B, append(2, id(2, 4), 8, of(5, 8)));
    follower.host.applyAll(follower.nanos());
    assertEquals(8, follower.status().appliedIndex());
    assertEquals(List.of(new Effect.CompactLog(5)), follower.takeSnapshot(true));
    follower.settle();
    assertEquals(8, follower.status().flushedIndex());
    assertEquals(8, follower.lastSent(B, Message.Appended.class).match());
  }

  /** "The last included index and term are kept to support the AppendEntries check" (5.1). */
  @Test
  void theFirstEntryAfterASnapshotIsCheckedAgainstIt() {
    Subject follower = following(10);
    follower.takeSnapshot(true);
    follower.receive(B, append(2, id(1, 10), 10, entry(11, 2)));
    assertEquals(1, follower.sent(B, Message.AppendRejected.class).size(), "another term there");
    follower.receive(B, append(2, id(2, 10), 11, entry(11, 2)));
    assertEquals(11, follower.lastSent(B, Message.Appended.class).match());
    assertEquals(11, follower.status().appliedIndex());
  }

  @Test
  void aMessageThatReachesBackIntoTheSnapshotAddsWhatIsNew() {
    Subject follower = following(10);
    follower.takeSnapshot(true);
    List<Effect> effects = follower.receive(B, append(2, id(2, 4), 12, of(5, 12)));
    assertTrue(effects.contains(new Effect.AppendLog(2, List.of(of(11, 12)))), effects.toString());
    assertEquals(12, follower.lastSent(B, Message.Appended.class).match());
    follower.receive(B, append(2, id(2, 4), 12, of(5, 6)));
    assertEquals(12, follower.lastSent(B, Message.Appended.class).match(), "all of it compacted");
  }

  @Test
  void aNodeStartsFromItsSnapshot() {
    Subject subject = Subject.restored(3, id(2, 9), 2, 3);
    assertEquals(9, subject.status().commitIndex());
    assertEquals(9, subject.status().appliedIndex());
    assertEquals(id(3, 11), subject.status().lastLog());
    subject.elect();
    subject.matchAll(B);
    assertEquals(12, subject.status().appliedIndex(), "its log goes on after it");
  }

  /** The snapshot's last entry counts where logs are compared (3.6.1). */
  @Test
  void aLogThatIsAllInTheSnapshotIsAsUpToDateAsItsLastEntry() {
    Subject subject = Subject.restored(3, id(2, 9));
    subject.receive(B, new Message.Vote(4, id(2, 8), false));
    assertFalse(subject.lastSent(B, Message.VoteReply.class).granted());
    subject.receive(C, new Message.Vote(5, id(2, 9), false));
    assertTrue(subject.lastSent(C, Message.VoteReply.class).granted());
  }

  @Test
  void clusterTimeGoesOnFromTheSnapshot() {
    Subject subject = Subject.restored(3, id(2, 9));
    assertEquals(9, subject.status().clusterTimeMillis());
    subject.elect();
    List<Entry> opened = subject.lastSent(B, Message.Append.class).entries();
    assertTrue(opened.getFirst().clusterTimeMillis() >= 9, opened.toString());
  }

  // ---- 5.3: a leader that has discarded the next entry to send sends its snapshot.

  @Test
  void aFollowerBehindTheLogIsSentASnapshot() {
    Subject leader = Subject.restored(OPTIONS, 1, id(1, 20));
    leader.elect();
    long term = leader.status().term();
    assertEquals(List.of(new Effect.SendSnapshot(C, term)), rejects(leader, id(1, 12)));
  }

  @Test
  void aFollowerThatEndsWhereTheLogStartsIsSentEntries() {
    Subject leader = Subject.restored(OPTIONS, 1, id(1, 20), 1, 1);
    leader.elect();
    assertEquals(List.of(), sendsSnapshots(rejects(leader, id(1, 20))));
    Message.Append sent = leader.lastSent(C, Message.Append.class);
    assertEquals(id(1, 20), sent.previous());
    assertEquals(3, sent.entries().size());
  }

  @Test
  void oneThatEndsBeforeItIsSentASnapshot() {
    Subject leader = Subject.restored(OPTIONS, 1, id(1, 20), 1, 1);
    leader.elect();
    assertEquals(1, sendsSnapshots(rejects(leader, id(1, 19))).size());
  }

  @Test
  void aFollowerThatFallsBehindWhileItIsStreamedToIsSentASnapshot() {
    Subject leader = leading();
    leader.matchAll(C);
    leader.pause(600);
    for (int i = 0; i < 12; i++) {
      leader.propose("x");
      leader.matchAll(B);
    }
    assertEquals(33, leader.status().appliedIndex());
    leader.takeSnapshot(false);
    assertEquals(List.of(), leader.host.takeSending(), "one who is silent is sent nothing");
    leader.receive(C, new Message.HeartbeatReply(leader.status().term(), 0));
    assertEquals(
        List.of(new Effect.SendSnapshot(C, leader.status().term())), leader.host.takeSending());
  }

  @Test
  void oneSnapshotIsUnderWayAtATime() {
    Subject leader = sending();
    for (int i = 0; i < 50; i++) {
      leader.pass(100);
      leader.echo(B, C);
    }
    assertEquals(1, leader.host.takeSending().size());
    assertTrue(leader.status().isLeader());
  }

  @Test
  void theFollowerKeepsHearingTheLeaderMeanwhile() {
    Subject leader = sending();
    leader.pass(1_000);
    assertTrue(leader.sent(C, Message.Heartbeat.class).size() >= 9);
    assertEquals(List.of(), leader.sent(C, Message.Append.class));
  }

  @Test
  void aSnapshotThatDidNotGetThroughIsSentAgainAfterAWhile() {
    Subject leader = sending();
    leader.host.takeSending();
    long term = leader.status().term();
    leader.step(new Input.SnapshotSent(C, term, 0, false));
    leader.pass(100);
    leader.echo(B, C);
    assertEquals(List.of(), leader.host.takeSending());
    leader.pass(100);
    leader.echo(B, C);
    assertEquals(id(1, 20), leader.lastSent(C, Message.Append.class).previous(), "it asks anew");
    rejects(leader, id(1, 12));
    assertEquals(List.of(new Effect.SendSnapshot(C, term)), leader.host.takeSending());
  }

  /** Its answer was lost: it refuses a snapshot that it has no use for, again and again. */
  @Test
  void aFollowerThatTookNoSnapshotMayBeFurtherThanKnown() {
    Subject leader = sending();
    leader.host.takeSending();
    long term = leader.status().term();
    leader.step(new Input.SnapshotSent(C, term, 0, false));
    leader.pass(200);
    leader.echo(B, C);
    leader.takeSent();
    leader.receive(C, new Message.Appended(term, 20, 0));
    leader.propose("x");
    assertEquals(22, leader.lastSent(C, Message.Append.class).entries().getLast().index());
    assertEquals(List.of(), leader.host.takeSending());
  }

  @Test
  void anAnswerToAnEarlierTermSaysNothing() {
    Subject leader = sending();
    long term = leader.status().term();
    leader.step(new Input.SnapshotSent(C, term - 1, 20, true));
    leader.pass(300);
    leader.echo(B, C);
    assertEquals(List.of(), leader.sent(C, Message.Append.class));
  }

  @Test
  void whatFollowsIsSentOnceTheSnapshotIsThere() {
    Subject leader = sending();
    leader.step(new Input.SnapshotSent(C, leader.status().term(), 20, true));
    Message.Append next = leader.lastSent(C, Message.Append.class);
    assertEquals(id(1, 20), next.previous());
    leader.receive(C, new Message.Appended(leader.status().term(), 21, 0));
    leader.propose("x");
    assertEquals(22, leader.lastSent(C, Message.Append.class).entries().getFirst().index());
  }

  @Test
  void aFollowerThatHoldsMoreThanThoughtNeedsNoSnapshot() {
    Subject leader = sending();
    leader.receive(C, new Message.Appended(leader.status().term(), 20, 0));
    assertEquals(id(1, 20), leader.lastSent(C, Message.Append.class).previous());
  }

  @Test
  void deliveryAloneMakesNoMatch() {
    Subject leader = Subject.restored(OPTIONS, 1, id(1, 20));
    leader.elect();
    rejects(leader, EntryId.NONE);
    leader.step(new Input.SnapshotSent(C, leader.status().term(), 21, true));
    assertEquals(20, leader.status().commitIndex());
  }

  /** Else a follower that has just got a snapshot would need the next one at once. */
  @Test
  void whatAFollowerWantsThatCatchesUpIsKeptWithinABound() {
    Subject leader = sending();
    for (int i = 0; i < 6; i++) {
      leader.propose("x");
      leader.matchAll(B);
    }
    leader.receive(C, new Message.HeartbeatReply(leader.status().term(), 0));
    assertEquals(0, count(leader.takeSnapshot(true), Effect.CompactLog.class));
    for (int i = 0; i < 12; i++) {
      leader.propose("x");
      leader.matchAll(B);
    }
    leader.receive(C, new Message.HeartbeatReply(leader.status().term(), 0));
    assertEquals(List.of(new Effect.CompactLog(40)), leader.takeSnapshot(true), "too much since");
  }

  // ---- 5.3: the follower's side.

  /** "The follower discards its entire log; it is all superseded by the snapshot." */
  @Test
  void aSnapshotBeyondTheLogReplacesIt() {
    Subject follower = following(4);
    List<Effect> effects = follower.receiveSnapshot(B, 2, id(2, 20));
    assertTrue(
        effects.contains(new Effect.RestoreSnapshot(Subject.snapshot(id(2, 20)).meta(), false)),
        effects.toString());
    assertEquals(id(2, 20), follower.status().lastLog());
    assertEquals(20, follower.status().commitIndex());
    assertEquals(20, follower.status().appliedIndex());
    assertEquals(20, follower.host.applied().size());
    assertEquals(List.of(), follower.host.disk().entries());
    assertEquals(20, follower.lastSent(B, Message.Appended.class).match());
  }

  /** "... may possibly have uncommitted entries that conflict with the snapshot." */
  @Test
  void aLogThatConflictsWithTheSnapshotIsReplaced() {
    Subject follower = started(1);
    follower.receive(B, append(2, EntryId.NONE, 2, of(1, 9)));
    follower.receiveSnapshot(C, 3, id(3, 6));
    assertEquals(id(3, 6), follower.status().lastLog());
    assertEquals(List.of(), follower.host.disk().entries());
  }

  /** "Entries following the snapshot are still valid and must be retained." */
  @Test
  void whatFollowsTheSnapshotsLastEntryStays() {
    Subject follower = started(1);
    follower.receive(B, append(2, EntryId.NONE, 2, of(1, 9)));
    follower.receiveSnapshot(B, 2, id(2, 6));
    assertEquals(id(2, 9), follower.status().lastLog());
    assertEquals(6, follower.status().appliedIndex());
    assertEquals(List.of(of(7, 9)), follower.host.disk().entries());
    assertEquals(9, follower.lastSent(B, Message.Appended.class).match());
    follower.receive(B, append(2, id(2, 9), 9));
    assertEquals(9, follower.status().appliedIndex());
  }

  @Test
  void aSnapshotThatHoldsNothingNewIsNotInstalled() {
    Subject follower = following(10);
    assertEquals(List.of(), follower.receiveSnapshot(B, 2, id(2, 10)));
    assertEquals(10, follower.status().lastLog().index());
  }

  @Test
  void aSnapshotOfAnEarlierTermIsNotInstalled() {
    Subject follower = following(4);
    follower.receive(C, new Message.Heartbeat(3, 0, 0));
    assertEquals(List.of(), follower.receiveSnapshot(B, 2, id(2, 20)));
    assertEquals(C, follower.status().leader());
  }

  @Test
  void aSnapshotOfALaterTermBringsThatTerm() {
    Subject follower = following(4);
    follower.receiveSnapshot(C, 5, id(2, 20));
    assertEquals(5, follower.status().term());
    assertEquals(C, follower.status().leader());
    assertEquals(20, follower.lastSent(C, Message.Appended.class).match());
  }

  /** A leader may be one that this node does not know yet (4.1). */
  @Test
  void aSnapshotBringsTheMembershipInForceThere() {
    Subject follower = following(4);
    NodeId stranger = new NodeId("z");
    Membership other = new Membership(List.of(Subject.A, B, stranger));
    SnapshotMeta meta = new SnapshotMeta(id(2, 20), 20, other);
    follower.host.disk().receive(new Disk.Stored(meta, Subject.snapshot(id(2, 20)).state()));
    follower.step(new Input.SnapshotReceived(stranger, 5, meta));
    assertEquals(other, follower.status().membership());
    assertEquals(stranger, follower.status().leader());
    follower.host.crash(0);
    follower.start();
    assertEquals(other, follower.status().membership(), "and the next start knows it");
  }

  private static Subject installing() {
    Subject follower = following(4);
    follower.slowDisk();
    follower.receiveSnapshot(B, 2, id(2, 20));
    follower.takeSent();
    return follower;
  }

  @Test
  void nothingIsClaimedBeforeTheStateIsRestored() {
    Subject follower = installing();
    follower.receive(B, new Message.Heartbeat(2, 4, 1));
    follower.receive(B, append(2, id(2, 20), 20, entry(21, 2)));
    assertEquals(1, follower.sent(B, Message.HeartbeatReply.class).size(), "it is still there");
    assertTrue(follower.nothingSent(Message.Appended.class));
    assertEquals(id(2, 4), follower.status().lastLog());
    follower.settle();
    assertEquals(20, follower.lastSent(B, Message.Appended.class).match());
  }

  @Test
  void itDoesNotCampaignBeforeTheStateIsRestored() {
    Subject follower = installing();
    follower.pass(3_000);
    follower.receive(B, new Message.TimeoutNow(2));
    assertEquals(RoleName.FOLLOWER, follower.role());
    assertTrue(follower.nothingSent(Message.PreVote.class));
    follower.settle();
    follower.pass(490);
    assertTrue(follower.nothingSent(Message.PreVote.class), "it waits anew");
    follower.timeOut();
  }

  @Test
  void itVotesMeanwhileByTheLogThatItStillHas() {
    Subject follower = installing();
    follower.pass(1_000);
    follower.receive(C, new Message.Vote(3, id(2, 3), false));
    follower.settle();
    assertFalse(follower.lastSent(C, Message.VoteReply.class).granted());
  }

  @Test
  void aSecondSnapshotMeanwhileIsNotInstalled() {
    Subject follower = installing();
    assertEquals(0, count(follower.step(received(30)), Effect.RestoreSnapshot.class));
    follower.settle();
    assertEquals(20, follower.status().appliedIndex());
  }

  private static Input received(long index) {
    return new Input.SnapshotReceived(B, 2, Subject.snapshot(id(2, index)).meta());
  }

  @Test
  void aNewLeaderIsToldWhatTheSnapshotStandsFor() {
    Subject follower = installing();
    follower.receive(C, new Message.Heartbeat(3, 0, 0));
    follower.settle();
    assertEquals(20, follower.lastSent(C, Message.Appended.class).match());
  }

  @Test
  void readersAreServedFromTheRestoredState() {
    Subject follower = following(4);
    long ticket = follower.read();
    Message.ReadIndex ask = follower.lastSent(B, Message.ReadIndex.class);
    follower.receive(B, new Message.ReadIndexReply(2, ask.startNumber(), ask.readId(), 20, 20, 0));
    assertNull(follower.outcome(ticket));
    follower.receiveSnapshot(B, 2, id(2, 20));
    assertEquals(new Outcome.ReadAt(20), follower.outcome(ticket));
  }

  @Test
  void nothingIsAppliedBetweenTheInstallationAndTheRestore() {
    Subject follower = started(1);
    follower.receive(B, append(2, EntryId.NONE, 0, of(1, 9)));
    follower.slowDisk();
    follower.receiveSnapshot(B, 2, id(2, 6));
    List<Effect> effects = follower.receive(B, new Message.Heartbeat(2, 9, 0));
    assertEquals(0, count(effects, Effect.Apply.class));
    follower.settle();
    follower.receive(B, new Message.Heartbeat(2, 9, 0));
    follower.settle();
    assertEquals(9, follower.status().appliedIndex());
  }

  /** "If the follower crashes, it starts from the old state or the new one." */
  @Test
  void aCrashInTheMiddleOfAnInstallationLeavesOneOrTheOther() {
    Subject follower = installing();
    follower.host.crash(0);
    follower.start();
    assertEquals(id(2, 4), follower.status().lastLog());

    follower = installing();
    follower.host.crashWithin(0);
    follower.start();
    assertEquals(id(2, 20), follower.status().lastLog());
    assertEquals(20, follower.status().appliedIndex());
  }

  @Test
  void aLeaderReadsNothingThatWasCompactedSinceItWasAskedFor() {
    RaftOptions tiny =
        new RaftOptions(100, 500, 1_000, 150, 4, 4_000, 60, 9_000, 8, 1_000)
            .withSnapshots(new SnapshotOptions(10, 10_000, 4, 0, 0, 200));
    Subject leader = new Subject(3, tiny, RaftCore::new);
    leader.start();
    leader.elect();
    for (int i = 0; i < 9; i++) {
      leader.propose("x");
      leader.matchAll(B);
    }
    leader.slowDisk();
    List<Effect> effects = leader.receive(C, new Message.Appended(leader.status().term(), 1, 0));
    assertEquals(1, count(effects, Effect.ReadLog.class), effects.toString());
    leader.takeSnapshot(true);
    leader.takeSent();
    leader.settle();
    assertTrue(leader.nothingSent(Message.Append.class));
    assertEquals(
        List.of(new Effect.SendSnapshot(C, leader.status().term())), leader.host.takeSending());
  }
}
