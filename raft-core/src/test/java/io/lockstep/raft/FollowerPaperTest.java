package io.lockstep.raft;

import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entries;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The receiver's side of log replication: Raft thesis figure 3.1 AppendEntries, 3.5, 3.6, 3.8. */
class FollowerPaperTest {
  private static final Message.Appended NOTHING = new Message.Appended(0, 0, 0);

  private static Message.Appended answer(Subject subject) {
    List<Message.Appended> sent = subject.sent(B, Message.Appended.class);
    return sent.isEmpty() ? NOTHING : sent.getLast();
  }

  private static List<EntryId> ids(Subject subject) {
    return subject.host.disk().entries().stream().map(Entry::id).toList();
  }

  /** Figure 3.1, AppendEntries 4: append what is new. */
  @Test
  void newEntriesAreAppended() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1), entry(2, 1)));
    assertEquals(List.of(id(1, 1), id(1, 2)), ids(subject));
    assertEquals(new Message.Appended(1, 2, 0), answer(subject));
    assertEquals(B, subject.status().leader());
  }

  /** Figure 3.1, AppendEntries 2: reply false if the log has no entry at the previous index. */
  @Test
  void aHoleIsRejected() {
    Subject subject = Subject.of(3, 1, 1);
    subject.receive(B, append(1, id(1, 3), 0, entry(4, 1)));
    assertEquals(
        new Message.AppendRejected(1, id(1, 3), id(1, 1), 0),
        subject.lastSent(B, Message.AppendRejected.class));
    assertEquals(List.of(id(1, 1)), ids(subject));
  }

  /** Figure 3.1, AppendEntries 2: ... whose term matches the previous term. */
  @Test
  void anotherEntryAtThePreviousIndexIsRejected() {
    Subject subject = Subject.of(3, 3, 1, 2, 2, 2);
    subject.receive(B, append(4, id(3, 4), 0, entry(5, 4)));
    Message.AppendRejected answer = subject.lastSent(B, Message.AppendRejected.class);
    assertEquals(id(2, 4), answer.hint(), "the last entry of a term that the leader may have");
    assertEquals(List.of(id(1, 1), id(2, 2), id(2, 3), id(2, 4)), ids(subject));
  }

  /** 3.5: the hint passes over a term that the leader cannot have there. */
  @Test
  void theHintPassesOverLaterTerms() {
    Subject subject = Subject.of(3, 5, 1, 2, 5, 5);
    subject.receive(B, append(6, id(3, 4), 0));
    assertEquals(id(2, 2), subject.lastSent(B, Message.AppendRejected.class).hint());
  }

  /** Figure 3.1, AppendEntries 3: delete a conflicting entry and all that follow it. */
  @Test
  void conflictingEntriesGo() {
    Subject subject = Subject.of(3, 2, 1, 2, 2);
    List<Effect> effects = subject.receive(B, append(3, id(1, 1), 0, entry(2, 3)));
    assertEquals(List.of(id(1, 1), id(3, 2)), ids(subject));
    List<Effect> disk =
        effects.stream()
            .filter(
                e ->
                    e instanceof Effect.TruncateLog
                        || e instanceof Effect.AppendLog
                        || e instanceof Effect.SaveHardState)
            .toList();
    assertEquals(
        List.of(
            new Effect.SaveHardState(new HardState(3, null)),
            new Effect.TruncateLog(2),
            new Effect.AppendLog(3, List.of(entry(2, 3)))),
        disk,
        "3.8: the term is durable before an entry of it");
  }

  /**
   * Figure 3.1, AppendEntries 3: only a conflict makes entries go, not a message that ends early.
   */
  @Test
  void aLateMessageDoesNotShortenTheLog() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1), entry(2, 1), entry(3, 1)));
    List<Effect> effects = subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1)));
    assertEquals(3, subject.status().lastLog().index());
    assertTrue(effects.stream().noneMatch(Effect.TruncateLog.class::isInstance));
    assertTrue(effects.stream().noneMatch(Effect.AppendLog.class::isInstance));
  }

  /** 3.5: a message that is partly known adds the rest. */
  @Test
  void whatIsKnownIsNotAppendedAgain() {
    Subject subject = Subject.of(3, 1, 1, 1);
    List<Effect> effects =
        subject.receive(B, append(1, id(1, 1), 0, entry(2, 1), entry(3, 1), entry(4, 1)));
    assertTrue(
        effects.contains(new Effect.AppendLog(1, List.of(entry(3, 1), entry(4, 1)))),
        effects::toString);
  }

  /** 3.8: the answer leaves when the entries are on stable storage. */
  @Test
  void theAnswerWaitsForTheFlush() {
    Subject subject = Subject.fresh().slowDisk();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1)));
    assertTrue(subject.takeSent().isEmpty());
    subject.settle();
    assertEquals(new Message.Appended(1, 1, 0), answer(subject));
  }

  /** 3.8: an empty message about unflushed entries waits for them as well. */
  @Test
  void anAnswerClaimsOnlyWhatIsFlushed() {
    Subject subject = Subject.of(3, 1, 1).slowDisk();
    subject.receive(B, append(1, id(1, 1), 0, entry(2, 1)));
    subject.receive(B, append(1, id(1, 2), 0));
    assertEquals(NOTHING, answer(subject));
    subject.receive(B, append(1, id(1, 1), 0));
    assertEquals(new Message.Appended(1, 1, 0), answer(subject));
    subject.settle();
    assertEquals(new Message.Appended(1, 2, 0), answer(subject));
  }

  /** 10.2.1: one flush may answer several messages. */
  @Test
  void oneFlushAnswersAllThatItCovers() {
    Subject subject = Subject.fresh().slowDisk();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1)));
    subject.receive(B, append(1, id(1, 1), 0, entry(2, 1)));
    subject.step(new Input.HardStateFlushed(new HardState(1, null)));
    subject.step(new Input.LogFlushed(1, id(1, 2)));
    assertEquals(List.of(new Message.Appended(1, 2, 0)), subject.sent(B, Message.Appended.class));
  }

  /** A flush from before a truncation says nothing of an entry of the same id that came since. */
  @Test
  void aFlushFromBeforeATruncationDoesNotCount() {
    Subject subject = Subject.of(3, 1, 1).slowDisk();
    subject.receive(B, append(2, id(1, 1), 0, entry(2, 2)));
    subject.receive(C, append(3, id(1, 1), 0, entry(2, 3)));
    Entry again = entry(2, 2);
    subject.receive(B, append(4, id(1, 1), 0, again, entry(3, 4)));
    subject.step(new Input.HardStateFlushed(new HardState(4, null)));
    subject.takeSent();
    subject.step(new Input.LogFlushed(2, id(2, 2)));
    subject.step(new Input.LogFlushed(3, id(3, 2)));
    assertEquals(1, subject.status().flushedIndex());
    assertEquals(1, answer(subject).match());
    subject.step(new Input.LogFlushed(4, id(4, 3)));
    assertEquals(new Message.Appended(4, 3, 0), answer(subject));
  }

  /** What was flushed and then truncated is not flushed any more. */
  @Test
  void aTruncationTakesTheFlushedIndexBack() {
    Subject subject = Subject.of(3, 2, 1, 2, 2).slowDisk();
    assertEquals(3, subject.status().flushedIndex());
    subject.receive(B, append(3, id(1, 1), 0, entry(2, 3)));
    assertEquals(1, subject.status().flushedIndex());
  }

  /** 3.6.3, State Machine Safety: what is committed is never truncated; a demand to is a bug. */
  @Test
  void committedEntriesAreNeverTruncated() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 2, entry(1, 1), entry(2, 1)));
    assertThrows(
        Invariant.Broken.class, () -> subject.receive(C, append(2, id(1, 1), 0, entry(2, 2))));
  }

  /** Figure 3.1, AppendEntries 5: commit up to the smaller of leaderCommit and the last new. */
  @Test
  void theCommitIndexIsBoundedByWhatMatches() {
    Subject subject = Subject.of(3, 1, 1, 1, 1);
    subject.receive(B, append(2, id(1, 1), 9, entry(2, 1)));
    assertEquals(2, subject.status().commitIndex(), "the third entry may not be the leader's");
    assertEquals(entries(1, 1, 1), subject.host.applied());
  }

  /** Figure 3.1: the commit index only increases. */
  @Test
  void anOldCommitIndexIsPassedOver() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 2, entry(1, 1), entry(2, 1)));
    subject.receive(B, append(1, id(1, 2), 1));
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    assertEquals(2, subject.status().commitIndex());
  }

  /** 3.4: a heartbeat brings the commit index too. */
  @Test
  void aHeartbeatCommits() {
    Subject subject = Subject.of(3, 1, 1, 1);
    subject.receive(B, new Message.Heartbeat(1, 2, 7));
    assertEquals(2, subject.status().commitIndex());
    assertEquals(
        new Message.HeartbeatReply(1, 7), subject.lastSent(B, Message.HeartbeatReply.class));
  }

  /** A leader that tells of commits beyond what the follower has claimed is a broken model. */
  @Test
  void aHeartbeatBeyondTheLogIsABrokenInvariant() {
    Subject subject = Subject.of(3, 1, 1);
    assertThrows(Invariant.Broken.class, () -> subject.receive(B, new Message.Heartbeat(1, 2, 0)));
  }

  /** 3.8: what was answered survives a crash; what was not may be gone. */
  @Test
  void whatWasAnsweredSurvivesACrash() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1)));
    assertEquals(new Message.Appended(1, 1, 0), answer(subject));
    subject.slowDisk();
    subject.receive(B, append(1, id(1, 1), 0, entry(2, 1)));
    subject.host.crash(0);
    subject.start();
    assertEquals(id(1, 1), subject.status().lastLog());
    assertEquals(new HardState(1, null), subject.host.disk().hardState());
  }

  /** A conflict below the part of the log that is in memory is found and mended like any other. */
  @Test
  void aConflictBelowTheMemoryIsMended() {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    subject.host.disk().preset(new HardState(3, null), entries(1, 1, 1, 3, 3, 3, 3));
    subject.host.tailMax(1);
    subject.start();
    subject.receive(B, append(4, id(2, 4), 0));
    assertEquals(id(1, 2), subject.lastSent(B, Message.AppendRejected.class).hint());
    subject.receive(B, append(4, id(1, 2), 3, entry(3, 2)));
    assertEquals(id(2, 3), subject.status().lastLog());
    assertEquals(entries(1, 1, 1, 2), subject.host.applied());
  }

  /** 3.6.3, Log Matching: an entry that the leader's log contradicts no longer counts as known. */
  @Test
  void logMatchingHoldsForWholePrefixes() {
    Subject subject = Subject.of(3, 4, 1, 1, 2, 4);
    subject.receive(B, append(5, id(1, 2), 0, entry(3, 3), entry(4, 5)));
    assertEquals(List.of(id(1, 1), id(1, 2), id(3, 3), id(5, 4)), ids(subject));
  }
}
