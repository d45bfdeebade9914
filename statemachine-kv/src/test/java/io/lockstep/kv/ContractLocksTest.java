package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.acquireOwn;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.ServerAlive;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.watch.Event;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7, sentence by sentence, as far as exclusive locks go. */
class ContractLocksTest {
  private final TestMachine cluster = new TestMachine();
  private final LeaseId a = cluster.lease(60_000);
  private final LeaseId b = cluster.lease(60_000);
  private final LeaseId c = cluster.lease(60_000);

  private LockQueued queue(String lock, LeaseId lease, long waitMillis) {
    return cluster.apply(LockQueued.class, acquire(lock, lease, waitMillis));
  }

  private TicketId keep(String lock, LeaseId lease, long waitMillis) {
    return cluster
        .apply(LockQueued.class, TestMachine.acquireKept(lock, lease, waitMillis))
        .ticket();
  }

  /** "Granting is strictly first come, first served by log order." */
  @Test
  void grantingIsFirstComeFirstServed() {
    long first = cluster.lock("l", a).token();
    LockQueued second = queue("l", b, 60_000);
    LockQueued third = queue("l", c, 60_000);
    assertEquals(1, second.position());
    assertEquals(2, third.position());
    cluster.apply(release("l", first));
    LockGranted granted = (LockGranted) cluster.view().ticket(second.ticket());
    assertEquals(b, granted.lease());
    assertEquals(1, ((LockQueued) cluster.view().ticket(third.ticket())).position());
    cluster.apply(release("l", granted.token()));
    assertEquals(c, ((LockGranted) cluster.view().ticket(third.ticket())).lease());
  }

  /** "The lease of `ttl` ... ends with the release": of what it was made for, and of that only. */
  @Test
  void whatWasAddedToALeaseDoesNotEndItWithItsRelease() {
    LockGranted first = cluster.apply(LockGranted.class, acquireOwn("l", 60_000, 0));
    LockGranted added = cluster.lock("more", first.lease());
    cluster.apply(release("more", added.token()));
    assertEquals(first.lease(), cluster.lock("l", first.lease()).lease(), "it runs on");
    assertEquals(first.token(), cluster.lock("l", first.lease()).token(), "and holds what it held");
    LockGranted again = cluster.lock("more", first.lease());
    assertTrue(again.token() > added.token(), "it was given back");
    cluster.apply(release("l", first.token()));
    assertEquals(0, cluster.holder("more"), "all that is on a lease ends with it");
  }

  /** A try does not wait, and is told who holds the lock. */
  @Test
  void aTryIsToldTheHolder() {
    long token = cluster.lock("l", a).token();
    cluster.after(1_000);
    HolderInfo holder = new HolderInfo("owner", token, a, token, 59_000);
    assertEquals(
        new LockHeld(LockReason.HELD, holder, 59_001, 0), cluster.apply(acquire("l", b, 0)));
    queue("l", b, 10_000);
    assertEquals(
        new LockHeld(LockReason.QUEUED, holder, 59_001, 1), cluster.apply(acquire("l", c, 0)));
  }

  /** "A waiter's place ends with its `wait`." */
  @Test
  void aPlaceEndsWithItsWait() {
    long token = cluster.lock("l", a).token();
    TicketId ticket = keep("l", b, 5_000);
    cluster.after(5_000).tick();
    assertInstanceOf(LockQueued.class, cluster.view().ticket(ticket));
    long before = cluster.revision();
    cluster.after(1).tick();
    assertEquals(new TicketEnded(ticket), cluster.view().ticket(ticket));
    assertEquals(before + 1, cluster.revision());
    cluster.apply(release("l", token));
    assertEquals(0, cluster.holder("l"));
  }

  /**
   * A wait that has passed by the stamp is over before a lease that ends at the same entry frees
   * the lock.
   */
  @Test
  void nobodyIsGrantedALockAfterTheirWait() {
    LeaseId holder = cluster.lease(2_000);
    cluster.lock("l", holder);
    TicketId late = keep("l", a, 3_000);
    TicketId patient = keep("l", b, 30_000);
    cluster.after(10_000).tick();
    assertEquals(new TicketEnded(late), cluster.view().ticket(late));
    assertInstanceOf(LockGranted.class, cluster.view().ticket(patient));
  }

