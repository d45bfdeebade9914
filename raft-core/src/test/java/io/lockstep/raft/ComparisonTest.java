package io.lockstep.raft;

import static io.lockstep.raft.Subject.A;
import static io.lockstep.raft.Subject.B;
import static io.lockstep.raft.Subject.C;
import static io.lockstep.raft.Subject.D;
import static io.lockstep.raft.Subject.E;
import static io.lockstep.raft.Subject.append;
import static io.lockstep.raft.Subject.entry;
import static io.lockstep.raft.Subject.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftStatus.RoleName;
import io.lockstep.raft.StateAgreement.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What replicas conclude from the hashes of their states. */
class ComparisonTest {
  private static final long RIGHT = 77;
  private static final long WRONG = 78;

  private static Checkpoint at(long index, long hash) {
    return new Checkpoint(index, 1, hash);
  }

  /** A leader in term 2 of so many voters, with three entries committed. */
  private static Subject leader(int voters) {
    Subject subject = Subject.leader(voters, 2, 1, 1);
    subject.matchAll(subject.others().toArray(NodeId[]::new));
    assertEquals(3, subject.status().commitIndex());
    subject.takeSent();
    return subject;
  }

  private static Subject follower() {
    Subject subject = Subject.of(3, 1, 1, 1);
    subject.receive(B, append(2, id(1, 2), 3, entry(3, 2)));
    subject.takeSent();
    return subject;
  }

  private static List<Effect> hashed(Subject subject, long index, long hash) {
    return subject.step(new Input.StateHashed(at(index, hash)));
  }

  private static void report(Subject leader, NodeId from, long index, long hash) {
    leader.receive(from, new Message.StateReport(2, at(index, hash)));
  }

  private static Message.StateVerdict told(Subject leader, NodeId to) {
    return leader.lastSent(to, Message.StateVerdict.class);
  }

  private static Verdict verdict(Subject subject) {
    return subject.status().state().verdict();
  }

