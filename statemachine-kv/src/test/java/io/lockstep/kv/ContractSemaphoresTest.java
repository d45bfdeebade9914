package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.b;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.lock.SemaphoreView;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.Failure.PermitsDiffer;
import io.lockstep.kv.result.Failure.SemaphoreLimitDiffers;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.LockChange;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7, sentence by sentence, as far as semaphores go. */
class ContractSemaphoresTest {
  private static final LockName NAME = LockName.semaphore(b("s"));

  private final TestMachine cluster = new TestMachine();
  private final LeaseId a = cluster.lease(60_000);
  private final LeaseId b = cluster.lease(60_000);
  private final LeaseId c = cluster.lease(60_000);
  private final LeaseId d = cluster.lease(60_000);

  private static LockAcquire take(Holder holder, int permits, int limit, long waitMillis) {
    return new LockAcquire(
        NAME,
        LockMode.SHARED,
        holder,
        "worker",
        Bid.of(new Permits(permits, limit)),
        waitMillis,
        0,
        SERVER,
        false,
        7);
  }

  private LockGranted taken(LeaseId lease, int permits) {
    return cluster.apply(LockGranted.class, take(new ExistingLease(lease), permits, 5, 0));
  }

  private LockQueued queued(LeaseId lease, int permits) {
    return cluster.apply(LockQueued.class, take(new ExistingLease(lease), permits, 5, 60_000));
  }

  private Result release(Claim claim) {
    return cluster.apply(new LockRelease(NAME, claim));
  }

  private SemaphoreView semaphore() {
    return cluster.view().semaphore(b("s"), 10);
  }

  private List<LeaseId> holders() {
    return semaphore().holders().stream().map(holding -> holding.holder().lease()).toList();
  }

  @Test
  void permitsAreHeldByManyAndNeverMoreThanThereAre() {
    LockGranted first = taken(a, 2);
    LockGranted second = taken(b, 2);
    assertTrue(second.token() > first.token(), "tokens rise");
    assertInstanceOf(LockHeld.class, cluster.apply(take(new ExistingLease(c), 2, 5, 0)));
    taken(c, 1);
    assertInstanceOf(LockHeld.class, cluster.apply(take(new ExistingLease(d), 1, 5, 0)));
    assertEquals(5, semaphore().permitsHeld());
    assertEquals(List.of(a, b, c), holders());
    assertEquals(
        List.of(2L, 2L, 1L),
        semaphore().holders().stream().map(SemaphoreView.Holding::permits).toList());
  }

  @Test
  void aBigRequestAtTheHeadIsNotOvertakenBySmallOnes() {
    taken(a, 3);
    queued(b, 4);
    assertEquals(2, queued(c, 1).position(), "though one permit is free");
    LockHeld refused = cluster.apply(LockHeld.class, take(new ExistingLease(d), 1, 5, 0));
    assertEquals(LockReason.QUEUED, refused.reason());
    release(new ByLease(a));
    assertEquals(List.of(b, c), holders(), "both fit now");
    assertEquals(0, semaphore().queueLength());
  }

  @Test
  void whoComesAfterOneWhoGivesUpIsGrantedAtOnce() {
    taken(a, 3);
    LockQueued big = queued(b, 4);
    queued(c, 2);
    cluster.apply(new LockLeave(NAME, big.ticket(), false));
    assertEquals(List.of(a, c), holders());
  }

  @Test
  void permitsGrantedInOneRevisionShareATokenAndGoByLease() {
    taken(a, 5);
    queued(b, 2);
    queued(c, 2);
    release(new ByLease(a));
    long token = cluster.revision();
    assertEquals(new AmbiguousToken(token), release(new ByToken(token)));
    Renew renew = new Renew(List.of(new OfGrant(NAME, token)));
    assertEquals(
        List.of(new Refused(new AmbiguousToken(token))),
        cluster.apply(Renewed.class, renew).results());
    assertEquals(new LockReleased(NAME, token), release(new ByLease(b)));
    assertEquals(new AmbiguousToken(token), release(new ByToken(token)), "also for the last");
    assertEquals(List.of(c), holders());
    assertEquals(new LockReleased(NAME, token), release(new ByLease(b)), "idempotent");
  }

  @Test
  void aTokenThatFitsOneRenewsAndReleasesIt() {
    long token = taken(a, 2).token();
    Renew renew = new Renew(List.of(new OfGrant(NAME, token)));
    assertInstanceOf(Alive.class, cluster.apply(Renewed.class, renew).results().getFirst());
    assertEquals(new LockReleased(NAME, token), release(new ByToken(token)));
    assertEquals(0, semaphore().permitsHeld());
  }

  @Test
  void aLimitStandsWhileSomebodyHoldsOrWaits() {
    taken(a, 2);
    LockAcquire other = take(new ExistingLease(b), 1, 6, 1_000);
    assertEquals(new SemaphoreLimitDiffers(6, 5), cluster.apply(other));
    release(new ByLease(a));
    assertEquals(0, semaphore().limit(), "nobody says one");
    cluster.apply(LockGranted.class, other);
    assertEquals(6, semaphore().limit());
    assertEquals(
        new SemaphoreLimitDiffers(5, 6), cluster.apply(take(new ExistingLease(b), 1, 5, 0)));
  }

