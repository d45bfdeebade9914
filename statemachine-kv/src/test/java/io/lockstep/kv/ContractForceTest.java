package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.acquireOwn;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.guarded;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.lock.SemaphoreView.Holding;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7: "Force-release ... outdates the victim's token." */
class ContractForceTest {
  private final TestMachine cluster = new TestMachine();
  private final LeaseId a = cluster.lease(60_000);
  private final LeaseId b = cluster.lease(60_000);

  private Result force(long token) {
    return cluster.apply(new LockForce(LockName.lock(b("l")), token, "stuck"));
  }

  private Result renewBy(long token) {
    Renew renew = new Renew(List.of(new OfGrant(b("l"), token)));
    return ((Refused) cluster.apply(Renewed.class, renew).results().getFirst()).failure();
  }

  private static LockAcquire share(LeaseId lease) {
    return share(new ExistingLease(lease));
  }

  private static LockAcquire share(Holder holder) {
    return new LockAcquire(
        LockName.lock(b("l")),
        LockMode.SHARED,
        holder,
        "reader",
        Bid.NONE,
        60_000,
        0,
        SERVER,
        false,
        7);
  }

  @Test
  void theVictimsTokenIsOutdatedEverywhere() {
    long token = cluster.lock("l", a).token();
    cluster.apply(KeyPut.class, guarded("k", "1", new LockGuard(b("l"), token)));
    assertEquals(new LockForced(LockName.lock(b("l")), token, 1), force(0));
    assertEquals(0, cluster.holder("l"));
    assertEquals(new GrantLost(token), renewBy(token));
    assertEquals(new GrantLost(token), cluster.apply(release("l", token)));
    assertEquals(
        new GrantLost(token), cluster.apply(new LockRelease(b("l"), new ByLease(a))), "by lease");
    assertEquals(
        new StaleToken(b("l"), token, 0),
        cluster.apply(guarded("k", "2", new LockGuard(b("l"), token))));
    assertEquals("1", cluster.value("k"));
  }

  @Test
  void theNextIsGrantedInTheSameRevision() {
    long token = cluster.lock("l", a).token();
    cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    long before = cluster.revision();
    force(0);
    assertEquals(before + 1, cluster.holder("l"));
    assertEquals(
        new StaleToken(b("l"), token, before + 1),
        cluster.apply(guarded("k", "2", new LockGuard(b("l"), token))));
  }

  @Test
  void reasonAndVictimAreTold() {
    long token = cluster.lock("l", a).token();
    cluster.after(500);
    force(0);
    Event.OfLock event = (Event.OfLock) cluster.events(cluster.revision()).getFirst();
    assertEquals(LockChange.FORCED, event.change());
    assertEquals("stuck", event.reason());
    assertEquals(token, event.token());
    assertEquals("owner", event.owner());
    PastGrant past = cluster.view().lock(b("l"), 9).past().getLast();
    assertEquals(GrantEnd.FORCED, past.end());
    assertEquals("stuck", past.reason());
    assertEquals(500, past.endedMillis() - past.sinceMillis());
  }

  /** A lease that the client brought runs on, with whatever else it holds; one of its own ends. */
  @Test
  void onlyALeaseOfTheGrantsOwnEnds() {
    cluster.lock("l", a);
    long other = cluster.lock("other", a).token();
    force(0);
    assertInstanceOf(Alive.class, cluster.renewed(a));
    assertEquals(other, cluster.holder("other"));
    LockGranted own = cluster.apply(LockGranted.class, acquireOwn("l", 10_000, 0));
    cluster.apply(KeyPut.class, put("mine", "x", own.lease()));
    force(own.token());
    long revision = cluster.revision();
    assertEquals(new LeaseEnded(own.lease(), revision), refusal(own.lease()));
    assertNull(cluster.value("mine"));
    assertEquals(
        new Event.OfLease(revision, 1, LeaseEnd.REVOKED, own.lease()),
        cluster.events(revision).get(1));
  }

  private Result refusal(LeaseId lease) {
    return ((Refused) cluster.renewed(lease)).failure();
  }

