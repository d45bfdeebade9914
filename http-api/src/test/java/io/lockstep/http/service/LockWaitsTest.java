package io.lockstep.http.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.service.CoordinatorFixture.Answers;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How waits for locks end, and that none leaves a ghost in the queue. */
class LockWaitsTest {
  private static final Bytes LOCK = Bytes.utf8("l");
  private final CoordinatorFixture it = new CoordinatorFixture();
  private long token;

  @BeforeEach
  void someoneHoldsTheLock() {
    LockAcquire acquire =
        new LockAcquire(
            LOCK,
            new Holder.OwnLease(60_000),
            "first",
            0,
            new Server(new NodeId("n9"), 1),
            false,
            55);
    token = ((Result.LockGranted) it.applyElsewhere(acquire).result()).token();
  }

  private record Waiting(Answers answers, LockWait handle) {}

  private Waiting begin(LockAcquire acquire, long waitMillis, boolean keyed) {
    Answers answers = new Answers();
    RequestKey key = keyed ? new RequestKey("t", Bytes.utf8("key"), Bytes.EMPTY) : null;
    LockWait handle =
        it.coordinator.acquire(
            new Request("t", key, acquire), acquire, it.time.in(waitMillis + 5_000), answers);
    return new Waiting(answers, handle);
  }

  private Waiting queued(long waitMillis, boolean keyed) {
    Waiting waiting = begin(it.acquire("l", waitMillis, keyed), waitMillis, keyed);
    it.commit();
    assertTrue(waiting.answers().all.isEmpty(), "it waits");
    assertEquals(1, lock().queueLength());
    return waiting;
  }

  private LockView lock() {
    LockView lock = it.states.view().lock(LOCK, 10);
    assertNotNull(lock);
    return lock;
  }

  private void release() {
    it.applyElsewhere(new Command.LockRelease(LOCK, new Claim.ByToken(token)));
  }

  private boolean leaves() {
    return it.proposed.stream().anyMatch(one -> one.command() instanceof Command.LockLeave);
  }

  private void assertOver() {
    it.time.pass(1_000);
    it.commit();
    assertEquals(0, it.coordinator.figures().lockWaits());
    it.proposed.clear();
    it.time.pass(5_000);
    assertTrue(it.proposed.isEmpty(), "nothing is done for it any more");
  }

  @Test
  void theGrantIsSeenInTheEvents() {
    Waiting waiting = queued(30_000, false);
    release();
    Result.LockGranted granted = (Result.LockGranted) waiting.answers().applied().result();
    assertTrue(granted.token() > token);
    assertEquals(it.timing, waiting.answers().timing(), "of the acquire, without its wait");
    assertOver();
  }

  @Test
  void aWaitThatPassesLeavesFirstAndAnswersThen() {
    Waiting waiting = queued(2_000, false);
    it.time.pass(2_050);
    assertTrue(leaves(), "the place is being given up");
    assertTrue(waiting.answers().all.isEmpty(), "not said before it is certain");
    Timing ofAcquire = it.timing;
    it.timing = new Timing(7, 7, 7, 7);
    it.commit();
    Answer.WaitPassed passed = (Answer.WaitPassed) waiting.answers().only();
    assertEquals(ofAcquire, passed.timing(), "of the acquire, not of giving the place up");
    assertEquals("first", passed.holder().owner());
    assertEquals(0, lock().queueLength());
    assertOver();
  }

  @Test
  void aGrantThatComesAsTheWaitPassesIsReleased() {
    Waiting waiting = queued(2_000, false);
    it.time.pass(2_050);
    assertTrue(leaves());
    release();
    assertTrue(waiting.answers().all.isEmpty(), "leaving, it cannot be granted any more");
    it.commit();
    assertInstanceOf(Answer.WaitPassed.class, waiting.answers().only());
    assertNull(lock().holder());
    assertOver();
  }

  @Test
  void aLeaveWhoseFateIsUnknownIsRepeatedUntilItIsCertain() {
    Waiting waiting = queued(2_000, false);
    it.time.pass(2_050);
    for (int i = 0; i < 3; i++) {
      assertTrue(leaves(), "attempt " + i);
      it.fail(new Outcome.Unknown());
      it.time.pass(400);
    }
    assertTrue(waiting.answers().all.isEmpty());
    it.commit();
    assertInstanceOf(Answer.WaitPassed.class, waiting.answers().only());
    assertOver();
  }