  /** "... or its connection, so that no ghost is granted a lock": the node that waits says so. */
  @Test
  void aPlaceEndsWhenItsNodeSaysThatNobodyWaits() {
    long token = cluster.lock("l", a).token();
    TicketId ticket = queue("l", b, 60_000).ticket();
    assertEquals(new PlaceLeft(false), cluster.apply(new LockLeave(b("l"), ticket)));
    assertEquals(new TicketEnded(ticket), cluster.apply(new LockLeave(b("l"), ticket)));
    cluster.apply(release("l", token));
    assertEquals(0, cluster.holder("l"));
  }

  /** A grant that came before the node learned that nobody waits is released. */
  @Test
  void aGrantThatNobodyWaitedForIsReleased() {
    long token = cluster.lock("l", a).token();
    TicketId ticket = queue("l", b, 60_000).ticket();
    TicketId next = queue("l", c, 60_000).ticket();
    cluster.apply(release("l", token));
    assertEquals(new PlaceLeft(true), cluster.apply(new LockLeave(b("l"), ticket)));
    assertInstanceOf(LockGranted.class, cluster.view().ticket(next));
  }

  /** A retry's wait that passes does not take back what the first attempt was told of. */
  @Test
  void aGrantThatSomebodyMayHaveBeenToldOfIsSpared() {
    long token = cluster.lock("l", a).token();
    TicketId ticket = queue("l", b, 60_000).ticket();
    TicketId next = queue("l", c, 60_000).ticket();
    cluster.apply(release("l", token));
    LockGranted granted =
        assertInstanceOf(
            LockGranted.class, cluster.apply(new LockLeave(LockName.lock(b("l")), ticket, true)));
    assertEquals(ticket, granted.ticket());
    assertEquals(granted.token(), cluster.holder("l"));
    assertEquals(
        new PlaceLeft(false), cluster.apply(new LockLeave(LockName.lock(b("l")), next, true)));
  }

  @Test
  void aTicketOfAnotherLockOrOfNoneLeavesNothing() {
    cluster.lock("l", a);
    TicketId ticket = queue("l", b, 60_000).ticket();
    assertEquals(new TicketNotFound(ticket), cluster.apply(new LockLeave(b("other"), ticket)));
    TicketId never = new TicketId(1_000_000, 1);
    assertEquals(new TicketNotFound(never), cluster.apply(new LockLeave(b("l"), never)));
    assertInstanceOf(LockQueued.class, cluster.view().ticket(ticket));
  }

  /**
   * A node that is silent for longer than 3 s of cluster time loses its places, but not those with
   * a key.
   */
  @Test
  void aSilentNodeLosesItsPlaces() {
    cluster.lock("l", a);
    Server other = new Server(new NodeId("n2"), 1);
    TicketId lost = queue("l", b, 60_000).ticket();
    TicketId kept = keep("l", c, 60_000);
    LeaseId d = cluster.lease(60_000);
    TicketId elsewhere =
        cluster
            .apply(
                LockQueued.class,
                new LockAcquire(b("l"), new ExistingLease(d), "o", 60_000, other, false, 1))
            .ticket();
    cluster.after(3_000).apply(new ServerAlive(other));
    assertInstanceOf(LockQueued.class, cluster.view().ticket(lost));
    assertEquals(cluster.now, cluster.machine.nextDueMillis());
    cluster.after(1).tick();
    assertEquals(new TicketEnded(lost), cluster.view().ticket(lost));
    assertInstanceOf(LockQueued.class, cluster.view().ticket(kept));
    assertInstanceOf(LockQueued.class, cluster.view().ticket(elsewhere));
    cluster.after(2_999).tick();
    assertInstanceOf(LockQueued.class, cluster.view().ticket(elsewhere));
    cluster.after(1).tick();
    assertEquals(new TicketEnded(elsewhere), cluster.view().ticket(elsewhere));
  }

  /** A new life of a node does not keep the places of the one before. */
  @Test
  void anotherLifeOfANodeIsAnotherNode() {
    cluster.lock("l", a);
    TicketId ticket = queue("l", b, 60_000).ticket();
    cluster.after(2_000).apply(new ServerAlive(new Server(SERVER.node(), 2)));
    cluster.after(1_001).tick();
    assertEquals(new TicketEnded(ticket), cluster.view().ticket(ticket));
  }

