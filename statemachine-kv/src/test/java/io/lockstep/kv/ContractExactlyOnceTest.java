package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.acquireOwn;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.delete;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static io.lockstep.kv.TestMachine.renew;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.ServerAlive;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.KeyCondition.RevisionIs;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.AnswersFull;
import io.lockstep.kv.result.Failure.ConditionFailed;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.RequestMismatch;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.OutcomeOnly;
import io.lockstep.kv.result.Result.Renewed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 5, sentence by sentence. */
class ContractExactlyOnceTest {
  private final TestMachine cluster = new TestMachine();

  /** "the first outcome is stored in the replicated state and returned for every retry". */
  @Test
  void aRetryIsAnsweredAndNotExecuted() {
    Applied first = cluster.submit("r1", put("a", "1"));
    cluster.apply(put("a", "2"));
    Applied retry = cluster.submit("r1", put("a", "1"));
    assertEquals("2", cluster.value("a"));
    assertFalse(first.replayed());
    assertTrue(retry.replayed());
    assertEquals(first.result(), retry.result());
    assertEquals(first.revision(), retry.revision());
  }

  @Test
  void aRefusalIsAnOutcomeToo() {
    Applied first = cluster.submit("r1", put("a", "1", new RevisionIs(7)));
    assertInstanceOf(ConditionFailed.class, first.result());
    for (int i = 0; i < 5; i++) {
      cluster.apply(put("a", "x"));
    }
    cluster.apply(delete("a"));
    assertEquals(first.result(), cluster.submit("r1", put("a", "1", new RevisionIs(7))).result());
    assertNull(cluster.value("a"));
  }

  /** "Same key, other request: 422." */
  @Test
  void theSameKeyWithAnotherRequestIsRefused() {
    cluster.submit("r1", put("a", "1"));
    Applied other = cluster.submit("r1", put("a", "2"));
    assertEquals(new RequestMismatch(), other.result());
    assertFalse(other.replayed());
    assertEquals("1", cluster.value("a"));
  }

  /** "scoped to principal and namespace". */
  @Test
  void keysOfOthersAreOtherKeys() {
    cluster.submit(new RequestKey("me", b("r1"), b("f")), put("a", "1"));
    Applied other = cluster.submit(new RequestKey("you", b("r1"), b("f")), put("a", "2"));
    assertFalse(other.replayed());
    assertEquals("2", cluster.value("a"));
  }

  private void boundAnswers(long max, long bytesMax) {
    Limits d = Limits.DEFAULT;
    cluster.apply(
        new SetLimits(
            new Limits(
                d.valueBytesMax(),
                d.historyRevisionsMin(),
                d.historyMillisMax(),
                d.quotaBytes(),
                d.leaseTtlMillisMin(),
                d.leaseTtlMillisMax(),
                d.keysOnLeaseMax(),
                d.keysOfRangeDeleteMax(),
                d.waitersOnLockMax(),
                d.idleLocksMax(),
                d.idleLockMillis(),
                d.serverSilenceMillis(),
                max,
                d.storedAnswerMillisMax(),
                d.storedAnswerMillisMin(),
                bytesMax,
                d.endedLeasesMax())));
  }

  /**
   * "the oldest goes first, but none younger than 60 s: a table full of those refuses further keyed
   * mutations".
   */
  @Test
  void aTableFullOfYoungAnswersRefuses() {
    boundAnswers(2, 4096);
    cluster.submit("r1", put("a", "1"));
    cluster.after(30_000).submit("r2", put("b", "1"));
    cluster.after(29_999);
    assertEquals(new AnswersFull(2), cluster.submit("r3", put("c", "1")).result());
    assertNull(cluster.value("c"));
    assertTrue(cluster.submit("r1", put("a", "1")).replayed(), "what is known is answered");
    cluster.after(1);
    assertInstanceOf(KeyPut.class, cluster.submit("r3", put("c", "1")).result());
    assertNull(cluster.view().request("me", b("r1")), "the oldest is gone");
    assertNotNull(cluster.view().request("me", b("r2")));
    cluster.apply(put("d", "1"));
    assertEquals("1", cluster.value("d"), "without a key nothing is refused");
  }

  /** "200,000 keys, 24 h of cluster time". */
  @Test
  void answersAreForgottenAfterADay() {
    assertEquals(200_000, Limits.DEFAULT.storedAnswersMax());
    cluster.submit("r1", put("a", "1"));
    cluster.after(86_400_000).tick();
    assertEquals(86_400_000, cluster.view().request("me", b("r1")).ageMillis());
    cluster.after(1).tick();
    assertNull(cluster.view().request("me", b("r1")));
    assertFalse(cluster.submit("r1", put("a", "1")).replayed());
  }