  @Test
  void aFollowerReportsUntilItIsAnswered() {
    Subject follower = follower();
    hashed(follower, 3, RIGHT);
    follower.receive(B, new Message.Heartbeat(2, 3, 1));
    assertEquals(1, follower.sent(B, Message.StateReport.class).size(), "not with every one");
    follower.pass(100);
    follower.receive(B, new Message.Heartbeat(2, 3, 2));
    assertEquals(2, follower.sent(B, Message.StateReport.class).size());
    assertEquals(at(3, RIGHT), follower.lastSent(B, Message.StateReport.class).checkpoint());
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.AGREED));
    follower.takeSent();
    follower.pass(100);
    follower.receive(B, new Message.Heartbeat(2, 3, 3));
    assertTrue(follower.nothingSent(Message.StateReport.class));
    assertEquals(Verdict.AGREED, verdict(follower));
    assertEquals(1, follower.status().state().compared());
  }

  @Test
  void aMajorityWithTheLeaderIsRight() {
    Subject leader = leader(3);
    hashed(leader, 3, RIGHT);
    report(leader, B, 3, RIGHT);
    report(leader, C, 3, WRONG);
    assertEquals(Verdict.AGREED, told(leader, B).verdict());
    assertEquals(new Message.StateVerdict(2, at(3, RIGHT), Verdict.DIVERGED), told(leader, C));
    assertEquals(Verdict.AGREED, verdict(leader));
    assertEquals(1, leader.status().state().membersDiverged());
  }

  @Test
  void aMajorityWithoutTheLeaderIsRight() {
    Subject leader = leader(3);
    hashed(leader, 3, WRONG);
    report(leader, B, 3, RIGHT);
    assertEquals(Verdict.AGREED, verdict(leader), "one against one is no majority");
    report(leader, C, 3, RIGHT);
    assertEquals(Verdict.DIVERGED, verdict(leader));
    assertEquals(at(3, RIGHT), leader.status().state().others());
    assertEquals(Verdict.AGREED, told(leader, C).verdict());
  }

  @Test
  void aFollowerThatDivergedSaysSoOnce() {
    Subject follower = follower();
    hashed(follower, 3, WRONG);
    Message found = new Message.StateVerdict(2, at(3, RIGHT), Verdict.DIVERGED);
    Effect effect = new Effect.StateDiverged(at(3, WRONG), at(3, RIGHT));
    assertTrue(follower.receive(B, found).contains(effect));
    assertFalse(follower.receive(B, found).contains(effect));
    assertEquals(Verdict.DIVERGED, verdict(follower));
  }

  @Test
  void divergenceIsForGood() {
    Subject follower = follower();
    hashed(follower, 2, WRONG);
    hashed(follower, 3, RIGHT);
    follower.receive(B, new Message.StateVerdict(2, at(2, RIGHT), Verdict.DIVERGED));
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.AGREED));
    assertEquals(Verdict.DIVERGED, verdict(follower));
  }

  /** It may be for an earlier life of this node, whose state was another. */
  @Test
  void aVerdictOnWhatThisLifeDidNotHashIsNotHeeded() {
    Subject follower = follower();
    follower.receive(B, new Message.StateVerdict(2, at(2, RIGHT), Verdict.DIVERGED));
    hashed(follower, 3, RIGHT);
    follower.receive(B, new Message.StateVerdict(2, at(2, RIGHT), Verdict.DIVERGED));
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.DIVERGED));
    follower.receive(C, new Message.StateVerdict(2, at(3, WRONG), Verdict.DIVERGED));
    follower.receive(B, new Message.StateVerdict(1, at(3, WRONG), Verdict.DIVERGED));
    assertEquals(Verdict.AGREED, verdict(follower));
  }

  @Test
  void hashesOfDifferentFormatsSayNothingOfEachOther() {
    Subject leader = leader(3);
    hashed(leader, 3, RIGHT);
    leader.receive(B, new Message.StateReport(2, new Checkpoint(3, 2, WRONG)));
    leader.receive(C, new Message.StateReport(2, new Checkpoint(3, 2, WRONG)));
    leader.pass(900);
    assertEquals(Verdict.AGREED, verdict(leader));
    assertEquals(0, leader.status().state().membersDiverged());
  }

  @Test
  void oneThatDivergedKeepsItsVoteAndDoesNotLead() {
    Subject follower = follower();
    hashed(follower, 3, WRONG);
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.DIVERGED));
    follower.receive(B, new Message.TimeoutNow(2));
    assertEquals(RoleName.FOLLOWER, follower.role());
    follower.takeSent();
    follower.pass(3_000);
    assertTrue(follower.nothingSent(Message.PreVote.class), "it does not campaign");
    follower.receive(C, new Message.Vote(3, id(2, 3), false));
    assertTrue(follower.lastSent(C, Message.VoteReply.class).granted(), "its log is right");
  }

  @Test
  void aLeaderThatDivergedTakesNothingAndHandsOverToOneThatIsRight() {
    Subject leader = leader(5);
    hashed(leader, 3, WRONG);
    report(leader, B, 3, WRONG + 1);
    for (NodeId right : List.of(C, D, E)) {
      report(leader, right, 3, RIGHT);
    }
    report(leader, B, 3, WRONG + 1);
    assertEquals(Verdict.DIVERGED, told(leader, B).verdict());
    assertInstanceOf(Outcome.NotLeader.class, leader.outcome(leader.propose("x")));
    assertInstanceOf(Outcome.NotLeader.class, leader.outcome(leader.read()));
    leader.takeSent();
    leader.pass(20);
    assertTrue(leader.sent(B, Message.TimeoutNow.class).isEmpty(), "it has diverged, too");
    List<NodeId> told =
        List.of(C, D, E).stream()
            .filter(each -> !leader.sent(each, Message.TimeoutNow.class).isEmpty())
            .toList();
    assertEquals(1, told.size(), () -> "one of those that are right: " + told);
  }

  @Test
  void aLeaderThatDivergedSendsItsStateToNobody() {
    SnapshotOptions small = new SnapshotOptions(10, 10_000, 4, 3, 400, 200);
    Subject leader = Subject.restored(Subject.OPTIONS.withSnapshots(small), 1, id(1, 20));
    leader.elect();
    leader.matchAll(B);
    hashed(leader, 21, WRONG);
    report(leader, B, 21, RIGHT);
    report(leader, C, 21, RIGHT);
    assertEquals(Verdict.DIVERGED, verdict(leader));
    Message.Append sent = leader.lastSent(C, Message.Append.class);
    List<Effect> effects =
        leader.receive(
            C, new Message.AppendRejected(2, sent.previous(), EntryId.NONE, sent.round()));
    assertTrue(effects.stream().noneMatch(Effect.SendSnapshot.class::isInstance));
  }

  @Test
  void withoutAMajorityAllThatDifferAreInDoubt() {
    Subject leader = leader(2);
    hashed(leader, 3, RIGHT);
    report(leader, B, 3, WRONG);
    assertTrue(leader.nothingSent(Message.StateVerdict.class));
    assertEquals(Verdict.AGREED, verdict(leader), "another voter might decide it");
    keepHearing(leader, 1_100, B);
    report(leader, B, 3, WRONG);
    assertEquals(Verdict.UNDECIDED, verdict(leader));
    assertEquals(Verdict.UNDECIDED, told(leader, B).verdict());
    assertEquals(RoleName.LEADER, leader.role());
    assertInstanceOf(Outcome.NotLeader.class, leader.outcome(leader.propose("x")));
  }

  @Test
  void aMajorityThatComesLaterEndsTheDoubt() {
    Subject leader = leader(3);
    hashed(leader, 3, RIGHT);
    report(leader, B, 3, WRONG);
    keepHearing(leader, 1_100, B);
    assertEquals(Verdict.UNDECIDED, verdict(leader));
    report(leader, C, 3, RIGHT);
    assertEquals(Verdict.AGREED, verdict(leader));
    assertEquals(Verdict.AGREED, told(leader, C).verdict());
    report(leader, B, 3, WRONG);
    assertEquals(Verdict.DIVERGED, told(leader, B).verdict());
    keepHearing(leader, 1_100, B);
    assertEquals(Verdict.AGREED, verdict(leader));
  }

  @Test
  void aFollowerInDoubtIsReleasedByAnAgreementOnNothingOlder() {
    Subject follower = follower();
    hashed(follower, 2, RIGHT);
    hashed(follower, 3, RIGHT);
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.UNDECIDED));
    assertEquals(Verdict.UNDECIDED, verdict(follower));
    follower.receive(B, new Message.StateVerdict(2, at(2, RIGHT), Verdict.AGREED));
    assertEquals(Verdict.UNDECIDED, verdict(follower));
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.AGREED));
    assertEquals(Verdict.AGREED, verdict(follower));
    follower.receive(B, new Message.StateVerdict(2, at(3, RIGHT), Verdict.UNDECIDED));
    assertEquals(Verdict.AGREED, verdict(follower), "a late word of doubt says nothing new");
  }

  /** One that is known to be wrong does not put the others in doubt again and again. */
  @Test
  void oneThatDivergedIsNoReasonToDoubtTheOthers() {
    Subject leader = leader(3);
    hashed(leader, 2, RIGHT);
    report(leader, B, 2, RIGHT);
    report(leader, C, 2, WRONG);
    hashed(leader, 3, RIGHT);
    report(leader, C, 3, WRONG);
    keepHearing(leader, 1_500, B);
    assertEquals(Verdict.AGREED, verdict(leader));
  }

  @Test
  void learnersAreComparedAndDecideNothing() {
    Subject leader = leader(3);
    leader.change(new MembershipChange.AddLearner(Subject.contact(D), true, null));
    leader.matchAll(B);
    assertTrue(leader.membership().learner(D) != null);
    hashed(leader, 3, RIGHT);
    report(leader, D, 3, WRONG);
    assertTrue(leader.nothingSent(Message.StateVerdict.class), "one voter is no majority");
    report(leader, B, 3, RIGHT);
    report(leader, D, 3, WRONG);
    assertEquals(Verdict.DIVERGED, told(leader, D).verdict());
    assertEquals(Verdict.AGREED, verdict(leader));
  }

  @Test
  void aReportOfWhatTheLeaderDoesNotHaveIsDropped() {
    Subject leader = leader(3);
    for (long index = 100; index < 300; index++) {
      report(leader, B, index, WRONG);
    }
    hashed(leader, 3, RIGHT);
    report(leader, C, 3, RIGHT);
    assertEquals(Verdict.AGREED, told(leader, C).verdict());
  }

  /** Time passes, and these answer each heartbeat. */
  private static void keepHearing(Subject leader, long millis, NodeId... peers) {
    for (long passed = 0; passed < millis; passed += 100) {
      leader.takeSent();
      leader.pass(100);
      leader.echo(peers);
    }
    assertEquals(A, leader.status().leader());
  }
}
