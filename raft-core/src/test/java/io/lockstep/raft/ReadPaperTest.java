package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Linearizable reads without the log: Raft thesis 6.4, with numbered rounds. */
class ReadPaperTest {
  /** A leader that has committed an entry of its term, with nothing in flight. */
  private static Subject serving() {
    Subject subject = Subject.leader(3, 1);
    subject.matchAll(B, C);
    subject.pass(10);
    subject.echo(B, C);
    subject.takeSent();
    return subject;
  }

  private static Subject following() {
    Subject subject = Subject.fresh();
    subject.receive(B, append(1, EntryId.NONE, 0, entry(1, 1)));
    subject.takeSent();
    return subject;
  }

  /** Of the leader, when it answers. */
  private static final long TIME = 4_711;

  private static long round(Subject subject) {
    return subject.lastSent(B, Message.Heartbeat.class).round();
  }

  private static Message.HeartbeatReply reply(long term, long round) {
    return new Message.HeartbeatReply(term, round);
  }

  private static Message.ReadIndexReply answer(Message.ReadIndex asked, long index) {
    return new Message.ReadIndexReply(
        asked.term(), asked.startNumber(), asked.readId(), index, index, TIME);
  }

  /** 6.4, step 1: no read before an entry of the leader's own term is committed. */
  @Test
  void aReadWaitsForTheFirstCommitOfTheTerm() {
    Subject subject = Subject.leader(3, 3, 1, 2);
    long ticket = subject.read();
    subject.pass(10);
    subject.echo(B, C);
    assertNull(subject.outcome(ticket), "its leadership is confirmed, its commit index is not");
    subject.matchAll(B);
    subject.echo(B);
    assertEquals(new Outcome.ReadAt(3), subject.outcome(ticket));
  }

  /** 6.4, steps 2 and 3: the commit index of now, once a majority has answered a heartbeat. */
  @Test
  void aReadNeedsOneRoundOfHeartbeats() {
    Subject subject = serving();
    long ticket = subject.read();
    assertNull(subject.outcome(ticket));
    assertEquals(1, subject.sent(B, Message.Heartbeat.class).size());
    assertEquals(1, subject.sent(C, Message.Heartbeat.class).size());
    subject.echo(C);
    assertEquals(new Outcome.ReadAt(1), subject.outcome(ticket));
  }

  /** 6.4, step 4: the state machine must have come as far as the read index. */
  @Test
  void aReadWaitsUntilItsIndexIsApplied() {
    Subject subject = serving().slowDisk();
    subject.propose("x");
    subject.matchAll(B, C);
    assertEquals(2, subject.status().commitIndex());
    long ticket = subject.read();
    subject.echo(B);
    assertEquals(1, subject.status().appliedIndex());
    assertNull(subject.outcome(ticket));
    subject.settle();
    assertEquals(new Outcome.ReadAt(2), subject.outcome(ticket));
  }