  /** "A grant re-validates the waiter's lease in the same entry." */
  @Test
  void aWaiterWhoseLeaseIsJustEndingIsPassedOver() {
    LeaseId first = cluster.lease(5_000);
    LeaseId second = cluster.lease(5_000);
    long token = cluster.lock("l", first).token();
    TicketId dying = queue("l", second, 60_000).ticket();
    TicketId alive = queue("l", a, 60_000).ticket();
    cluster.after(3_000).apply(new ServerAlive(SERVER));
    cluster.after(2_001).tick();
    assertEquals(new TicketEnded(dying), cluster.view().ticket(dying));
    LockGranted granted = (LockGranted) cluster.view().ticket(alive);
    assertTrue(granted.token() > token);
    for (long revision = token + 1; revision <= cluster.revision(); revision++) {
      assertTrue(
          cluster.events(revision).stream()
              .noneMatch(
                  event ->
                      event instanceof Event.OfLock of
                          && second.equals(of.lease())
                          && of.change() == Event.LockChange.ACQUIRED),
          "the ended lease never held the lock");
    }
  }

  /** "A lease made by the acquire itself starts to run at the grant and ends with the release." */
  @Test
  void anOwnLeaseStartsAtTheGrantAndEndsWithTheRelease() {
    long token = cluster.lock("l", a).token();
    LockQueued queued = cluster.apply(LockQueued.class, acquireOwn("l", 5_000, 60_000));
    assertNull(queued.lease());
    LeaseId own = new LeaseId(queued.ticket().index(), queued.ticket().nonce());
    assertEquals(new Refused(new LeaseNotFound(own)), cluster.renewed(own));
    for (int i = 0; i < 10; i++) {
      cluster.after(2_000).apply(new ServerAlive(SERVER));
    }
    cluster.apply(release("l", token));
    LockGranted granted = (LockGranted) cluster.view().ticket(queued.ticket());
    assertEquals(5_000, granted.expiresInMillis());
    assertEquals(own, granted.lease());
    cluster.apply(put("k", "v", own));
    cluster.apply(release("l", granted.token()));
    assertInstanceOf(LeaseEnded.class, cluster.view().leaseAbsence(own));
    assertNull(cluster.value("k"), "what else was on the lease has ended with it");
  }

  @Test
  void anOwnLeaseThatExpiresFreesTheLock() {
    LockGranted granted = cluster.apply(LockGranted.class, acquireOwn("l", 5_000, 0));
    cluster.after(5_001).tick();
    assertEquals(0, cluster.holder("l"));
    assertEquals(new GrantLost(granted.token()), cluster.apply(release("l", granted.token())));
  }

  /**
   * "A lease that already holds the lock or waits for it gets that grant or ticket back (no count
   * of re-entries)."
   */
  @Test
  void aLeaseGetsItsGrantOrTicketBack() {
    LockGranted first = cluster.lock("l", a);
    long before = cluster.revision();
    cluster.after(1_000);
    LockGranted again = cluster.apply(LockGranted.class, acquire("l", a, 0));
    assertEquals(first.token(), again.token());
    assertEquals(59_000, again.expiresInMillis());
    LockQueued waiting = queue("l", b, 10_000);
    cluster.after(1_000);
    assertEquals(waiting.ticket(), queue("l", b, 20_000).ticket());
    assertEquals(before + 1, cluster.revision());
    assertEquals(20_000, remaining(waiting.ticket()));
    queue("l", b, 1_000);
    assertEquals(20_000, remaining(waiting.ticket()), "a wait is never cut short");
    cluster.apply(release("l", first.token()));
    assertEquals(b, cluster.view().lock(b("l"), 1).holder().lease());
  }

  private long remaining(TicketId ticket) {
    return ((LockQueued) cluster.view().ticket(ticket)).remainingWaitMillis();
  }

