package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Leader election, sentence by sentence: Raft thesis 3.3, 3.4, 3.6.1, 3.8, 4.2.3, 6.2 and 9.6. */
class ElectionPaperTest {
  private static Message.Heartbeat heartbeat(long term) {
    return new Message.Heartbeat(term, 0, 0);
  }

  private static Message.Vote vote(long term, EntryId last) {
    return new Message.Vote(term, last, false);
  }

  private static boolean granted(Subject subject, NodeId to) {
    return subject.lastSent(to, Message.VoteReply.class).granted();
  }

  private static boolean preGranted(Subject subject, NodeId to) {
    return subject.lastSent(to, Message.PreVoteReply.class).granted();
  }

  /** 3.4: servers begin as followers. */
  @Test
  void serversStartAsFollowers() {
    Subject subject = Subject.of(3, 4, 1, 4);
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(4, subject.status().term());
    assertNull(subject.status().leader());
  }

  /** 3.4: a server remains a follower as long as it hears a leader. */
  @Test
  void heartbeatsKeepAFollower() {
    Subject subject = Subject.fresh();
    for (int i = 0; i < 50; i++) {
      subject.receive(B, heartbeat(1));
      subject.pass(490);
    }
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(B, subject.status().leader());
  }

  /** 3.4: election timeouts are chosen at random from a fixed interval. */
  @Test
  void electionTimeoutsAreRandomizedWithinTheirBounds() {
    Subject subject = new Subject(3, Subject.OPTIONS, RaftCore::new);
    TreeSet<Long> waits = new TreeSet<>();
    for (int i = 0; i < 60; i++) {
      subject.start();
      long start = subject.nanos();
      subject.timeOut();
      waits.add((subject.nanos() - start) / 1_000_000);
      subject.host.crash(0);
    }
    assertTrue(waits.first() >= 500, "not below the minimum: " + waits);
    assertTrue(waits.last() <= 1_010, "not above the maximum: " + waits);
    assertTrue(waits.size() >= 20, "spread: " + waits);
  }

  /** 9.6: a candidate raises its term only after it has learned that it could win. */
  @Test
  void aPreVoteChangesNoTerm() {
    Subject subject = Subject.of(3, 4, 1, 4);
    subject.timeOut();
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    assertEquals(new HardState(4, null), subject.host.disk().hardState());
    Message.PreVote asked = subject.lastSent(B, Message.PreVote.class);
    assertEquals(new Message.PreVote(5, id(4, 2)), asked);
    assertEquals(asked, subject.lastSent(C, Message.PreVote.class));
  }

  /** 9.6: cut off, a server asks again and again, and its term stays. */
  @Test
  void aServerCutOffNeverRaisesItsTerm() {
    Subject subject = Subject.of(5, 4, 1, 4);
    subject.pass(20_000);
    assertEquals(4, subject.status().term());
    assertTrue(subject.sent(B, Message.PreVote.class).size() >= 19, "it keeps asking");
  }

  /** 9.6: it must learn so from a majority of the cluster. */
  @Test
  void aPreVoteNeedsAMajority() {
    Subject subject = Subject.of(5, 0);
    subject.timeOut();
    subject.receive(B, new Message.PreVoteReply(1, true));
    subject.receive(B, new Message.PreVoteReply(1, true));
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    subject.receive(C, new Message.PreVoteReply(1, true));
    assertEquals(RoleName.CANDIDATE, subject.role());
  }