  @Test
  void aLeaseThatHasPermitsGetsThemBackAndNoOthers() {
    LockGranted granted = taken(a, 2);
    assertEquals(granted, taken(a, 2));
    assertEquals(new PermitsDiffer(2), cluster.apply(take(new ExistingLease(a), 3, 5, 0)));
    queued(b, 4);
    assertEquals(new PermitsDiffer(4), cluster.apply(take(new ExistingLease(b), 3, 5, 9_000)));
    assertEquals(2, semaphore().permitsHeld());
  }

  @Test
  void permitsEndWithTheirLeaseAndGoOnInTheSameRevision() {
    LockGranted own = cluster.apply(LockGranted.class, take(new OwnLease(2_000), 5, 5, 0));
    queued(b, 5);
    cluster.after(2_001).tick();
    assertEquals(List.of(b), holders());
    assertEquals(new GrantLost(own.token()), release(new ByToken(own.token())));
    List<Event> events = cluster.events(cluster.revision());
    Event.OfSemaphore ended = (Event.OfSemaphore) events.get(1);
    assertEquals(LockChange.EXPIRED, ended.change());
    assertEquals(0, ended.permitsHeld());
    Event.OfSemaphore began = (Event.OfSemaphore) events.get(2);
    assertEquals(LockChange.ACQUIRED, began.change());
    assertEquals(5, began.permits());
    assertEquals(5, began.permitsHeld());
    assertNotEquals(own.token(), began.token());
  }

  @Test
  void aRefusalSaysWhenThereWillBeRoom() {
    cluster.apply(LockGranted.class, take(new OwnLease(9_000), 2, 5, 0));
    cluster.apply(LockGranted.class, take(new OwnLease(3_000), 1, 5, 0));
    cluster.apply(LockGranted.class, take(new OwnLease(6_000), 2, 5, 0));
    assertEquals(3_001, refusedFor(1));
    assertEquals(6_001, refusedFor(2));
    assertEquals(6_001, refusedFor(3));
    assertEquals(9_001, refusedFor(4));
  }

  private long refusedFor(int permits) {
    return cluster
        .apply(LockHeld.class, take(new ExistingLease(a), permits, 5, 0))
        .retryAfterMillis();
  }

  /** It follows renewals, and the end of a lease that holds other things too. */
  @Test
  void aRefusalGoesByThePresentEndsOfLeases() {
    taken(a, 3);
    taken(b, 2);
    LeaseId third = cluster.lease(60_000);
    long before = refused(third, 1);
    cluster.after(1_000).apply(new Renew(List.of(new Renewal.OfLease(a))));
    long ofTheOther = refused(third, 1);
    assertEquals(before - 1_000, ofTheOther, "the other one ends first now");
    cluster.apply(new Renew(List.of(new Renewal.OfLease(b))));
    assertEquals(before, refused(third, 1));
    cluster.apply(new LeaseRevoke(b));
    assertEquals(before, refused(third, 3));
  }

  private long refused(LeaseId lease, int permits) {
    return cluster
        .apply(LockHeld.class, take(new ExistingLease(lease), permits, 5, 0))
        .retryAfterMillis();
  }

  /** Work as memory that is taken for it, which a busy machine does not change. */
  @Test
  void aRefusalCostsNoMoreWhenManyHold() {
    long few = bytesOfRefusals(100);
    long many = bytesOfRefusals(8_000);
    assertTrue(many < 3 * few, many + " bytes instead of " + few);
  }

  private static long bytesOfRefusals(int holders) {
    TestMachine full = new TestMachine();
    for (int i = 0; i < holders; i++) {
      full.apply(LockGranted.class, take(new OwnLease(60_000 + i), 1, holders, 0));
    }
    LeaseId patient = full.lease(60_000);
    LeaseId other = full.lease(60_000);
    long bytes = 0;
    for (int round = 0; round < 3; round++) {
      long before = allocated();
      for (int i = 0; i < 20; i++) {
        full.apply(LockHeld.class, take(new ExistingLease(patient), 1, holders, 0));
      }
      bytes = allocated() - before;
    }
    full.apply(LockQueued.class, take(new ExistingLease(other), 1, holders, 10_000));
    long before = allocated();
    for (int i = 0; i < 20; i++) {
      full.apply(LockHeld.class, take(new ExistingLease(patient), 1, holders, 0));
    }
    return bytes + allocated() - before;
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void aWaiterWhoseLeaseEndedIsNoGhost() {
    taken(a, 5);
    queued(b, 5);
    queued(c, 1);
    cluster.apply(new LeaseRevoke(b));
    release(new ByLease(a));
    assertEquals(List.of(c), holders());
  }

  @Test
  void moreThanThereAreIsNoCommand() {
    assertInstanceOf(MalformedCommand.class, cluster.apply(take(new ExistingLease(a), 6, 5, 0)));
    assertInstanceOf(MalformedCommand.class, cluster.apply(take(new ExistingLease(a), 0, 5, 0)));
  }
}