  @Test
  void aLeaveThatIsNotCertainByTheDeadlineLeavesTheClientInTheUnknown() {
    Waiting waiting = queued(1_000, false);
    it.leader = null;
    it.time.pass(7_000);
    assertInstanceOf(Answer.Unknown.class, waiting.answers().only());
    it.leader = CoordinatorFixture.SELF;
    it.time.pass(1_000);
    assertTrue(leaves(), "the place is given up all the same");
    it.commit();
    assertEquals(0, lock().queueLength());
    assertOver();
  }

  @Test
  void aClientThatGoesLeavesTheQueue() {
    Waiting waiting = queued(30_000, false);
    waiting.handle().cancel();
    it.time.pass(0);
    assertTrue(leaves());
    it.commit();
    assertEquals(0, lock().queueLength());
    assertTrue(waiting.answers().all.isEmpty(), "nobody is there to be answered");
    assertOver();
  }

  @Test
  void aClientThatGoesBeforeItIsQueuedLeavesTheQueue() {
    Waiting waiting = begin(it.acquire("l", 30_000, false), 30_000, false);
    waiting.handle().cancel();
    it.commit();
    assertTrue(leaves());
    it.commit();
    assertEquals(0, lock().queueLength());
    assertOver();
  }

  @Test
  void aClientThatGoesBeforeItsGrantGivesTheLockBack() {
    release();
    Waiting waiting = begin(it.acquire("l", 0, false), 0, false);
    waiting.handle().cancel();
    it.commit();
    assertNotNull(lock().holder());
    it.commit();
    assertNull(lock().holder());
    assertOver();
  }

  @Test
  void anAnswerThatCouldNotBeDeliveredGivesTheLockBack() {
    Waiting waiting = queued(30_000, false);
    release();
    waiting.handle().undelivered(waiting.answers().only());
    it.time.pass(0);
    it.commit();
    assertNull(lock().holder());
    assertOver();
  }

  @Test
  void withAKeyThePlaceStaysWhenTheClientGoes() {
    Waiting waiting = queued(30_000, true);
    waiting.handle().cancel();
    it.time.pass(5_000);
    assertTrue(it.proposed.isEmpty(), "nothing is given up, and nobody waits here");
    assertEquals(1, lock().queueLength());
    release();
    assertEquals("o", lock().holder().owner(), "granted for the retry to find");
  }

  /** Found by the simulator: seed 99 of the whole system, when the whole cluster lost power. */
  @Test
  void aRetryWhoseWaitPassesGivesUpThePlaceOfItsFirstAttempt() {
    Waiting first = queued(2_000, true);
    first.handle().cancel();
    it.time.pass(1_000);
    // Cluster time stands still, as it does without a leader: so the place lasts longer.
    Waiting retry = begin(it.acquire("l", 2_000, true), 2_000, true);
    it.commit();
    assertEquals(1, lock().queueLength(), "the same place");
    it.time.pass(2_050);
    it.commit();
    assertInstanceOf(Answer.WaitPassed.class, retry.answers().only());
    assertEquals(0, lock().queueLength(), "who was told that it has passed is never granted it");
    assertOver();
  }

  /** The grant is committed, but not yet applied here, when the retry's wait passes. */
  @Test
  void aRetryWhoseWaitPassesDoesNotTakeBackWhatTheFirstAttemptWasTold() {
    Waiting first = queued(2_000, true);
    first.handle().cancel();
    Waiting retry = begin(it.acquire("l", 2_000, true), 2_000, true);
    it.commit();
    it.time.pass(2_050);
    assertTrue(leaves());
    assertTrue(retry.answers().all.isEmpty(), "it is not known yet whether it was granted");
    release();
    it.commit();
    Answer.Done done = assertInstanceOf(Answer.Done.class, retry.answers().only());
    Result.LockGranted granted =
        assertInstanceOf(Result.LockGranted.class, done.applied().result());
    HolderInfo holder = lock().holder();
    assertNotNull(holder);
    assertEquals(granted.token(), holder.token());
    assertOver();
  }

  @Test
  void anAcquireOfUnknownFateThatTurnsUpIsGivenUp() {
    LockAcquire acquire = it.acquire("l", 30_000, false);
    Waiting waiting = begin(acquire, 30_000, false);
    it.fail(new Outcome.Unknown());
    assertInstanceOf(Answer.Unknown.class, waiting.answers().only());
    it.applyElsewhere(acquire);
    assertEquals(1, lock().queueLength());
    it.time.pass(1_100);
    assertTrue(leaves());
    it.commit();
    assertEquals(0, lock().queueLength());
    assertOver();
  }

