package io.lockstep.http.service;

import static io.lockstep.http.service.CoordinatorFixture.put;
import static io.lockstep.http.service.CoordinatorFixture.renew;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.service.CoordinatorFixture.Answers;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;
import io.lockstep.raft.storage.LogStore.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests through a leader's own log. */
class SubmittingTest {
  private final CoordinatorFixture it = new CoordinatorFixture();

  private LeaseId lease(long ttlMillis) {
    Answers granted = it.submit(new Command.LeaseGrant(ttlMillis, 1), 5_000);
    it.commit();
    return ((Result.LeaseGranted) granted.applied().result()).lease();
  }

  @Test
  void aProposalIsAnsweredWhenApplied() {
    Answers answers = it.submit(put("k"), 5_000);
    assertTrue(answers.all.isEmpty());
    it.commit();
    assertInstanceOf(Result.KeyPut.class, answers.applied().result());
    assertEquals(it.timing, answers.timing());
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void aProposalIsUnknownAtItsDeadlineAndItsLateEndIsNotTold() {
    Answers answers = it.submit(put("k"), 1_000);
    it.time.pass(1_100);
    assertInstanceOf(Answer.Unknown.class, answers.only());
    it.commit();
    answers.only();
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void whatTheLogSaysIsWhatIsTold() {
    Answers unknown = it.submit(put("k"), 5_000);
    it.fail(new Outcome.Unknown());
    assertInstanceOf(Answer.Unknown.class, unknown.only());
    Answers overloaded = it.submit(put("k"), 5_000);
    it.fail(new Outcome.Overloaded());
    assertEquals(new Answer.NotApplied(Refusal.OVERLOADED), overloaded.only());
    Answers again = it.submit(put("k"), 5_000);
    it.fail(new Outcome.NotLeader(null));
    assertTrue(again.all.isEmpty(), "refused for certain: there is time to try again");
    it.time.pass(100);
    assertEquals(1, it.proposed.size());
    it.commit();
    assertInstanceOf(Result.KeyPut.class, again.applied().result());
  }

  @Test
  void withoutRoomNothingGrowsAndWhatShrinksGoesThrough() {
    for (Room room : new Room[] {Room.RESERVE, Room.NONE}) {
      it.room = room;
      Command[] growing = {
        put("k"), new Command.LeaseGrant(5_000, 1), it.acquire("a", 0, false),
      };
      for (Command command : growing) {
        assertEquals(new Answer.NotApplied(Refusal.NO_SPACE), it.submit(command, 5_000).only());
      }
      assertTrue(it.proposed.isEmpty());
      LeaseId lease = new LeaseId(1, 1);
      Command[] shrinking = {
        new Command.Delete(Bytes.utf8("k"), new KeyCondition.Always(), List.of(), false),
        new Command.DeletePrefix(Bytes.utf8("k"), 0, List.of()),
        new Command.LeaseRevoke(lease),
        new Command.LockRelease(Bytes.utf8("a"), new Claim.ByToken(1)),
        renew(lease),
      };
      for (Command command : shrinking) {
        it.submit(command, 5_000);
      }
      it.time.pass(60);
      assertEquals(shrinking.length, it.proposed.size());
      it.commit();
    }
  }

  @Test
  void lanesGiveWayInTheirOrder() {
    CoordinatorOptions small =
        new CoordinatorOptions(16, 1 << 20, 100, 100, 20, 1_000, 50, 100, 500, 1_000, 250);
    CoordinatorFixture full = new CoordinatorFixture(small, 0);
    int writes = fill(full, put("k"));
    int acquires = fill(full, new Command.LeaseGrant(5_000, 1));
    int renewals = fill(full, new Command.LeaseRevoke(new LeaseId(1, 1)));
    assertEquals(14, writes);
    assertEquals(1, acquires);
    assertEquals(1, renewals);
    full.commit();
    assertEquals(14, fill(full, put("k")), "what was answered makes room");
  }

  private static int fill(CoordinatorFixture full, Command command) {
    int taken = 0;
    while (full.submit(command, 60_000).all.isEmpty()) {
      taken++;
    }
    return taken;
  }

  @Test
  void renewalsOfOneWindowShareAnEntryAndEachHasItsResult() {
    List<LeaseId> leases = List.of(lease(20_000), lease(30_000), lease(40_000));
    List<Answers> answers = new ArrayList<>();
    for (LeaseId lease : leases) {
      answers.add(it.submit(renew(lease), 5_000));
      it.time.pass(10);
    }
    Answers bulk = it.submit(renew(leases.get(0), new LeaseId(99, 9), leases.get(2)), 5_000);
    it.time.pass(10);
    assertTrue(it.proposed.isEmpty(), "the window is open");
    it.time.pass(50);
    assertEquals(1, it.proposed.size(), "one entry for all");
    assertEquals(6, ((Command.Renew) it.proposed.get(0).command()).renewals().size());
    it.commit();
    for (int i = 0; i < leases.size(); i++) {
      Result.Renewed renewed = (Result.Renewed) answers.get(i).applied().result();
      assertEquals(1, renewed.results().size());
      assertEquals(leases.get(i), ((RenewalResult.Alive) renewed.results().get(0)).lease());
      long inTheWindow = TimeUnit.MILLISECONDS.toNanos(50 - 10 * i);
      Timing measured = it.timing.afterWaiting(inTheWindow);
      assertEquals(measured, answers.get(i).timing(), "the window is part of the queue");
    }
    List<RenewalResult> results = ((Result.Renewed) bulk.applied().result()).results();
    assertEquals(leases.get(0), ((RenewalResult.Alive) results.get(0)).lease());
    assertInstanceOf(RenewalResult.Refused.class, results.get(1));
    assertEquals(leases.get(2), ((RenewalResult.Alive) results.get(2)).lease());
  }

  @Test
  void aRenewalThatIsAlmostDueDoesNotWait() {
    LeaseId lease = lease(1_000);
    it.passClusterTime(950);
    Answers answers = it.submit(renew(lease), 5_000);
    it.time.pass(0);
    assertEquals(1, it.proposed.size(), "at once");
    it.commit();
    assertInstanceOf(Result.Renewed.class, answers.applied().result());
  }

  @Test
  void aRenewalWithAKeyHasAnEntryOfItsOwn() {
    LeaseId lease = lease(20_000);
    it.submitKeyed(renew(lease), "k1");
    it.submit(renew(lease), 5_000);
    assertEquals(1, it.proposed.size());
    it.time.pass(60);
    assertEquals(2, it.proposed.size());
  }

  @Test
  void aSharedEntryThatIsNotTakenIsTriedAgainForEach() {
    LeaseId lease = lease(20_000);
    Answers first = it.submit(renew(lease), 5_000);
    Answers second = it.submit(renew(lease), 5_000);
    it.time.pass(60);
    it.fail(new Outcome.NotLeader(null));
    it.time.pass(200);
    it.commit();
    assertInstanceOf(Result.Renewed.class, first.applied().result());
    assertInstanceOf(Result.Renewed.class, second.applied().result());
    Answers third = it.submit(renew(lease), 5_000);
    it.time.pass(60);
    it.fail(new Outcome.Unknown());
    assertInstanceOf(Answer.Unknown.class, third.only());
  }

  @Test
  void aLeaderThatCommitsNothingTakesNoMoreWrites() {
    it.coordinator.start();
    it.submit(put("k"), 60_000);
    it.time.pass(2_000);
    assertEquals(new Answer.NotApplied(Refusal.OVERLOADED), it.submit(put("k"), 5_000).only());
    Answers renewal = it.submit(new Command.LeaseRevoke(new LeaseId(1, 1)), 5_000);
    assertTrue(renewal.all.isEmpty(), "what gives back still goes into the log");
    it.commit();
    it.time.pass(1_000);
    assertTrue(it.submit(put("k"), 5_000).all.isEmpty());
  }

  @Test
  void aStoppingNodeTakesNothingNewAndEndsWhatRuns() {
    Answers running = it.submit(put("k"), 5_000);
    it.coordinator.beginShutdown();
    assertEquals(new Answer.NotApplied(Refusal.SHUTTING_DOWN), it.submit(put("k"), 5_000).only());
    assertEquals(List.of(Refusal.SHUTTING_DOWN), it.read(5_000).refused);
    it.commit();
    assertInstanceOf(Result.KeyPut.class, running.applied().result());
  }

  @Test
  void aNewClusterGetsItsQuotaOnceAndThePastIsCompacted() {
    CoordinatorFixture young = new CoordinatorFixture(CoordinatorOptions.DEFAULT, 64 << 20);
    young.coordinator.start();
    young.time.pass(300);
    assertTrue(young.proposed.isEmpty(), "not before the term's first entry is applied");
    young.passClusterTime(1);
    young.time.pass(1_000);
    assertEquals(1, young.proposed.size(), "once");
    assertInstanceOf(Command.SetLimits.class, young.proposed.get(0).command());
    young.commit();
    assertEquals(64 << 20, young.states.view().limits().quotaBytes());
    young.time.pass(1_000);
    assertTrue(young.proposed.isEmpty());
    for (int i = 0; i < 10_200; i++) {
      young.applyElsewhere(put("k" + i % 7));
    }
    young.passClusterTime(3_700_000);
    young.time.pass(500);
    assertInstanceOf(Command.Compact.class, young.proposed.get(0).command());
    young.commit();
    assertNotEquals(0, young.states.view().compactedRevision());
    young.leader = CoordinatorFixture.OTHER;
    young.passClusterTime(3_700_000);
    young.time.pass(60_000);
    assertTrue(young.proposed.isEmpty() && young.sent.isEmpty(), "only a leader does the chores");
  }
}
