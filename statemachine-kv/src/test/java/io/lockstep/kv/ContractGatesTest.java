package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.RemoveLatch;
import io.lockstep.kv.gate.Once;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.ClaimLost;
import io.lockstep.kv.result.Failure.LatchNotFound;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PeriodDone;
import io.lockstep.kv.result.Failure.PeriodRunning;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.result.Result.LatchState;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.PeriodFinished;
import org.junit.jupiter.api.Test;

/** Contract 7: latches open when all have come; work is done once in each period. */
class ContractGatesTest {
  private static final long TTL = 5_000;

  private final TestMachine cluster = new TestMachine();
  private long nonce;

  private LatchState arrive(String id) {
    return cluster.apply(LatchState.class, new ArriveLatch(b("ready"), 3, b(id)));
  }

  private ClaimOnce ask(String period) {
    return new ClaimOnce(b("nightly"), b(period), TTL, ++nonce);
  }

  private PeriodClaimed claim(String period) {
    return cluster.apply(PeriodClaimed.class, ask(period));
  }

  private static FinishOnce finish(long token) {
    return new FinishOnce(b("nightly"), token);
  }

  @Test
  void aLatchOpensWhenAllHaveComeAndStaysOpen() {
    assertEquals(new LatchState(3, 1), arrive("w1"));
    assertEquals(new LatchState(3, 1), arrive("w1"), "who comes again counts once");
    assertEquals(new LatchState(3, 2), arrive("w2"));
    assertTrue(arrive("w3").open());
    assertEquals(new LatchState(3, 3), arrive("w4"), "let through, and not counted");
    assertTrue(cluster.view().latch(b("ready")).open());
  }

  @Test
  void aLatchKeepsItsSizeUntilItIsRemoved() {
    arrive("w1");
    assertEquals(new LimitDiffers(2, 3), cluster.apply(new ArriveLatch(b("ready"), 2, b("w2"))));
    assertInstanceOf(Done.class, cluster.apply(new RemoveLatch(b("ready"))));
    assertNull(cluster.view().latch(b("ready")));
    assertEquals(new LatchNotFound(), cluster.apply(new RemoveLatch(b("ready"))));
    assertEquals(0, cluster.view().usedBytes(), "nothing is left of it");
    assertTrue(cluster.apply(LatchState.class, new ArriveLatch(b("ready"), 1, b("w2"))).open());
  }

  @Test
  void aPeriodIsClaimedByOneAndDoneForEver() {
    PeriodClaimed first = claim("2026-11-21");
    cluster.after(1_000);
    assertEquals(new PeriodRunning(first.token(), TTL - 1_000), cluster.apply(ask("2026-11-21")));
    assertEquals(new PeriodFinished(first.token()), cluster.apply(finish(first.token())));
    assertEquals(new PeriodFinished(first.token()), cluster.apply(finish(first.token())));
    assertNull(cluster.view().lease(first.lease(), 0), "its lease has ended");
    assertEquals(new PeriodDone(first.token()), cluster.after(TTL * 9).apply(ask("2026-11-21")));
    assertTrue(claim("2026-11-22").token() > first.token());
  }

  @Test
  void aLostLeaseFreesThePeriodAndItsTokenIsOutdated() {
    PeriodClaimed lost = claim("p");
    PeriodClaimed next = cluster.after(TTL + 1).apply(PeriodClaimed.class, ask("p"));
    assertTrue(next.token() > lost.token());
    assertEquals(new ClaimLost(lost.token()), cluster.apply(finish(lost.token())));
    cluster.apply(new LeaseRevoke(next.lease()));
    assertEquals(new ClaimLost(next.token()), cluster.apply(finish(next.token())));
    cluster.apply(finish(claim("p").token()));
    assertInstanceOf(PeriodDone.class, cluster.apply(ask("p")));
  }

  @Test
  void aReplayPromisesNoTimeThatHasPassed() {
    ClaimOnce asked = ask("p");
    PeriodClaimed first = (PeriodClaimed) cluster.submit("key", asked).result();
    Applied again = cluster.after(2_000).submit("key", asked);
    assertEquals(first.expiringIn(TTL - 2_000), again.result());
    assertInstanceOf(LeaseEnded.class, cluster.after(TTL).submit("key", asked).result());
  }

  @Test
  void aClaimThatOutlastsManyOthersIsRememberedWhenItIsDone() {
    PeriodClaimed oldest =
        cluster.apply(PeriodClaimed.class, new ClaimOnce(b("nightly"), b("0"), 60_000, 1));
    for (int i = 1; i <= Once.DONE_MAX; i++) {
      cluster.apply(finish(claim("p" + i).token()));
    }
    cluster.apply(finish(oldest.token()));
    assertEquals(new PeriodDone(oldest.token()), cluster.apply(ask("0")));
    assertInstanceOf(PeriodClaimed.class, cluster.apply(ask("p1")), "forgotten in its place");
    assertInstanceOf(PeriodDone.class, cluster.apply(ask("p2")));
  }
}