  @Test
  void anAcquireOfUnknownFateThatGotTheLockGivesItBack() {
    release();
    LockAcquire acquire = it.acquire("l", 30_000, false);
    begin(acquire, 30_000, false);
    it.fail(new Outcome.Unknown());
    it.applyElsewhere(acquire);
    assertNotNull(lock().holder());
    it.time.pass(1_100);
    it.commit();
    assertNull(lock().holder());
    assertOver();
  }

  @Test
  void aLeaseThatHoldsTheLockAlreadyKeepsItWhenARepeatedAcquireIsDropped() {
    release();
    Answers leased = it.submit(new Command.LeaseGrant(60_000, 3), 5_000);
    it.commit();
    LeaseId lease = ((Result.LeaseGranted) leased.applied().result()).lease();
    Waiting first = begin(byLease(lease, 1_000), 0, false);
    it.commit();
    long held = ((Result.LockGranted) first.answers().applied().result()).token();
    Waiting second = begin(byLease(lease, 1_001), 0, false);
    second.handle().cancel();
    it.commit();
    it.time.pass(1_000);
    it.commit();
    assertEquals(held, lock().holder().token(), "the grant is not the dropped request's to give");
  }

  private static LockAcquire byLease(LeaseId lease, long nonce) {
    return new LockAcquire(
        LOCK,
        new Holder.ExistingLease(lease),
        "o",
        0,
        new Server(CoordinatorFixture.SELF, CoordinatorFixture.START),
        false,
        nonce);
  }

  @Test
  void aWaitingLeaseThatEndsIsTold() {
    Answers leased = it.submit(new Command.LeaseGrant(60_000, 3), 5_000);
    it.commit();
    LeaseId lease = ((Result.LeaseGranted) leased.applied().result()).lease();
    LockAcquire acquire =
        new LockAcquire(
            LOCK,
            new Holder.ExistingLease(lease),
            "o",
            30_000,
            new Server(CoordinatorFixture.SELF, CoordinatorFixture.START),
            false,
            77);
    Waiting waiting = begin(acquire, 30_000, false);
    it.commit();
    it.applyElsewhere(new Command.LeaseRevoke(lease));
    it.time.pass(1_100);
    assertInstanceOf(Failure.LeaseEnded.class, waiting.answers().applied().result());
    it.proposed.clear();
    assertOver();
  }

  @Test
  void aNodeWithWaitersSaysThatItIsThere() {
    queued(30_000, false);
    int heard = 0;
    for (int i = 0; i < 10; i++) {
      it.time.pass(1_000);
      heard += it.proposed.size();
      for (CoordinatorFixture.Proposed one : it.proposed) {
        assertInstanceOf(Command.ServerAlive.class, one.command());
      }
      it.clusterTimeMillis += 1_000;
      it.commit();
    }
    assertTrue(heard >= 9 && heard <= 11, heard + " times in ten seconds");
    assertEquals(1, lock().queueLength());
  }

  @Test
  void aNodeThatWasNotHeardLosesItsPlaces() {
    Waiting waiting = queued(30_000, false);
    it.passClusterTime(4_000);
    assertEquals(0, lock().queueLength());
    it.time.pass(1_100);
    assertInstanceOf(Answer.WaitPassed.class, waiting.answers().only());
    it.proposed.clear();
    assertOver();
  }

  @Test
  void aStoppingNodeGivesItsPlacesUp() {
    Waiting waiting = queued(30_000, false);
    it.coordinator.beginShutdown();
    it.time.pass(0);
    assertTrue(leaves());
    it.commit();
    assertEquals(new Answer.NotApplied(Refusal.SHUTTING_DOWN), waiting.answers().only());
    assertEquals(0, lock().queueLength());
  }

  /** It may be granted to the retry, so nobody is told that nothing was done. */
  @Test
  void aStoppingNodeLeavesThePlaceOfAKeyToItsRetry() {
    Waiting waiting = queued(30_000, true);
    it.coordinator.beginShutdown();
    it.time.pass(0);
    assertEquals(new Answer.Unknown(), waiting.answers().only());
    assertEquals(1, lock().queueLength());
  }

  @Test
  void tooManyWaitsAreRefused() {
    CoordinatorOptions small =
        new CoordinatorOptions(64, 1 << 20, 100, 2, 20, 1_000, 50, 100, 500, 1_000, 250);
    CoordinatorFixture full = new CoordinatorFixture(small, 0);
    for (int i = 0; i < 3; i++) {
      Answers answers = new Answers();
      LockAcquire acquire = full.acquire("l", 1_000, false);
      full.coordinator.acquire(
          new Request("t", null, acquire), acquire, full.time.in(9_000), answers);
      assertEquals(
          i < 2 ? List.of() : List.of(new Answer.NotApplied(Refusal.OVERLOADED)), answers.all);
    }
  }
}
