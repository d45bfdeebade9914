package io.lockstep.raft;

import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entries;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.bytes.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The leader's side of log replication: Raft thesis 3.5, 3.6, 6.4 and 10.2. */
class ReplicationPaperTest {
  private static Message.Appended appended(long term, long match) {
    return new Message.Appended(term, match, 0);
  }

  private static Message.AppendRejected rejected(long term, EntryId rejected, EntryId hint) {
    return new Message.AppendRejected(term, rejected, hint, 0);
  }

  private static List<Long> indexes(Message.Append append) {
    return append.entries().stream().map(Entry::index).toList();
  }

  /** 3.6.2, 6.4: a new leader appends an entry of its own term that says nothing. */
  @Test
  void aNewLeaderAppendsAnEmptyEntry() {
    Subject subject = Subject.leader(3, 2, 1);
    assertEquals(id(2, 2), subject.status().lastLog());
    assertEquals(EntryKind.EMPTY, subject.host.disk().entries().getLast().kind());
    assertEquals(2, subject.status().firstIndexOfTerm());
    Message.Append sent = subject.lastSent(B, Message.Append.class);
    assertEquals(id(1, 1), sent.previous());
    assertEquals(List.of(2L), indexes(sent));
  }

  /** 3.5: a command becomes an entry with the leader's term and the next index. */
  @Test
  void aCommandBecomesAnEntry() {
    Subject subject = Subject.leader(3, 2, 1);
    subject.propose("x");
    Entry last = subject.host.disk().entries().getLast();
    assertEquals(id(2, 3), last.id());
    assertEquals(Bytes.utf8("x"), last.payload());
    assertEquals(EntryKind.COMMAND, last.kind());
  }