  /**
   * "tokens of one lock strictly increase for ever: across holders, ... deletion and re-creation".
   */
  @Test
  void tokensIncreaseAlsoWhenTheLockWasForgotten() {
    long token = cluster.lock("l", a).token();
    assertEquals(cluster.revision(), token, "the token is the grant's revision");
    cluster.apply(release("l", token));
    cluster.after(3_600_001).tick();
    assertNull(cluster.view().lock(b("l"), 0), "an idle lock is forgotten after an hour");
    LeaseId late = cluster.lease(5_000);
    assertTrue(cluster.lock("l", late).token() > token);
  }

  /** Forgetting an idle lock does not make an idle cluster tick. */
  @Test
  void idleLocksAreForgottenLazily() {
    cluster.apply(release("l", cluster.lock("l", a).token()));
    cluster.apply(new LeaseRevoke(a));
    cluster.apply(new LeaseRevoke(b));
    cluster.apply(new LeaseRevoke(c));
    assertEquals(Long.MAX_VALUE, cluster.machine.nextDueMillis());
  }

  /** "`If-Lock` on any KV write (checked atomically at apply)". */
  @Test
  void aGuardedWriteNeedsThePresentToken() {
    long first = cluster.lock("l", a).token();
    LockGuard old = new LockGuard(b("l"), first);
    assertInstanceOf(KeyPut.class, cluster.apply(TestMachine.guarded("k", "1", old)));
    queue("l", b, 60_000);
    cluster.apply(release("l", first));
    long second = cluster.holder("l");
    assertEquals(
        new StaleToken(b("l"), first, second), cluster.apply(TestMachine.guarded("k", "2", old)));
    LockGuard present = new LockGuard(b("l"), second);
    assertInstanceOf(KeyPut.class, cluster.apply(TestMachine.guarded("k", "2", present)));
    cluster.apply(release("l", second));
    assertEquals(
        new StaleToken(b("l"), second, 0), cluster.apply(TestMachine.guarded("k", "3", present)));
    assertEquals("2", cluster.value("k"));
  }

  @Test
  void deletesAreGuardedToo() {
    cluster.apply(put("k", "1"));
    LockGuard stale = new LockGuard(b("l"), 5);
    StaleToken refusal = new StaleToken(b("l"), 5, 0);
    assertEquals(
        refusal,
        cluster.apply(
            new io.lockstep.kv.command.Command.Delete(
                b("k"), new io.lockstep.kv.command.KeyCondition.Always(), List.of(stale), false)));
    assertEquals(
        refusal,
        cluster.apply(new io.lockstep.kv.command.Command.DeletePrefix(b("k"), 0, List.of(stale))));
    LockGuard held = new LockGuard(b("l"), cluster.lock("l", a).token());
    assertEquals(
        new KeysDeleted(1, false),
        cluster.apply(new io.lockstep.kv.command.Command.DeletePrefix(b("k"), 0, List.of(held))));
  }

  /** The guard of a lease that is due at the very entry does not hold. */
  @Test
  void aGuardDoesNotOutliveItsLease() {
    LeaseId lease = cluster.lease(5_000);
    long token = cluster.lock("l", lease).token();
    cluster.after(5_001);
    assertEquals(
        new StaleToken(b("l"), token, 0),
        cluster.apply(TestMachine.guarded("k", "1", new LockGuard(b("l"), token))));
  }

  /**
   * "Release and renew are idempotent and need the lease or the token; a wrong one is 409 and names
   * the holder."
   */
  @Test
  void aWrongClaimIsRefusedAndNamesTheHolder() {
    long token = cluster.lock("l", a).token();
    HolderInfo holder = new HolderInfo("owner", token, a, token, 60_000);
    assertEquals(new NotHolder(holder), cluster.apply(release("l", token + 1)));
    assertEquals(new NotHolder(holder), cluster.apply(new LockRelease(b("l"), new ByLease(b))));
    assertEquals(new Refused(new NotHolder(holder)), renewGrant(token - 1));
    assertEquals(new Alive(a, 60_000, 60_000), renewGrant(token));
    assertEquals(new NotHolder(null), cluster.apply(release("free", 9)));
    assertEquals(
        new LockReleased(LockName.lock(b("l")), token),
        cluster.apply(new LockRelease(b("l"), new ByLease(a))));
  }