  /** "An answer over 4 KiB is kept as outcome and revision." */
  @Test
  void aLongAnswerIsKeptAsItsOutcome() {
    boundAnswers(10, 64);
    LeaseId lease = cluster.lease(5_000);
    List<Renewal> many = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      many.add(new Renewal.OfLease(lease));
    }
    Applied first = cluster.submit("r1", new Renew(many));
    assertInstanceOf(Renewed.class, first.result());
    Applied retry = cluster.submit("r1", new Renew(many));
    assertEquals(new OutcomeOnly(true), retry.result());
    assertEquals(first.revision(), retry.revision());
    cluster.apply(put("k", "x".repeat(100)));
    var refused =
        new io.lockstep.kv.command.Command.Delete(b("k"), new RevisionIs(99), List.of(), true);
    assertInstanceOf(ConditionFailed.class, cluster.submit("r2", refused).result());
    assertEquals(new OutcomeOnly(false), cluster.submit("r2", refused).result());
  }

  /**
   * "replayed grants, renewals and acquires state the lease's *present* `expires_in_ms`, or 410
   * when it has ended".
   */
  @Test
  void aReplayedGrantPromisesNoTimeThatHasPassed() {
    LeaseGranted granted = (LeaseGranted) cluster.submit("r1", new LeaseGrant(5_000, 3)).result();
    cluster.after(2_000);
    assertEquals(
        new LeaseGranted(granted.lease(), 5_000, 3_000),
        cluster.submit("r1", new LeaseGrant(5_000, 3)).result());
    cluster.apply(new LeaseRevoke(granted.lease()));
    assertEquals(
        new LeaseEnded(granted.lease(), 1),
        cluster.submit("r1", new LeaseGrant(5_000, 3)).result());
    assertEquals(0, cluster.view().figures().leases(), "never a second lease");
  }

  @Test
  void aReplayedRenewalPromisesNoTimeThatHasPassed() {
    LeaseId lease = cluster.lease(5_000);
    cluster.submit("r1", renew(lease));
    cluster.after(4_000);
    assertEquals(
        new Renewed(List.of(new Alive(lease, 5_000, 1_000))),
        cluster.submit("r1", renew(lease)).result());
    cluster.after(1_001);
    assertEquals(
        new Renewed(List.of(new Refused(new LeaseEnded(lease, 1)))),
        cluster.submit("r1", renew(lease)).result());
  }

  @Test
  void aReplayedAcquireStatesTheGrantAsItIsNow() {
    LeaseId lease = cluster.lease(60_000);
    LockGranted granted = (LockGranted) cluster.submit("r1", acquire("l", lease, 0)).result();
    cluster.after(1_000);
    LockGranted again = (LockGranted) cluster.submit("r1", acquire("l", lease, 0)).result();
    assertEquals(granted.token(), again.token());
    assertEquals(59_000, again.expiresInMillis());
    cluster.apply(release("l", granted.token()));
    assertEquals(
        new TicketEnded(granted.ticket()), cluster.submit("r1", acquire("l", lease, 0)).result());
    assertEquals(0, cluster.holder("l"), "a retry never takes the lock again");
  }

  @Test
  void aReplayedAcquireWithALeaseOfItsOwnEndsWithIt() {
    LockGranted granted = (LockGranted) cluster.submit("r1", acquireOwn("l", 5_000, 0)).result();
    cluster.after(5_001);
    LeaseEnded ended = (LeaseEnded) cluster.submit("r1", acquireOwn("l", 5_000, 0)).result();
    assertEquals(granted.lease(), ended.lease());
  }

  /** "a replayed queued acquire states its ticket's present state. Never a second ticket". */
  @Test
  void aReplayedQueuedAcquireStatesItsTicket() {
    LeaseId holder = cluster.lease(60_000);
    long token = cluster.lock("l", holder).token();
    LockQueued queued = (LockQueued) cluster.submit("r1", acquireOwn("l", 5_000, 10_000)).result();
    cluster.after(1_000).apply(new ServerAlive(TestMachine.SERVER));
    LockQueued again = (LockQueued) cluster.submit("r1", acquireOwn("l", 5_000, 10_000)).result();
    assertEquals(queued.ticket(), again.ticket());
    assertEquals(9_000, again.remainingWaitMillis());
    assertEquals(1, cluster.view().figures().waiters());
    cluster.apply(release("l", token));
    LockGranted granted =
        (LockGranted) cluster.submit("r1", acquireOwn("l", 5_000, 10_000)).result();
    assertEquals(queued.ticket(), granted.ticket());
    cluster.apply(release("l", granted.token()));
    assertEquals(
        new TicketEnded(queued.ticket()),
        cluster.submit("r1", acquireOwn("l", 5_000, 10_000)).result());
  }

  @Test
  void aReplayedRefusalPromisesNoTimeThatHasPassed() {
    LeaseId holder = cluster.lease(60_000);
    cluster.lock("l", holder);
    LeaseId other = cluster.lease(60_000);
    cluster.submit("r1", acquire("l", other, 0));
    cluster.after(10_000);
    LockHeld held = (LockHeld) cluster.submit("r1", acquire("l", other, 0)).result();
    assertEquals(50_001, held.retryAfterMillis());
    cluster.apply(new LeaseRevoke(holder));
    held = (LockHeld) cluster.submit("r1", acquire("l", other, 0)).result();
    assertEquals(0, held.retryAfterMillis());
  }

  /**
   * "A client that got `unknown` may ask GET /v1/requests/{key} (404: never seen or forgotten)".
   */
  @Test
  void aRequestCanBeLookedUp() {
    assertNull(cluster.view().request("me", b("r1")));
    Applied first = cluster.submit("r1", put("a", "1"));
    KnownRequest known = cluster.view().request("me", b("r1"));
    assertEquals(first.result(), known.answer().result());
    assertEquals(first.index(), known.answer().index());
    assertNull(cluster.view().request("you", b("r1")));
  }
}