  /** 10.2.1: the leader writes to its disk in parallel with the followers. */
  @Test
  void theLeadersDiskAndTheFollowersWorkInParallel() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.slowDisk();
    List<Effect> effects =
        subject.step(new Input.Propose(List.of(new Input.Proposal(77, Bytes.utf8("x")))));
    assertEquals(1, effects.stream().filter(Effect.AppendLog.class::isInstance).count());
    assertEquals(
        2,
        effects.stream()
            .filter(e -> e instanceof Effect.Send send && send.message() instanceof Message.Append)
            .count());
  }

  /** 3.5: an entry is committed once its leader has it on a majority. */
  @Test
  void anEntryOnAMajorityIsCommitted() {
    Subject subject = Subject.leader(5, 1);
    long ticket = subject.propose("x");
    subject.receive(B, appended(1, 2));
    assertEquals(0, subject.status().commitIndex());
    assertNull(subject.outcome(ticket));
    subject.receive(C, appended(1, 2));
    assertEquals(2, subject.status().commitIndex());
    assertEquals(new Outcome.Committed(2), subject.outcome(ticket));
  }

  /** 3.5: one server's answer counts once, however often it comes. */
  @Test
  void anAnswerCountsOnce() {
    Subject subject = Subject.leader(5, 1);
    subject.receive(B, appended(1, 1));
    subject.receive(B, appended(1, 1));
    assertEquals(0, subject.status().commitIndex());
  }

  /** 10.2.1: the leader counts itself only when its own disk has the entry. */
  @Test
  void theLeaderCountsItselfWhenItHasFlushed() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.slowDisk();
    subject.propose("x");
    subject.receive(B, appended(1, 2));
    assertEquals(1, subject.status().commitIndex());
    subject.settle();
    assertEquals(2, subject.status().commitIndex());
  }

  /** 10.2.1: a majority of followers commits even before the leader's own disk has it. */
  @Test
  void aMajorityOfFollowersCommitsWithoutTheLeadersDisk() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.slowDisk();
    long ticket = subject.propose("x");
    subject.receive(B, appended(1, 2));
    subject.receive(C, appended(1, 2));
    assertEquals(1, subject.status().flushedIndex());
    assertEquals(2, subject.status().commitIndex());
    assertEquals(new Outcome.Committed(2), subject.outcome(ticket));
  }

  /** 3.6.2, figure 3.7: entries of earlier terms are never committed by counting. */
  @Test
  void entriesOfEarlierTermsAreNotCommittedByCounting() {
    Subject subject = Subject.leader(5, 4, 1, 2);
    subject.receive(B, appended(4, 2));
    subject.receive(C, appended(4, 2));
    assertEquals(0, subject.status().commitIndex(), "on a majority, and yet not committed");
    subject.receive(B, appended(4, 3));
    subject.receive(C, appended(4, 3));
    assertEquals(3, subject.status().commitIndex(), "with an entry of its own all before it are");
  }

  /** 3.5: entries are applied in order; whoever waits is told before the entry is applied. */
  @Test
  void commitsAreToldInOrderAndBeforeTheyAreApplied() {
    Subject subject = Subject.leader(3, 1);
    subject.propose("x");
    subject.propose("y");
    List<Effect> effects = subject.receive(B, appended(1, 3));
    List<Effect> told =
        effects.stream()
            .filter(e -> e instanceof Effect.Complete || e instanceof Effect.Apply)
            .toList();
    assertEquals(new Effect.Complete(1, new Outcome.Committed(2)), told.get(0));
    assertEquals(new Effect.Complete(2, new Outcome.Committed(3)), told.get(1));
    assertEquals(3, ((Effect.Apply) told.get(2)).entries().size());
  }

  /** 3.5: the leader lets followers know how far the log is committed, at once when it is quiet. */
  @Test
  void followersLearnOfACommitAtOnce() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.propose("x");
    subject.takeSent();
    subject.receive(B, appended(1, 2));
    assertEquals(2, subject.lastSent(B, Message.Heartbeat.class).commit());
  }

  /** 3.4: a heartbeat tells a follower of no commit beyond what it is known to hold. */
  @Test
  void aHeartbeatsCommitIsBoundedByTheMatch() {
    Subject subject = Subject.leader(3, 1);
    subject.propose("x");
    subject.receive(B, appended(1, 2));
    subject.receive(C, appended(1, 1));
    subject.takeSent();
    subject.pass(100);
    assertEquals(2, subject.lastSent(B, Message.Heartbeat.class).commit());
    assertEquals(1, subject.lastSent(C, Message.Heartbeat.class).commit());
  }

  /** 3.5: a leader first assumes that a follower's log is like its own. */
  @Test
  void aNewLeaderStartsAtItsOwnEnd() {
    Subject subject = Subject.leader(3, 4, 1, 2, 3);
    assertEquals(id(3, 3), subject.lastSent(B, Message.Append.class).previous());
  }

  /** 3.5: after a rejection it tries an earlier place, and in the end the logs match. */
  @Test
  void afterARejectionAnEarlierPlaceIsTried() {
    Subject subject = Subject.leader(3, 4, 1, 2, 3);
    subject.receive(B, rejected(4, id(3, 3), id(1, 1)));
    Message.Append retry = subject.lastSent(B, Message.Append.class);
    assertEquals(id(1, 1), retry.previous());
    assertEquals(List.of(2L, 3L, 4L), indexes(retry));
    subject.receive(B, appended(4, 4));
    assertEquals(4, subject.status().commitIndex());
  }

  /** 3.5: with the conflicting term a leader skips all entries of a term in one exchange. */
  @Test
  void aConflictingTermIsPassedInOneExchange() {
    Subject subject = Subject.leader(3, 6, 1, 1, 4, 4, 5, 5);
    subject.receive(B, rejected(6, id(5, 6), id(3, 6)));
    assertEquals(id(1, 2), subject.lastSent(B, Message.Append.class).previous());
  }

  /** 3.5: a follower whose log is shorter says where it ends. */
  @Test
  void aShortLogIsFoundInOneExchange() {
    Subject subject = Subject.leader(3, 6, 1, 1, 4, 4, 5, 5);
    subject.receive(B, rejected(6, id(5, 6), id(1, 1)));
    assertEquals(id(1, 1), subject.lastSent(B, Message.Append.class).previous());
  }

  /** 3.5: however wrong the hints, each rejection brings the leader nearer to the beginning. */
  @Test
  void wrongHintsDoNotStopTheSearch() {
    Subject subject = Subject.leader(3, 6, 1, 1, 4, 4, 5, 5);
    for (int i = 0; i < 6; i++) {
      EntryId previous = subject.lastSent(B, Message.Append.class).previous();
      subject.receive(B, rejected(6, previous, id(9, 99)));
    }
    assertEquals(EntryId.NONE, subject.lastSent(B, Message.Append.class).previous());
  }

  /** 3.5, Leader Append-Only: a leader never overwrites or removes entries of its own log. */
  @Test
  void aLeaderNeverTruncates() {
    Subject subject = Subject.leader(3, 4, 1, 2, 3);
    subject.receive(B, rejected(4, id(3, 3), EntryId.NONE));
    subject.receive(C, rejected(4, id(3, 3), id(1, 1)));
    assertEquals(id(4, 4), subject.status().lastLog());
    assertEquals(4, subject.host.disk().entries().size());
  }

  /** 10.2: while the place is unknown, one message is out at a time. */
  @Test
  void aProbeIsSentAloneAndAgainWhenItIsLost() {
    Subject subject = Subject.leader(3, 1);
    assertEquals(1, subject.sent(B, Message.Append.class).size());
    subject.propose("x");
    subject.propose("y");
    assertEquals(1, subject.sent(B, Message.Append.class).size());
    subject.pass(100);
    subject.receive(B, new Message.HeartbeatReply(1, 0));
    assertEquals(2, subject.sent(B, Message.Append.class).size());
    assertEquals(List.of(1L, 2L, 3L), indexes(subject.lastSent(B, Message.Append.class)));
  }

  /** 10.2.2: once the logs match, entries are sent on without waiting for answers. */
  @Test
  void entriesArePipelined() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.takeSent();
    for (int i = 0; i < 3; i++) {
      subject.propose("x" + i);
    }
    List<Message.Append> sent = subject.sent(B, Message.Append.class);
    assertEquals(List.of(2L), indexes(sent.get(0)));
    assertEquals(List.of(3L), indexes(sent.get(1)));
    assertEquals(id(1, 3), sent.get(2).previous());
  }

  /** 10.2.2: the window has a bound in messages; an answer opens it for all that has waited. */
  @Test
  void unansweredMessagesAreBounded() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.takeSent();
    for (int i = 0; i < 7; i++) {
      subject.propose("x" + i);
    }
    assertEquals(4, subject.sent(B, Message.Append.class).size());
    subject.receive(B, appended(1, 2));
    assertEquals(
        List.of(6L, 7L, 8L), indexes(subject.lastSent(B, Message.Append.class)), "one batch");
  }

  /** 10.2.2: and one in bytes, and so has each message. */
  @Test
  void unansweredBytesAreBounded() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.takeSent();
    List<Input.Proposal> large =
        IntStream.range(0, 8)
            .mapToObj(i -> new Input.Proposal(100 + i, Bytes.utf8("x".repeat(900))))
            .toList();
    subject.step(new Input.Propose(large));
    assertEquals(4, subject.sent(B, Message.Append.class).size(), "one a message, four a window");
  }

  /** 3.5: Raft needs no order on the network: late and repeated answers do no harm. */
  @Test
  void lateAnswersDoNoHarm() {
    Subject subject = Subject.leader(3, 1);
    subject.propose("x");
    subject.receive(B, appended(1, 2));
    subject.receive(B, appended(1, 1));
    subject.receive(B, rejected(1, id(1, 1), EntryId.NONE));
    subject.takeSent();
    subject.propose("y");
    assertEquals(id(1, 2), subject.lastSent(B, Message.Append.class).previous());
    assertEquals(2, subject.status().commitIndex());
  }

  /** 3.5: a message that was lost is found by the next one's rejection. */
  @Test
  void aLostMessageIsSentAgain() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.propose("lost");
    subject.propose("y");
    subject.receive(B, rejected(1, id(1, 2), id(1, 1)));
    Message.Append again = subject.lastSent(B, Message.Append.class);
    assertEquals(id(1, 1), again.previous());
    assertEquals(List.of(2L, 3L), indexes(again));
  }

  /** 3.5: retried indefinitely: also when the last message of all was lost. */
  @Test
  void theLastMessageLostIsFoundByHeartbeats() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B);
    subject.propose("lost");
    subject.takeSent();
    subject.pass(200);
    subject.receive(B, new Message.HeartbeatReply(1, 0));
    Message.Append asking = subject.lastSent(B, Message.Append.class);
    assertEquals(id(1, 2), asking.previous());
    subject.receive(B, rejected(1, id(1, 2), id(1, 1)));
    assertEquals(List.of(2L), indexes(subject.lastSent(B, Message.Append.class)));
  }

  /** 3.3: an answer of a later term ends the office. */
  @Test
  void aRejectionOfALaterTermEndsTheOffice() {
    Subject subject = Subject.leader(3, 1);
    long ticket = subject.propose("x");
    subject.receive(B, rejected(2, id(1, 1), EntryId.NONE));
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(new Outcome.Unknown(), subject.outcome(ticket), "it may yet take effect");
  }

  /** 6.1: who does not lead says who does, and has done nothing. */
  @Test
  void aFollowerTakesNoProposals() {
    Subject subject = Subject.fresh();
    assertEquals(new Outcome.NotLeader(null), subject.outcome(subject.propose("x")));
    subject.receive(B, new Message.Heartbeat(1, 0, 0));
    assertEquals(new Outcome.NotLeader(B), subject.outcome(subject.propose("x")));
    assertTrue(subject.host.disk().entries().isEmpty());
  }

  /** A leader bounds the proposals that are not committed, and says which it did not take. */
  @Test
  void uncommittedProposalsAreBounded() {
    Subject subject = Subject.leader(3, 1);
    for (int i = 0; i < 8; i++) {
      assertNull(subject.outcome(subject.propose("x" + i)));
    }
    assertEquals(8, subject.status().proposalsInflight());
    assertEquals(new Outcome.Overloaded(), subject.outcome(subject.propose("too many")));
    assertEquals(9, subject.status().lastLog().index());
    subject.receive(B, appended(1, 9));
    assertEquals(0, subject.status().proposalsInflight());
    assertNull(subject.outcome(subject.propose("again")));
  }

  /** Entries that are not committed stay in memory, so they are bounded in bytes as well. */
  @Test
  void uncommittedBytesAreBounded() {
    Subject subject = Subject.leader(3, 1);
    assertNull(subject.outcome(subject.propose("x".repeat(60_000))));
    assertNull(subject.outcome(subject.propose("x".repeat(60_000))));
    assertEquals(new Outcome.Overloaded(), subject.outcome(subject.propose("x")));
  }

  /** A follower far behind is brought up through the disk, one read at a time. */
  @Test
  void entriesThatLeftTheMemoryAreReadForAFollower() {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    long[] terms = new long[100];
    Arrays.fill(terms, 1);
    subject.host.disk().preset(new HardState(1, null), entries(1, terms));
    subject.host.tailMax(10);
    subject.start();
    subject.elect();
    subject.slowDisk();
    subject.receive(B, rejected(2, id(1, 100), id(1, 5)));
    Message.Append probe = subject.lastSent(B, Message.Append.class);
    assertEquals(id(1, 5), probe.previous());
    assertTrue(probe.entries().isEmpty(), "only asks, for it has nothing in memory");
    List<Effect> effects = subject.receive(B, appended(2, 5));
    assertEquals(List.of(new Effect.ReadLog(6, 91, 1_000)), reads(effects));
    assertTrue(reads(subject.receive(B, appended(2, 5))).isEmpty(), "one read at a time");
    subject.settle();
    Message.Append read = subject.lastSent(B, Message.Append.class);
    assertEquals(id(1, read.entries().getFirst().index() - 1), read.previous());
    subject.receive(B, appended(2, 100));
    subject.receive(B, appended(2, 101));
    assertEquals(101, subject.status().commitIndex());
  }

  /** An answer from before a truncation is no part of this log and is dropped. */
  @Test
  void aReadFromBeforeATruncationIsDropped() {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    subject.host.disk().preset(new HardState(3, null), entries(1, 1, 1, 1, 3, 3));
    subject.host.tailMax(1);
    subject.start();
    subject.elect();
    subject.slowDisk();
    subject.receive(B, rejected(4, id(3, 5), EntryId.NONE));
    subject.receive(B, appended(4, 0));
    subject.takeSent();
    subject.step(new Input.LogRead(1, entries(1, 1, 2)));
    assertTrue(subject.nothingSent(Message.Append.class));
    subject.step(new Input.LogRead(1, entries(1, 1, 1)));
    assertEquals(List.of(1L, 2L), indexes(subject.sent(B, Message.Append.class).getFirst()));
  }

  /** 3.5: what is committed is applied within a window, in batches, each once. */
  @Test
  void theStateMachineIsGivenNoMoreThanAWindow() {
    RaftOptions options = new RaftOptions(100, 500, 1_000, 200, 4, 4_000, 100_000, 400, 8, 1_000);
    Subject subject = new Subject(3, options, RaftCore::new);
    subject.start();
    subject.slowDisk();
    Entry[] entries = entries(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1).toArray(Entry[]::new);
    List<Effect> effects = subject.receive(B, append(1, EntryId.NONE, 10, entries));
    List<Integer> batches =
        effects.stream()
            .filter(Effect.Apply.class::isInstance)
            .map(e -> ((Effect.Apply) e).entries().size())
            .toList();
    assertEquals(List.of(3, 3, 3), batches);
    subject.settle();
    assertEquals(List.of(entries), subject.host.applied());
  }

  /** After a start the log is applied from its beginning, read from the disk where need be. */
  @Test
  void entriesThatLeftTheMemoryAreReadForTheStateMachine() {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    subject.host.disk().preset(new HardState(1, null), entries(1, 1, 1, 1, 1, 1));
    subject.host.tailMax(2);
    subject.start();
    subject.slowDisk();
    List<Effect> effects = subject.receive(B, append(1, id(1, 5), 5));
    assertEquals(List.of(new Effect.ReadLog(1, 4, 1_000)), reads(effects));
    assertTrue(reads(subject.receive(B, append(1, id(1, 5), 5))).isEmpty());
    subject.settle();
    assertEquals(entries(1, 1, 1, 1, 1, 1), subject.host.applied());
    assertEquals(5, subject.status().appliedIndex());
  }

  /** 3.5: a read for a follower may hold more than is committed; only what is, is applied. */
  @Test
  void ofAReadForAFollowerOnlyWhatIsCommittedIsApplied() {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    subject.host.disk().preset(new HardState(1, null), entries(1, 1, 1, 1, 1, 1));
    subject.host.tailMax(1);
    subject.start();
    subject.elect();
    subject.slowDisk();
    subject.receive(B, rejected(2, id(1, 5), EntryId.NONE));
    assertEquals(
        List.of(new Effect.ReadLog(1, 5, 1_000)), reads(subject.receive(B, appended(2, 0))));
    List<Effect> effects = subject.receive(C, new Message.Heartbeat(3, 2, 0));
    assertEquals(List.of(new Effect.ReadLog(1, 3, 1_000)), reads(effects));
    effects = subject.step(new Input.LogRead(1, entries(1, 1, 1, 1, 1)));
    assertTrue(effects.contains(new Effect.Apply(entries(1, 1, 1))), effects::toString);
    effects = subject.step(new Input.LogRead(1, entries(1, 1, 1)));
    assertTrue(effects.isEmpty(), "the own answer comes too late");
  }

  /** Entries leave the memory when they are flushed and committed, never before. */
  @Test
  void theMemoryKeepsABoundedTail() {
    Subject subject = Subject.leader(3, 1);
    for (int i = 0; i < 30; i++) {
      subject.propose("x".repeat(10_000));
      subject.matchAll(B);
    }
    subject.takeSent();
    subject.slowDisk();
    List<Effect> effects = subject.receive(C, appended(1, 1));
    assertEquals(List.of(new Effect.ReadLog(2, 23, 1_000)), reads(effects));
    subject.settle();
    Message.Append sent = subject.lastSent(C, Message.Append.class);
    assertEquals(id(1, 1), sent.previous());
    assertEquals(List.of(2L), indexes(sent));
  }

  private static List<Effect> reads(List<Effect> effects) {
    return effects.stream().filter(Effect.ReadLog.class::isInstance).toList();
  }

  /** 3.5: entries carry no index or term of their own choosing. */
  @Test
  void anEntryOfALaterTermThanItsLeadersIsABrokenInvariant() {
    Subject subject = Subject.fresh();
    assertThrows(
        Invariant.Broken.class, () -> subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 2))));
  }
}