  private Object renewGrant(long token) {
    return cluster
        .apply(Renewed.class, new Renew(List.of(new OfGrant(b("l"), token))))
        .results()
        .getFirst();
  }

  /** "Releasing what was released is 200; what expired or was forced away is 409 `grant-lost`." */
  @Test
  void whatWasReleasedAndWhatWasLostAreToldApart() {
    long released = cluster.lock("l", a).token();
    cluster.apply(release("l", released));
    LeaseId brief = cluster.lease(1_000);
    long lost = cluster.lock("l", brief).token();
    cluster.after(1_001).tick();
    assertEquals(
        new LockReleased(LockName.lock(b("l")), released), cluster.apply(release("l", released)));
    assertEquals(new GrantLost(lost), cluster.apply(release("l", lost)));
    assertEquals(new GrantLost(lost), cluster.apply(new LockRelease(b("l"), new ByLease(brief))));
    assertEquals(new Refused(new GrantLost(lost)), renewGrant(lost));
    assertEquals(new Refused(new NotHolder(null)), renewGrant(released));
  }

  /** A lease that a client revokes gives its locks back. */
  @Test
  void aRevokedLeaseReleases() {
    long token = cluster.lock("l", a).token();
    cluster.apply(new LeaseRevoke(a));
    assertEquals(
        new LockReleased(LockName.lock(b("l")), token), cluster.apply(release("l", token)));
  }

  /** "each lock remembers its last 16 grants". */
  @Test
  void sixteenGrantsAreRemembered() {
    long oldest = cluster.lock("l", a).token();
    cluster.apply(release("l", oldest));
    long second = 0;
    for (int i = 0; i < 16; i++) {
      long token = cluster.lock("l", b).token();
      cluster.apply(release("l", token));
      second = i == 0 ? token : second;
    }
    assertEquals(new NotHolder(null), cluster.apply(release("l", oldest)));
    assertEquals(
        new LockReleased(LockName.lock(b("l")), second), cluster.apply(release("l", second)));
  }

  /** House 4: the queue is seen, with ages. */
  @Test
  void theLockShowsItsHolderAndQueue() {
    long token = cluster.lock("l", a).token();
    cluster.after(1_000);
    TicketId first = queue("l", b, 10_000).ticket();
    TicketId second = cluster.apply(LockQueued.class, acquireOwn("l", 5_000, 9_000)).ticket();
    cluster.after(500).tick();
    LockView view = cluster.view().lock(b("l"), 1);
    assertEquals(new HolderInfo("owner", token, a, token, 58_500), view.holder());
    assertEquals(1_500, view.heldForMillis());
    assertEquals(2, view.queueLength());
    assertEquals(
        List.of(new LockView.Place(first, LockMode.EXCLUSIVE, "owner", b, 500, 0, 9_500)),
        view.queue());
    assertEquals(
        new LockView.Place(second, LockMode.EXCLUSIVE, "owner", null, 500, 0, 8_500),
        cluster.view().lock(b("l"), 5).queue().get(1));
    assertEquals(1, cluster.view().figures().locksHeld());
    assertEquals(2, cluster.view().figures().waiters());
  }

  @Test
  void aLockNeedsANameAndALease() {
    assertEquals(
        new KeyLengthInvalid(1024),
        cluster.apply(
            new LockAcquire(Bytes.EMPTY, new ExistingLease(a), "o", 0, SERVER, false, 1)));
    LeaseId never = new LeaseId(1_000_000, 1);
    assertEquals(new LeaseNotFound(never), cluster.apply(acquire("l", never, 0)));
    assertEquals(0, cluster.view().figures().locksHeld());
  }

  /** Every change of a lock or its queue is a revision of its own. */
  @Test
  void eachChangeOfTheQueueIsARevision() {
    long start = cluster.revision();
    long token = cluster.lock("l", a).token();
    TicketId ticket = queue("l", b, 60_000).ticket();
    cluster.apply(new LockLeave(b("l"), ticket));
    queue("l", c, 60_000);
    cluster.apply(release("l", token));
    assertEquals(start + 5, cluster.revision());
    List<Event> last = cluster.events(cluster.revision());
    assertEquals(2, last.size(), "released by one and acquired by the next");
    assertNotEquals(token, cluster.holder("l"));
  }
}
