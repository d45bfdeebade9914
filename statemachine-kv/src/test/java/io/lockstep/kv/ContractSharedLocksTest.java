package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.guarded;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.ModeConflict;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.watch.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7, sentence by sentence, as far as shared locks go. */
class ContractSharedLocksTest {
  private final TestMachine cluster = new TestMachine();
  private final LeaseId a = cluster.lease(60_000);
  private final LeaseId b = cluster.lease(60_000);
  private final LeaseId c = cluster.lease(60_000);
  private final LeaseId d = cluster.lease(60_000);

  private static LockAcquire share(LeaseId lease, long waitMillis) {
    return new LockAcquire(
        LockName.lock(b("l")),
        LockMode.SHARED,
        new ExistingLease(lease),
        "reader",
        Bid.NONE,
        waitMillis,
        0,
        SERVER,
        false,
        7);
  }

  private long shared(LeaseId lease) {
    return cluster.apply(LockGranted.class, share(lease, 0)).token();
  }

  private LockView lock() {
    return cluster.view().lock(b("l"), 10);
  }

  private List<LeaseId> holders() {
    return lock().holders().stream().map(HolderInfo::lease).toList();
  }

  private Result releaseBy(LeaseId lease) {
    return cluster.apply(new LockRelease(b("l"), new ByLease(lease)));
  }

  private RenewalResult renewBy(long token) {
    return cluster
        .apply(Renewed.class, new Renew(List.of(new OfGrant(b("l"), token))))
        .results()
        .getFirst();
  }

  /** Two readers let in at once by the release of a writer, and the token that they have. */
  private long letTwoIn() {
    long writer = cluster.lock("l", a).token();
    cluster.apply(LockQueued.class, share(b, 60_000));
    cluster.apply(LockQueued.class, share(c, 60_000));
    cluster.apply(LockReleased.class, release("l", writer));
    assertEquals(List.of(b, c), holders());
    return cluster.revision();
  }

  @Test
  void sharedHoldersHoldAtOnce() {
    long first = shared(a);
    long second = shared(b);
    assertTrue(second > first, "tokens rise");
    assertEquals(List.of(a, b), holders());
    assertEquals(LockMode.SHARED, lock().mode());
    assertEquals(LockMode.SHARED, cluster.apply(LockGranted.class, share(a, 0)).mode());
  }

  @Test
  void anExclusiveRequestWaitsForAllWhoShare() {
    shared(a);
    shared(b);
    LockHeld held = cluster.apply(LockHeld.class, acquire("l", c, 0));
    assertEquals(60_001, held.retryAfterMillis(), "until the last of them is due");
    cluster.apply(LockQueued.class, acquire("l", c, 60_000));
    releaseBy(a);
    assertEquals(List.of(b), holders());
    releaseBy(b);
    assertEquals(List.of(c), holders());
    assertEquals(LockMode.EXCLUSIVE, lock().mode());
  }

  /** "A shared request behind an exclusive waiter waits." */
  @Test
  void aSharedRequestBehindAnExclusiveWaiterWaits() {
    shared(a);
    cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    assertInstanceOf(LockHeld.class, cluster.apply(share(c, 0)));
    assertEquals(2, cluster.apply(LockQueued.class, share(c, 60_000)).position());
    releaseBy(a);
    assertEquals(List.of(b), holders());
    releaseBy(b);
    assertEquals(List.of(c), holders());
  }

  @Test
  void whenTheExclusiveWaiterGoesThoseBehindItShare() {
    shared(a);
    LockQueued writer = cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    cluster.apply(LockQueued.class, share(c, 60_000));
    cluster.apply(LockQueued.class, share(d, 60_000));
    cluster.apply(new LockLeave(b("l"), writer.ticket()));
    assertEquals(List.of(a, c, d), holders());
    assertEquals(0, lock().queueLength());
  }

  @Test
  void theEndOfTheExclusiveWaitersLeaseOrWaitLetsThoseBehindItShareToo() {
    shared(a);
    cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    cluster.apply(LockQueued.class, share(c, 60_000));
    cluster.apply(new LeaseRevoke(b));
    assertEquals(List.of(a, c), holders());
    cluster.apply(LockQueued.class, acquire("l", d, 1_000));
    LeaseId e = cluster.lease(60_000);
    cluster.apply(LockQueued.class, share(e, 2_000));
    cluster.after(1_001).tick();
    assertEquals(List.of(a, c, e), holders());
  }

  /** A node that falls silent leaves many places at once: those let in then share one revision. */
  @Test
  void whoIsLetInBySilenceIsLetInOnce() {
    shared(a);
    cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    cluster.apply(LockQueued.class, kept(share(c, 60_000)));
    LeaseId e = cluster.lease(60_000);
    cluster.apply(LockQueued.class, acquire("l", d, 60_000));
    cluster.apply(LockQueued.class, kept(share(e, 60_000)));
    cluster.after(3_001).tick();
    assertEquals(List.of(a, c, e), holders());
    long token = cluster.revision();
    assertEquals(new AmbiguousToken(token), cluster.apply(release("l", token)));
  }