  /** 6.4: one round confirms all the reads that came before it. */
  @Test
  void readsShareARound() {
    Subject subject = serving();
    long first = subject.read();
    long second = subject.read();
    long third = subject.read();
    assertEquals(1, subject.sent(B, Message.Heartbeat.class).size(), "the others wait");
    subject.echo(B);
    assertEquals(new Outcome.ReadAt(1), subject.outcome(first));
    assertNull(subject.outcome(second));
    assertEquals(2, subject.sent(B, Message.Heartbeat.class).size());
    subject.echo(B);
    assertEquals(new Outcome.ReadAt(1), subject.outcome(second));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(third));
  }

  /** A round that began before a read cannot confirm it: its answers may be as old. */
  @Test
  void aReadDoesNotJoinTheRoundInFlight() {
    Subject subject = serving();
    subject.read();
    long older = round(subject);
    long late = subject.read();
    subject.receive(B, reply(1, older));
    subject.receive(C, reply(1, older));
    subject.receive(B, reply(1, older));
    assertNull(subject.outcome(late));
    subject.receive(B, reply(1, older + 1));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(late));
  }

  /** A round or a question of no reader's does not keep a reader waiting. */
  @Test
  void whatNobodyWaitsForGivesWay() {
    Subject leader = serving();
    leader.pass(100);
    long heartbeat = round(leader);
    long ticket = leader.read();
    assertEquals(heartbeat + 1, round(leader));
    leader.echo(B);
    assertEquals(new Outcome.ReadAt(1), leader.outcome(ticket));

    Subject follower = following();
    follower.pass(100);
    long idle = follower.lastSent(B, Message.ReadIndex.class).readId();
    follower.read();
    assertEquals(idle + 1, follower.lastSent(B, Message.ReadIndex.class).readId());
    follower.read();
    assertEquals(idle + 1, follower.lastSent(B, Message.ReadIndex.class).readId());
  }

  /** One follower's echo counts once, and an echo of an earlier round not at all. */
  @Test
  void aRoundNeedsEchoesOfItsOwn() {
    Subject subject = Subject.leader(5, 1);
    subject.matchAll(B, C);
    subject.pass(10);
    subject.echo(B, C);
    subject.takeSent();
    long ticket = subject.read();
    long round = round(subject);
    subject.receive(B, reply(1, round));
    subject.receive(B, reply(1, round));
    subject.receive(C, reply(1, round - 1));
    assertNull(subject.outcome(ticket));
    subject.receive(C, reply(1, round));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(ticket));
  }

  /** Answers to Append messages confirm as well: they echo the round that they answer. */
  @Test
  void appendAnswersConfirmToo() {
    Subject subject = serving();
    long ticket = subject.read();
    subject.receive(B, new Message.Appended(1, 1, round(subject)));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(ticket));
  }

  /** A round is never confirmed by an echo of an earlier office of the same node. */
  @Test
  void anAnswerToAnEarlierTermCarriesNoRound() {
    Subject follower = Subject.of(3, 5, 1);
    follower.receive(B, new Message.Heartbeat(3, 0, 99));
    assertEquals(reply(5, 0), follower.lastSent(B, Message.HeartbeatReply.class));
    follower.receive(B, new Message.Append(3, EntryId.NONE, List.of(), 0, 99));
    assertEquals(0, follower.lastSent(B, Message.AppendRejected.class).round());
  }

  /** A lost heartbeat of a round is repeated by the next one. */
  @Test
  void aLostRoundIsRepeated() {
    Subject subject = serving();
    subject.read();
    long round = round(subject);
    subject.takeSent();
    subject.pass(100);
    assertEquals(round, round(subject));
  }

  /** 6.4: in a cluster of one the leader is a majority. */
  @Test
  void aLoneVoterServesAtOnce() {
    Subject subject = Subject.of(1, 0);
    subject.tick();
    assertEquals(new Outcome.ReadAt(1), subject.outcome(subject.read()));
  }

  /** 6.4: a leader that was replaced does not know it, and answers nothing. */
  @Test
  void aDeposedLeaderAnswersNoRead() {
    Subject subject = serving();
    long ticket = subject.read();
    long waiting = subject.read();
    subject.receive(B, reply(2, 0));
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(new Outcome.NotLeader(null), subject.outcome(ticket));
    assertEquals(new Outcome.NotLeader(null), subject.outcome(waiting));
  }

  /** A leader that slept through its replacement serves nothing without a fresh round. */
  @Test
  void aWokenLeaderAnswersNoReadWithoutAFreshRound() {
    Subject subject = serving();
    subject.pause(5_000);
    long ticket = subject.read();
    assertNull(subject.outcome(ticket));
    subject.receive(C, append(2, id(1, 1), 1, entry(2, 2)));
    assertEquals(new Outcome.NotLeader(null), subject.outcome(ticket));
    assertEquals(C, subject.status().leader());
  }

  /** A confirmed read is served though the office is lost before its index is applied. */
  @Test
  void aConfirmedReadOutlivesTheOffice() {
    Subject subject = serving().slowDisk();
    subject.propose("x");
    subject.matchAll(B, C);
    long ticket = subject.read();
    subject.echo(B);
    subject.receive(B, reply(2, 0));
    assertNull(subject.outcome(ticket));
    subject.settle();
    assertEquals(new Outcome.ReadAt(2), subject.outcome(ticket));
  }

  /** 6.4: followers ask the leader for the read index and serve from their own state. */
  @Test
  void aFollowerAsksTheLeader() {
    Subject subject = following();
    long ticket = subject.read();
    Message.ReadIndex asked = subject.lastSent(B, Message.ReadIndex.class);
    assertTrue(subject.sent(C, Message.ReadIndex.class).isEmpty());
    subject.receive(B, answer(asked, 1));
    assertNull(subject.outcome(ticket), "not applied yet");
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(ticket));
  }

  /** Reads that come while a question is out share the next one, never the one that is out. */
  @Test
  void aFollowersReadsShareTheNextQuestion() {
    Subject subject = following();
    long first = subject.read();
    long second = subject.read();
    long third = subject.read();
    Message.ReadIndex asked = subject.lastSent(B, Message.ReadIndex.class);
    assertEquals(1, subject.sent(B, Message.ReadIndex.class).size());
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    subject.receive(B, answer(asked, 1));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(first));
    assertNull(subject.outcome(second));
    Message.ReadIndex next = subject.lastSent(B, Message.ReadIndex.class);
    assertEquals(asked.readId() + 1, next.readId());
    subject.receive(B, answer(asked, 1));
    assertNull(subject.outcome(second), "an answer counts once");
    subject.receive(B, answer(next, 1));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(second));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(third));
  }

  /** An answer to an earlier life of the node answers nothing. */
  @Test
  void anAnswerToAnEarlierLifeIsIgnored() {
    Subject subject = following();
    subject.read();
    Message.ReadIndex before = subject.lastSent(B, Message.ReadIndex.class);
    subject.host.crash(0);
    subject.start();
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    long ticket = subject.read();
    Message.ReadIndex asked = subject.lastSent(B, Message.ReadIndex.class);
    assertEquals(before.readId(), asked.readId());
    assertTrue(asked.startNumber() > before.startNumber());
    subject.receive(B, answer(before, 1));
    assertNull(subject.outcome(ticket));
    subject.receive(B, answer(asked, 1));
    assertEquals(new Outcome.ReadAt(1), subject.outcome(ticket));
  }

  /** A question is not sent twice; without an answer in time its reads are given up. */
  @Test
  void aQuestionIsNeverSentAgain() {
    Subject subject = following();
    long ticket = subject.read();
    Message.ReadIndex asked = subject.lastSent(B, Message.ReadIndex.class);
    for (int i = 0; i < 5; i++) {
      assertNull(subject.outcome(ticket));
      subject.pass(100);
      subject.receive(B, new Message.Heartbeat(1, 1, 0));
    }
    assertEquals(new Outcome.NotLeader(B), subject.outcome(ticket));
    assertEquals(2, subject.sent(B, Message.ReadIndex.class).size());
    assertEquals(
        asked.readId() + 1, subject.lastSent(B, Message.ReadIndex.class).readId(), "a new one");
    subject.receive(B, answer(asked, 1));
    assertEquals(RaftStatus.NEVER, subject.status().confirmedAtNanos(), "too late to count");
  }

  /** Without a leader nobody could answer. */
  @Test
  void withoutALeaderAReadIsRefused() {
    Subject subject = Subject.fresh();
    assertEquals(new Outcome.NotLeader(null), subject.outcome(subject.read()));
    subject.timeOut();
    assertEquals(new Outcome.NotLeader(null), subject.outcome(subject.read()));
  }

  /** A change of leader or term ends what was asked of the one before. */
  @Test
  void aNewTermEndsTheQuestions() {
    Subject subject = following();
    long asked = subject.read();
    long waiting = subject.read();
    subject.receive(C, append(2, id(1, 1), 0));
    assertEquals(new Outcome.NotLeader(null), subject.outcome(asked));
    assertEquals(new Outcome.NotLeader(null), subject.outcome(waiting));
  }

  /** Who does not lead refuses, and the readers are told. */
  @Test
  void aRefusalIsPassedOn() {
    Subject asking = following();
    long ticket = asking.read();
    Message.ReadIndex asked = asking.lastSent(B, Message.ReadIndex.class);

    Subject other = Subject.fresh();
    other.receive(B, asked);
    Message.ReadIndexRefused refusal = other.lastSent(B, Message.ReadIndexRefused.class);
    assertEquals(asked.readId(), refusal.readId());
    asking.receive(B, refusal);
    assertEquals(new Outcome.NotLeader(null), asking.outcome(ticket));
  }

  /** 6.4: the leader answers a follower's question after a round that began later than it came. */
  @Test
  void theLeaderAnswersAQuestionAfterARound() {
    Subject subject = serving();
    subject.read();
    long older = round(subject);
    subject.receive(B, new Message.ReadIndex(1, 3, 8));
    subject.receive(C, reply(1, older));
    assertTrue(subject.nothingSent(Message.ReadIndexReply.class));
    subject.echo(C);
    assertEquals(
        new Message.ReadIndexReply(1, 3, 8, 1, 1, subject.status().clusterTimeMillis()),
        subject.lastSent(B, Message.ReadIndexReply.class));
  }

  /** A leader that loses its office refuses what it was asked. */
  @Test
  void aDeposedLeaderRefusesQuestions() {
    Subject subject = serving();
    subject.receive(B, new Message.ReadIndex(1, 3, 8));
    subject.receive(C, reply(2, 0));
    assertEquals(
        new Message.ReadIndexRefused(2, 3, 8), subject.lastSent(B, Message.ReadIndexRefused.class));
  }

  /** Open reads are bounded, and one too many is told so. */
  @Test
  void openReadsAreBounded() {
    Subject leader = serving();
    Subject follower = following();
    for (int i = 0; i < 8; i++) {
      assertNull(leader.outcome(leader.read()));
      assertNull(follower.outcome(follower.read()));
    }
    assertEquals(new Outcome.Overloaded(), leader.outcome(leader.read()));
    assertEquals(new Outcome.Overloaded(), follower.outcome(follower.read()));
  }

  /** A follower asks once a heartbeat: the time of asking is what its staleness counts from. */
  @Test
  void aFollowersStalenessCountsFromItsQuestion() {
    Subject subject = following();
    subject.pass(100);
    long askedAt = subject.nanos();
    Message.ReadIndex asked = subject.lastSent(B, Message.ReadIndex.class);
    assertEquals(RaftStatus.NEVER, subject.status().confirmedAtNanos());
    subject.pass(50);
    subject.receive(B, answer(asked, 1));
    assertEquals(RaftStatus.NEVER, subject.status().confirmedAtNanos(), "not applied yet");
    subject.receive(B, new Message.Heartbeat(1, 1, 0));
    assertEquals(askedAt, subject.status().confirmedAtNanos());
    assertEquals(TIME, subject.status().confirmedClusterTimeMillis());
    subject.takeSent();
    subject.pass(50);
    assertFalse(subject.nothingSent(Message.ReadIndex.class), "the next one");
  }

  /** A leader's staleness counts from the start of its latest confirmed round. */
  @Test
  void aLeadersStalenessCountsFromItsRound() {
    Subject subject = serving();
    subject.pass(200);
    long round = round(subject);
    subject.takeSent();
    subject.pass(100);
    assertEquals(round, round(subject), "still the same round");
    long time = subject.status().clusterTimeMillis();
    long before = subject.status().readRounds();
    long confirmedBefore = subject.status().confirmedAtNanos();
    subject.echo(B);
    assertTrue(subject.status().confirmedAtNanos() > confirmedBefore);
    assertTrue(subject.status().confirmedAtNanos() <= subject.nanos() - 100_000_000L);
    long passed = (subject.nanos() - subject.status().confirmedAtNanos()) / 1_000_000;
    assertEquals(time - passed, subject.status().confirmedClusterTimeMillis());
    assertEquals(before + 1, subject.status().readRounds());
    assertEquals(A, subject.status().leader());
  }
}