  /** 9.6: a refused pre-candidate waits for the next timeout as a follower. */
  @Test
  void aRefusedPreCandidateFollows() {
    Subject subject = Subject.fresh();
    subject.timeOut();
    subject.receive(B, new Message.PreVoteReply(0, false));
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    subject.receive(C, new Message.PreVoteReply(0, false));
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 9.6 and 3.3: a refusal tells of a later term. */
  @Test
  void aRefusalOfALaterTermIsHeeded() {
    Subject subject = Subject.fresh();
    subject.timeOut();
    subject.receive(B, new Message.PreVoteReply(7, false));
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(7, subject.status().term());
  }

  /** 9.6: would-be votes bind nobody. */
  @Test
  void aPreVoteGrantedBindsNothing() {
    Subject subject = Subject.fresh();
    subject.receive(B, new Message.PreVote(1, EntryId.NONE));
    subject.receive(C, new Message.PreVote(1, EntryId.NONE));
    assertTrue(preGranted(subject, B) && preGranted(subject, C));
    assertEquals(HardState.INITIAL, subject.host.disk().hardState());
    assertEquals(1, subject.lastSent(B, Message.PreVoteReply.class).term());
  }

  /** 9.6: a server says yes only to a log that is up to date. */
  @Test
  void aPreVoteNeedsAnUpToDateLog() {
    Subject subject = Subject.of(3, 2, 1, 2);
    subject.receive(B, new Message.PreVote(3, id(2, 1)));
    assertFalse(preGranted(subject, B));
    subject.receive(B, new Message.PreVote(3, id(1, 9)));
    assertFalse(preGranted(subject, B));
    subject.receive(B, new Message.PreVote(3, id(2, 2)));
    assertTrue(preGranted(subject, B));
  }

  /** 9.6: and only if it has heard no leader for the minimum election timeout. */
  @Test
  void aPreVoteIsRefusedWhileALeaderIsHeard() {
    Subject subject = Subject.fresh();
    subject.receive(B, heartbeat(1));
    subject.pass(490);
    subject.receive(C, new Message.PreVote(2, EntryId.NONE));
    assertFalse(preGranted(subject, C));
    subject.pass(10);
    subject.receive(C, new Message.PreVote(2, EntryId.NONE));
    assertTrue(preGranted(subject, C));
  }

  /** 9.6: the term asked about must be one in which a vote is possible. */
  @Test
  void aPreVoteForATermAlreadyVotedInIsRefused() {
    Subject subject = Subject.fresh();
    subject.receive(B, vote(1, EntryId.NONE));
    subject.receive(C, new Message.PreVote(1, EntryId.NONE));
    assertFalse(preGranted(subject, C));
    subject.receive(B, new Message.PreVote(1, EntryId.NONE));
    assertTrue(preGranted(subject, B));
  }

  /** 3.4: a candidate raises its term, votes for itself and asks all others. */
  @Test
  void aCandidateRaisesTheTermVotesForItselfAndAsks() {
    Subject subject = Subject.of(3, 4, 1, 4);
    subject.campaign();
    assertEquals(new HardState(5, A), subject.host.disk().hardState());
    assertEquals(new Message.Vote(5, id(4, 2), false), subject.lastSent(B, Message.Vote.class));
    assertEquals(new Message.Vote(5, id(4, 2), false), subject.lastSent(C, Message.Vote.class));
  }

  /** 3.8, figure 3.1: the candidate's vote for itself is durable before it asks or is counted. */
  @Test
  void aCandidateAsksOnlyWhenItsOwnVoteIsDurable() {
    Subject subject = Subject.fresh();
    subject.timeOut();
    subject.slowDisk();
    subject.receive(B, new Message.PreVoteReply(1, true));
    assertTrue(subject.nothingSent(Message.Vote.class));
    subject.settle();
    assertEquals(1, subject.sent(B, Message.Vote.class).size());
    assertEquals(1, subject.sent(C, Message.Vote.class).size());
  }

  /** 3.4: a candidate with the votes of a majority wins. */
  @Test
  void aMajorityOfVotesWins() {
    Subject subject = Subject.of(5, 0);
    subject.campaign();
    subject.receive(B, new Message.VoteReply(1, true));
    assertEquals(RoleName.CANDIDATE, subject.role());
    subject.receive(C, new Message.VoteReply(1, true));
    assertEquals(RoleName.LEADER, subject.role());
  }

  /** 3.4: a vote counts once, however often the answer arrives. */
  @Test
  void aVoteIsCountedOnce() {
    Subject subject = Subject.of(5, 0);
    subject.campaign();
    for (int i = 0; i < 5; i++) {
      subject.receive(B, new Message.VoteReply(1, true));
    }
    assertEquals(RoleName.CANDIDATE, subject.role());
  }

  /** 3.4: only votes of the same term count. */
  @Test
  void votesOfAnEarlierTermDoNotCount() {
    Subject subject = Subject.of(3, 4, 1, 4);
    subject.campaign();
    subject.receive(B, new Message.VoteReply(4, true));
    subject.receive(C, new Message.VoteReply(4, true));
    assertEquals(RoleName.CANDIDATE, subject.role());
  }

  /** 3.4: a new leader makes itself heard by all others. */
  @Test
  void aNewLeaderIsHeardAtOnce() {
    Subject subject = Subject.fresh();
    subject.campaign();
    subject.takeSent();
    subject.receive(B, new Message.VoteReply(1, true));
    assertEquals(1, subject.sent(B, Message.Append.class).size());
    assertEquals(1, subject.sent(C, Message.Append.class).size());
    assertEquals(A, subject.status().leader());
  }

  /** 3.4: leaders send heartbeats from time to time to keep their authority. */
  @Test
  void aLeaderSendsHeartbeats() {
    Subject subject = Subject.leader(3, 1);
    subject.takeSent();
    subject.pass(400);
    assertEquals(4, subject.sent(B, Message.Heartbeat.class).size());
    assertEquals(4, subject.sent(C, Message.Heartbeat.class).size());
  }

  /** 3.4: a candidate that hears a leader of its term, or a later one, follows it. */
  @Test
  void aCandidateFollowsTheLeaderOfItsTerm() {
    Subject subject = Subject.fresh();
    subject.campaign();
    subject.receive(C, append(1, EntryId.NONE, 0));
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(C, subject.status().leader());
    assertEquals(A, subject.host.disk().hardState().votedFor(), "its vote is not forgotten");
  }

  /** 3.4: a candidate rejects a leader of an earlier term and goes on. */
  @Test
  void aCandidateRejectsALeaderOfAnEarlierTerm() {
    Subject subject = Subject.of(3, 4, 1, 4);
    subject.campaign();
    subject.receive(C, append(4, id(4, 2), 0));
    assertEquals(RoleName.CANDIDATE, subject.role());
    assertEquals(5, subject.lastSent(C, Message.AppendRejected.class).term());
  }

  /** 3.4: a candidate whom nobody elects times out and starts a new election. */
  @Test
  void aSplitVoteIsFollowedByAnotherElection() {
    Subject subject = Subject.fresh();
    subject.campaign();
    subject.timeOut();
    assertEquals(RoleName.PRE_CANDIDATE, subject.role());
    assertEquals(2, subject.lastSent(B, Message.PreVote.class).term());
    subject.receive(B, new Message.PreVoteReply(2, true));
    assertEquals(2, subject.status().term());
    assertEquals(RoleName.CANDIDATE, subject.role());
  }

  /** 3.4: a candidate whom a majority refused cannot win any more. */
  @Test
  void aMajorityOfRefusalsEndsTheCandidacy() {
    Subject subject = Subject.of(5, 0);
    subject.campaign();
    subject.receive(B, new Message.VoteReply(1, false));
    subject.receive(C, new Message.VoteReply(1, false));
    assertEquals(RoleName.CANDIDATE, subject.role());
    subject.receive(D, new Message.VoteReply(1, false));
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** 3.4: a server votes for at most one candidate a term, the first to come. */
  @Test
  void aServerVotesOnceATerm() {
    Subject subject = Subject.fresh();
    subject.receive(B, vote(1, EntryId.NONE));
    subject.receive(C, vote(1, EntryId.NONE));
    assertTrue(granted(subject, B));
    assertFalse(granted(subject, C));
    subject.receive(B, vote(1, EntryId.NONE));
    assertTrue(granted(subject, B), "the same answer to the same question");
    subject.receive(C, vote(2, EntryId.NONE));
    assertTrue(granted(subject, C), "a new term, a new vote");
  }

  /** 3.6.1: no vote for a log less up to date; first the last terms are compared. */
  @Test
  void aLogWithALaterLastTermIsMoreUpToDate() {
    Subject subject = Subject.of(3, 3, 1, 3);
    subject.receive(B, vote(4, id(2, 9)));
    assertFalse(granted(subject, B));
    subject.receive(C, vote(4, id(4, 1)));
    assertTrue(granted(subject, C));
  }

  /** 3.6.1: if they are equal the longer log is more up to date. */
  @Test
  void ofTwoLogsWithOneLastTermTheLongerIsMoreUpToDate() {
    Subject subject = Subject.of(3, 3, 1, 3);
    subject.receive(B, vote(4, id(3, 1)));
    assertFalse(granted(subject, B));
    subject.receive(C, vote(4, id(3, 2)));
    assertTrue(granted(subject, C));
  }

  /** 3.8, figure 3.1: term and vote are on stable storage before the answer leaves. */
  @Test
  void aVoteIsDurableBeforeItIsTold() {
    Subject subject = Subject.fresh().slowDisk();
    subject.receive(B, vote(1, EntryId.NONE));
    assertTrue(subject.takeSent().isEmpty());
    subject.settle();
    assertTrue(granted(subject, B));
  }

  /** 3.8: so that it does not vote twice in a term, not after a restart either. */
  @Test
  void aVoteIsRememberedAfterARestart() {
    Subject subject = Subject.fresh();
    subject.receive(B, vote(1, EntryId.NONE));
    subject.host.crash(0);
    subject.start();
    subject.receive(C, vote(1, EntryId.NONE));
    assertFalse(granted(subject, C));
  }

  /** 3.8: a vote that a crash undid had not been told to anyone. */
  @Test
  void aVoteThatWasNotDurableIsGivenAgain() {
    Subject subject = Subject.fresh().slowDisk();
    subject.receive(B, vote(1, EntryId.NONE));
    assertTrue(subject.takeSent().isEmpty());
    subject.host.crash(0);
    subject.start();
    subject.receive(C, vote(1, EntryId.NONE));
    subject.settle();
    assertTrue(granted(subject, C));
    assertTrue(subject.sent(B, Message.VoteReply.class).isEmpty());
  }

  /** 3.8: what waits for the disk is dropped when the term has passed. */
  @Test
  void aVoteHeldTooLongIsNotTold() {
    Subject subject = Subject.fresh().slowDisk();
    subject.receive(B, vote(1, EntryId.NONE));
    subject.receive(C, vote(2, EntryId.NONE));
    subject.settle();
    assertTrue(subject.sent(B, Message.VoteReply.class).isEmpty());
    assertTrue(granted(subject, C));
  }

  /** Figure 3.1, Followers: a follower that gives its vote waits anew. */
  @Test
  void aVoteGivenRestartsTheTimer() {
    Subject subject = Subject.fresh();
    subject.pass(490);
    subject.receive(B, vote(1, EntryId.NONE));
    subject.pass(490);
    assertEquals(RoleName.FOLLOWER, subject.role());
  }

  /** Figure 3.1, Followers: a vote refused does not keep the voter from campaigning. */
  @Test
  void aVoteRefusedLeavesTheTimerAlone() {
    Subject subject = Subject.of(3, 3, 1, 3);
    for (int i = 0; i < 10; i++) {
      subject.receive(B, vote(4 + i, id(1, 1)));
      subject.pass(100);
    }
    assertFalse(subject.sent(C, Message.PreVote.class).isEmpty());
  }

  /** 3.3: a candidate or leader that learns of a later term becomes a follower. */
  @Test
  void aLaterTermMakesAFollower() {
    Subject candidate = Subject.fresh();
    candidate.campaign();
    candidate.receive(B, new Message.VoteReply(9, false));
    assertEquals(RoleName.FOLLOWER, candidate.role());
    assertEquals(9, candidate.status().term());

    Subject leader = Subject.leader(3, 1);
    leader.receive(C, new Message.HeartbeatReply(9, 0));
    assertEquals(RoleName.FOLLOWER, leader.role());
    assertEquals(new HardState(9, null), leader.host.disk().hardState());
  }

  /** 3.3: requests of an earlier term are rejected, with the term that there is. */
  @Test
  void requestsOfAnEarlierTermAreRejected() {
    Subject subject = Subject.of(3, 4, 1, 4);
    subject.receive(B, vote(3, id(9, 9)));
    assertEquals(new Message.VoteReply(4, false), subject.lastSent(B, Message.VoteReply.class));
    subject.receive(B, heartbeat(3));
    assertEquals(
        new Message.HeartbeatReply(4, 0), subject.lastSent(B, Message.HeartbeatReply.class));
    subject.receive(B, append(3, id(4, 2), 0));
    assertEquals(4, subject.lastSent(B, Message.AppendRejected.class).term());
    subject.receive(B, new Message.PreVote(3, id(9, 9)));
    assertEquals(
        new Message.PreVoteReply(4, false), subject.lastSent(B, Message.PreVoteReply.class));
    assertNull(subject.status().leader());
  }

  /** 4.2.3: who hears a leader neither raises its term nor votes. */
  @Test
  void aCandidateCannotDisturbWhoHearsALeader() {
    Subject subject = Subject.fresh();
    subject.receive(B, heartbeat(1));
    subject.pass(490);
    subject.receive(C, vote(2, EntryId.NONE));
    assertEquals(1, subject.status().term());
    assertFalse(granted(subject, C));
    subject.pass(10);
    subject.receive(C, vote(2, EntryId.NONE));
    assertTrue(granted(subject, C));
  }

  /** 4.2.3: nor the leader itself, while a majority hears it. */
  @Test
  void aCandidateCannotDisturbALeaderThatAMajorityHears() {
    Subject subject = Subject.leader(3, 1);
    subject.receive(B, vote(2, id(9, 9)));
    assertEquals(RoleName.LEADER, subject.role());
    subject.pass(510);
    subject.receive(B, vote(2, id(9, 9)));
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertTrue(granted(subject, B));
  }

  /** 4.2.3, 3.10: unless the leader itself has asked for the election. */
  @Test
  void aTransferIsHeardInSpiteOfTheLeader() {
    Subject subject = Subject.fresh();
    subject.receive(B, heartbeat(1));
    subject.receive(C, new Message.Vote(2, EntryId.NONE, true));
    assertEquals(2, subject.status().term());
    assertTrue(granted(subject, C));
  }

  /** 6.2: a leader that hears no majority for an election timeout steps down. */
  @Test
  void aLeaderThatNoMajorityHearsStepsDown() {
    Subject subject = Subject.leader(5, 1);
    subject.pass(500);
    subject.receive(B, new Message.HeartbeatReply(1, 0));
    subject.receive(C, new Message.HeartbeatReply(1, 0));
    subject.pass(1_000);
    assertEquals(RoleName.LEADER, subject.role());
    subject.receive(B, new Message.HeartbeatReply(1, 0));
    subject.pass(10);
    assertEquals(RoleName.FOLLOWER, subject.role());
    assertEquals(1, subject.status().term());
  }

  /** 3.4: in a cluster of one a majority is one. */
  @Test
  void aLoneVoterElectsItself() {
    Subject subject = Subject.of(1, 0).slowDisk();
    subject.tick();
    assertEquals(RoleName.CANDIDATE, subject.role());
    subject.settle();
    assertEquals(RoleName.LEADER, subject.role());
    assertEquals(1, subject.status().commitIndex());
    subject.pass(5_000);
    assertEquals(RoleName.LEADER, subject.role());
    assertTrue(subject.takeSent().isEmpty());
  }

  /** 4.1: only members of the configuration answer a server; others ask it, or lead. */
  @Test
  void strangersAreNotHeardAnswering() {
    Subject subject = Subject.fresh();
    NodeId stranger = new NodeId("x");
    subject.receive(stranger, new Message.VoteReply(7, true));
    subject.receive(stranger, new Message.PreVoteReply(7, false));
    subject.receive(stranger, new Message.Appended(7, 1, 1));
    subject.receive(stranger, new Message.TimeoutNow(7));
    assertEquals(0, subject.status().term());
    assertTrue(subject.takeSent().isEmpty());
  }

  /** 3.4, Election Safety: a second leader in a term is a broken model, not an event. */
  @Test
  void aSecondLeaderOfATermIsABrokenInvariant() {
    Subject follower = Subject.fresh();
    follower.receive(B, heartbeat(1));
    assertThrows(Invariant.Broken.class, () -> follower.receive(C, heartbeat(1)));
    Subject leader = Subject.leader(3, 1);
    assertThrows(Invariant.Broken.class, () -> leader.receive(C, heartbeat(1)));
  }

  /** 3.8: a term below the last entry's means that the hard state was lost. */
  @Test
  void aLostTermIsABrokenInvariant() {
    assertThrows(Invariant.Broken.class, () -> Subject.of(3, 1, 1, 2));
  }

  /** The known leader changes are counted. */
  @Test
  void leaderChangesAreCounted() {
    Subject subject = Subject.fresh();
    subject.receive(B, heartbeat(1));
    subject.receive(B, heartbeat(1));
    assertEquals(1, subject.status().leaderChanges());
    subject.receive(C, heartbeat(2));
    assertEquals(2, subject.status().leaderChanges());
    subject.elect();
    assertEquals(3, subject.status().leaderChanges());
  }
}