  private static LockAcquire kept(LockAcquire acquire) {
    return new LockAcquire(
        acquire.name(),
        acquire.mode(),
        acquire.holder(),
        acquire.owner(),
        acquire.bid(),
        acquire.waitMillis(),
        0,
        acquire.server(),
        true,
        7);
  }

  /**
   * "Shared holders granted in one revision have equal tokens; they renew and release by lease."
   */
  @Test
  void thoseGrantedInOneRevisionHaveEqualTokensAndGoByTheirLeases() {
    long token = letTwoIn();
    assertTrue(lock().holders().stream().allMatch(holder -> holder.token() == token));
    assertEquals(new AmbiguousToken(token), cluster.apply(release("l", token)));
    assertEquals(new Refused(new AmbiguousToken(token)), renewBy(token));
    assertEquals(new LockReleased(LockName.lock(b("l")), token), releaseBy(b));
    assertEquals(List.of(c), holders());
    assertEquals(new LockReleased(LockName.lock(b("l")), token), releaseBy(b), "again");
    assertEquals(List.of(c), holders());
  }

  /** A late second release by token must not end what another holds under the same one. */
  @Test
  void aTokenStaysAmbiguousWhenOnlyOneOfThemIsLeft() {
    long token = letTwoIn();
    releaseBy(b);
    assertEquals(new AmbiguousToken(token), cluster.apply(release("l", token)));
    assertEquals(List.of(c), holders());
    releaseBy(c);
    assertEquals(new AmbiguousToken(token), cluster.apply(release("l", token)));
  }

  @Test
  void aTokenOfOneSharedHolderIsAsGoodAsItsLease() {
    long first = shared(a);
    shared(b);
    assertInstanceOf(Alive.class, renewBy(first));
    assertEquals(
        new LockReleased(LockName.lock(b("l")), first), cluster.apply(release("l", first)));
    assertEquals(List.of(b), holders());
  }

  @Test
  void ofThoseWhoShareEachEndsAlone() {
    long token = letTwoIn();
    cluster.after(59_000);
    cluster.renewed(c);
    cluster.after(1_500).tick();
    assertEquals(List.of(c), holders());
    assertEquals(new GrantLost(token), releaseBy(b));
    assertInstanceOf(LockReleased.class, releaseBy(c));
  }

  /** A shared lock is not upgraded: two who both wait for the other to go would wait for ever. */
  @Test
  void aGrantOrPlaceOfTheOtherModeIsNotTakenForThisOne() {
    shared(a);
    assertEquals(new ModeConflict(LockMode.SHARED), cluster.apply(acquire("l", a, 60_000)));
    cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    assertEquals(new ModeConflict(LockMode.EXCLUSIVE), cluster.apply(share(b, 60_000)));
    releaseBy(a);
    assertEquals(new ModeConflict(LockMode.EXCLUSIVE), cluster.apply(share(b, 0)));
    assertEquals(List.of(b), holders());
  }

  /** "If-Lock on any write": every present holder's token is good, and no other. */
  @Test
  void aGuardHoldsForEveryPresentHolder() {
    long first = shared(a);
    long second = shared(b);
    assertInstanceOf(KeyPut.class, cluster.apply(guarded("k", "1", new LockGuard(b("l"), first))));
    assertInstanceOf(KeyPut.class, cluster.apply(guarded("k", "2", new LockGuard(b("l"), second))));
    releaseBy(a);
    assertEquals(
        new StaleToken(b("l"), first, second),
        cluster.apply(guarded("k", "3", new LockGuard(b("l"), first))));
    assertEquals("2", cluster.value("k"));
  }

  @Test
  void tokensOfWritersAfterReadersAreGreater() {
    long token = letTwoIn();
    releaseBy(c);
    releaseBy(b);
    assertTrue(cluster.lock("l", d).token() > token);
  }

  @Test
  void watchersSeeTheModeOfEachGrant() {
    letTwoIn();
    List<Event> events = cluster.events(cluster.revision());
    List<Event.OfLock> granted =
        events.stream()
            .map(Event.OfLock.class::cast)
            .filter(event -> event.change() == Event.LockChange.ACQUIRED)
            .toList();
    assertEquals(List.of(b, c), granted.stream().map(Event.OfLock::lease).toList());
    assertTrue(granted.stream().allMatch(event -> event.mode() == LockMode.SHARED));
    assertNotEquals(LockMode.SHARED, ((Event.OfLock) events.getFirst()).mode());
  }
}
