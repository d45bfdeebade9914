package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.acquireKept;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.release;
import static io.lockstep.kv.TestMachine.renew;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Lock-delay: after a lease's expiry the lock stays closed for as long as its holder has asked, so
 * that what the holder has begun comes to its end before another begins.
 */
class ContractLockDelayTest {
  private static final LockName NAME = LockName.lock(b("l"));

  private final TestMachine cluster = new TestMachine();
  private final LeaseId brief = cluster.lease(5_000);
  private final LeaseId a = cluster.lease(600_000);
  private final LeaseId c = cluster.lease(600_000);

  private static LockAcquire of(LockName name, LockMode mode, LeaseId lease, LockName... also) {
    return new LockAcquire(
        name,
        mode,
        new ExistingLease(lease),
        "owner",
        Bid.NONE,
        0,
        0,
        SERVER,
        false,
        7,
        List.of(also));
  }

  private LockGranted hold(LeaseId lease, long delayMillis) {
    return cluster.apply(
        LockGranted.class, of(NAME, LockMode.EXCLUSIVE, lease).delayed(delayMillis));
  }

  private LockHeld refused() {
    return cluster.apply(LockHeld.class, acquire("l", a, 0));
  }

  /** The brief lease's end. */
  private void expire() {
    cluster.after(5_001).tick();
    assertEquals(0, cluster.holder("l"));
  }

  @Test
  void theLockStaysClosedAfterAnExpiry() {
    hold(brief, 3_000);
    expire();
    assertEquals(new LockHeld(LockReason.DELAY, null, 3_001, 0), refused());
    cluster.after(2_000);
    assertEquals(1_001, refused().retryAfterMillis());
    cluster.after(1_000);
    assertEquals(1, refused().retryAfterMillis(), "the last moment");
    cluster.after(1);
    cluster.apply(LockGranted.class, acquire("l", a, 0));
  }

  @Test
  void withoutADelayItIsHandedOnAtOnce() {
    hold(brief, 0);
    expire();
    cluster.apply(LockGranted.class, acquire("l", a, 0));
  }

  @Test
  void aReleaseOpensAtOnce() {
    long token = hold(brief, 60_000).token();
    cluster.apply(LockReleased.class, release("l", token));
    cluster.lock("l", a);
    cluster.apply(new LockForce(NAME, 0, "stuck"));
    hold(brief, 60_000);
    cluster.apply(new LeaseRevoke(brief));
    cluster.lock("l", c);
  }

  @Test
  void whoWaitsIsGrantedWhenItEnds() {
    hold(brief, 3_000);
    LockQueued queued = cluster.apply(LockQueued.class, acquireKept("l", a, 60_000));
    LockQueued second = cluster.apply(LockQueued.class, acquireKept("l", c, 60_000));
    expire();
    assertEquals(new LockHeld(LockReason.DELAY, null, 3_001, 2), refusedTo(cluster.lease(9_000)));
    assertEquals(cluster.now + 3_000, cluster.view().figures().nextDueMillis());
    long revision = cluster.revision();
    cluster.after(3_000).tick();
    assertEquals(revision, cluster.revision());
    cluster.after(1).tick();
    assertEquals(revision + 1, cluster.holder("l"));
    assertEquals(LockGranted.class, cluster.view().ticket(queued.ticket()).getClass());
    assertEquals(LockQueued.class, cluster.view().ticket(second.ticket()).getClass());
  }

  private LockHeld refusedTo(LeaseId lease) {
    return cluster.apply(LockHeld.class, acquire("l", lease, 0));
  }

  @Test
  void forceEndsADelay() {
    long token = hold(brief, 600_000).token();
    expire();
    assertEquals(new NotHolder(null), cluster.apply(new LockForce(NAME, token, "gone")));
    LockQueued queued = cluster.apply(LockQueued.class, acquireKept("l", a, 60_000));
    LockForced forced = new LockForced(NAME, token, 0);
    assertEquals(forced, cluster.apply(new LockForce(NAME, 0, "gone")));
    assertEquals(LockGranted.class, cluster.view().ticket(queued.ticket()).getClass());
    assertTrue(cluster.holder("l") > token);
  }

  @Test
  void ofSharedHoldersTheLongestCounts() {
    LockAcquire share = of(NAME, LockMode.SHARED, brief).delayed(3_000);
    cluster.apply(LockGranted.class, share);
    LeaseId other = cluster.lease(6_000);
    cluster.apply(LockGranted.class, of(NAME, LockMode.SHARED, other));
    cluster.after(5_001).tick();
    LockHeld refused = cluster.apply(LockHeld.class, of(NAME, LockMode.SHARED, a));
    assertEquals(LockReason.HELD, refused.reason(), "nobody joins during a delay");
    assertEquals(3_001, refused.retryAfterMillis());
    cluster.after(1_000).tick();
    assertEquals(new LockHeld(LockReason.DELAY, null, 2_001, 0), refused());
  }

  @Test
  void severalLocksAreClosedTogether() {
    LockName other = LockName.lock(b("m"));
    cluster.apply(LockGranted.class, of(NAME, LockMode.EXCLUSIVE, brief, other).delayed(3_000));
    expire();
    OneHeld refused =
        cluster.apply(OneHeld.class, of(NAME, LockMode.EXCLUSIVE, a, LockName.lock(b("n"))));
    assertEquals(new LockHeld(LockReason.DELAY, null, 3_001, 0), refused.held());
    cluster.apply(LockHeld.class, acquire("m", a, 0));
    cluster.after(3_001);
    cluster.apply(LockGranted.class, of(NAME, LockMode.EXCLUSIVE, a, other, LockName.lock(b("n"))));
  }

  @Test
  void anElectionStaysVacant() {
    LockName office = LockName.election(b("l"));
    cluster.apply(LockGranted.class, of(office, LockMode.EXCLUSIVE, brief).delayed(3_000));
    cluster.after(5_001).tick();
    LockHeld refused = cluster.apply(LockHeld.class, of(office, LockMode.EXCLUSIVE, a));
    assertEquals(new LockHeld(LockReason.DELAY, null, 3_001, 0), refused);
    cluster.after(3_001);
    cluster.apply(LockGranted.class, of(office, LockMode.EXCLUSIVE, a));
  }

  /** However narrow the bound on idle locks, a delay is not forgotten with its lock. */
  @Test
  void aClosedLockIsNoIdleOne() {
    hold(brief, 3_600_000 * 2);
    expire();
    assertEquals(0, cluster.view().figures().idleLocks());
    cluster.apply(renew(a));
    cluster.after(599_000);
    cluster.apply(renew(a));
    assertNotNull(cluster.view().lock(b("l"), 0));
    cluster.after(3_600_000 * 2).tick();
    assertEquals(1, cluster.view().figures().idleLocks());
  }
}