  @Test
  void allWhoShareLoseIt() {
    cluster.apply(LockGranted.class, share(a));
    long second = cluster.apply(LockGranted.class, share(b)).token();
    LeaseId c = cluster.lease(60_000);
    LeaseId d = cluster.lease(60_000);
    cluster.apply(LockQueued.class, acquire("l", c, 60_000));
    cluster.apply(LockQueued.class, share(d));
    assertEquals(new LockForced(LockName.lock(b("l")), second, 2), force(0));
    assertEquals(c, cluster.view().lock(b("l"), 9).holder().lease(), "the next is not skipped");
  }

  /** A repetition that comes late must not hit the next holder. */
  @Test
  void aTokenSaysWhoIsMeant() {
    long token = cluster.lock("l", a).token();
    cluster.apply(LockQueued.class, acquire("l", b, 60_000));
    assertInstanceOf(LockForced.class, force(token));
    long next = cluster.holder("l");
    NotHolder refused = assertInstanceOf(NotHolder.class, force(token));
    assertEquals(next, refused.holder().token());
    assertEquals(next, cluster.holder("l"));
  }

  /** Of two victims one waits for what the other holds: it is not granted that as it ends. */
  @Test
  void aVictimIsGrantedNothingOnItsWayOut() {
    LeaseId first = cluster.apply(LockGranted.class, share(new OwnLease(60_000))).lease();
    LeaseId second = cluster.apply(LockGranted.class, share(new OwnLease(60_000))).lease();
    cluster.lock("x", first);
    cluster.lock("y", second);
    cluster.apply(LockQueued.class, acquire("x", second, 60_000));
    cluster.apply(LockQueued.class, acquire("x", a, 60_000));
    force(0);
    assertEquals(a, cluster.view().lock(b("x"), 9).holder().lease());
    assertEquals(0, cluster.holder("y"));
    assertEquals(1, cluster.view().lock(b("x"), 9).past().size());
  }

  /** Both held permits of the same semaphore: who comes next is granted them in one revision. */
  @Test
  void whatVictimsHoldOfOneSemaphoreIsHandedOnAtOnce() {
    LeaseId first = cluster.apply(LockGranted.class, share(new OwnLease(60_000))).lease();
    LeaseId second = cluster.apply(LockGranted.class, share(new OwnLease(60_000))).lease();
    cluster.apply(LockGranted.class, permit(first));
    cluster.apply(LockGranted.class, permit(second));
    cluster.apply(LockQueued.class, permit(a));
    cluster.apply(LockQueued.class, permit(b));
    assertInstanceOf(LockForced.class, force(0));
    List<Holding> holders = cluster.view().semaphore(b("s"), 9).holders();
    assertEquals(List.of(a, b), holders.stream().map(one -> one.holder().lease()).toList());
    assertEquals(
        List.of(cluster.revision(), cluster.revision()),
        holders.stream().map(one -> one.holder().token()).toList());
    LockRelease ambiguous =
        new LockRelease(LockName.semaphore(b("s")), new ByToken(cluster.revision()));
    assertInstanceOf(AmbiguousToken.class, cluster.apply(ambiguous));
  }

  private static LockAcquire permit(LeaseId lease) {
    return new LockAcquire(
        LockName.semaphore(b("s")),
        LockMode.SHARED,
        new ExistingLease(lease),
        "worker",
        Bid.of(new Permits(1, 2)),
        60_000,
        0,
        SERVER,
        false,
        7);
  }

  /** A lease that was made for another lock runs on, and holds that. */
  @Test
  void whatTheVictimHasBesideStaysItsOwn() {
    LockGranted other = cluster.apply(LockGranted.class, acquireOwn("x", 60_000, 0));
    cluster.lock("l", other.lease());
    assertInstanceOf(LockForced.class, force(0));
    assertEquals(other.token(), cluster.holder("x"));
    assertEquals(0, cluster.holder("l"));
  }

  @Test
  void whatNobodyHoldsIsNotTakenAway() {
    assertEquals(new NotHolder(null), force(0));
    cluster.apply(release("l", cluster.lock("l", a).token()));
    assertEquals(new NotHolder(null), force(0));
  }
}
