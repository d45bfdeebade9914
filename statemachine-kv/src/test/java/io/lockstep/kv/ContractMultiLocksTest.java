package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.guarded;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static io.lockstep.kv.TestMachine.renew;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal.OfTicket;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.watch.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7: "all-or-nothing multi-lock (up to 32 names)". */
class ContractMultiLocksTest {
  private final TestMachine cluster = new TestMachine();
  private final LeaseId a = cluster.lease(60_000);
  private final LeaseId b = cluster.lease(60_000);
  private final LeaseId c = cluster.lease(60_000);

  /** {@code names}, in their order, each one letter. */
  private static LockAcquire together(String names, Holder holder, long wait, long queueTtl) {
    List<LockName> all =
        Arrays.stream(names.split("")).map(name -> LockName.lock(b(name))).toList();
    return new LockAcquire(
        all.getFirst(),
        LockMode.EXCLUSIVE,
        holder,
        "owner",
        Bid.NONE,
        wait,
        queueTtl,
        SERVER,
        queueTtl > 0,
        7,
        all.subList(1, all.size()));
  }

  private static LockAcquire together(String names, LeaseId lease, long wait) {
    return together(names, new ExistingLease(lease), wait, 0);
  }

  private LockGranted granted(String names, LeaseId lease) {
    return cluster.apply(LockGranted.class, together(names, lease, 0));
  }

  private LockQueued queued(String names, LeaseId lease) {
    return cluster.apply(LockQueued.class, together(names, lease, 60_000));
  }

  private List<Long> holders(String names) {
    return Arrays.stream(names.split("")).map(cluster::holder).toList();
  }

  private List<String> events(long revision) {
    List<String> told = new ArrayList<>();
    for (Event event : cluster.events(revision)) {
      if (event instanceof Event.OfLock lock) {
        told.add(lock.change() + " " + lock.name().utf8());
      }
    }
    return told;
  }

  @Test
  void allAreTakenInOneRevisionUnderOneToken() {
    long before = cluster.revision();
    LockGranted granted = granted("xyz", a);
    assertEquals(before + 1, granted.token());
    assertEquals(List.of(LockName.lock(b("y")), LockName.lock(b("z"))), granted.also());
    assertEquals(List.of(before + 1, before + 1, before + 1), holders("xyz"));
    assertEquals(List.of("ACQUIRED x", "ACQUIRED y", "ACQUIRED z"), events(before + 1));
    for (String name : List.of("x", "y", "z")) {
      cluster.apply(KeyPut.class, guarded("k", name, new LockGuard(b(name), granted.token())));
    }
  }

  @Test
  void eachNamesTokenRises() {
    long last = cluster.lock("y", b).token();
    cluster.apply(LockReleased.class, release("y", last));
    cluster.apply(KeyPut.class, put("k", "v"));
    long first = granted("xy", a).token();
    assertTrue(first > last);
    cluster.apply(LockReleased.class, release("x", first));
    assertTrue(granted("yz", b).token() > first);
  }

  @Test
  void noneIsTakenWhileOneIsHeld() {
    long token = cluster.lock("y", a).token();
    long revision = cluster.revision();
    OneHeld refused = cluster.apply(OneHeld.class, together("xyz", b, 0));
    assertEquals(LockName.lock(b("y")), refused.name());
    assertEquals(LockReason.HELD, refused.held().reason());
    assertEquals(60_001, refused.held().retryAfterMillis());
    assertEquals(revision, cluster.revision(), "nothing was applied");
    assertEquals(List.of(0L, token, 0L), holders("xyz"));
  }

  @Test
  void theRefusalTellsOfTheOneThatIsFreeLast() {
    cluster.lock("x", a);
    cluster.after(1_000);
    cluster.apply(renew(b));
    cluster.lock("y", b);
    OneHeld refused = cluster.apply(OneHeld.class, together("xyz", c, 0));
    assertEquals(LockName.lock(b("y")), refused.name());
    assertEquals(60_001, refused.held().retryAfterMillis());
  }

  @Test
  void whoWaitsHoldsNothing() {
    cluster.lock("y", a);
    LockQueued queued = queued("xy", b);
    assertEquals(1, queued.position());
    assertEquals(0, cluster.holder("x"), "free, but not given to anybody");
    LockHeld refused = cluster.apply(LockHeld.class, acquire("x", c, 0));
    assertEquals(new LockHeld(LockReason.RESERVED, null, 60_001, 1), refused);
    assertEquals(2, cluster.apply(LockQueued.class, acquire("x", c, 9_000)).position());
  }

  /** Whoever takes names one after another in two orders is stuck; whoever asks together is not. */
  @Test
  void crossingRequestsDoNotDeadlock() {
    LockGranted first = granted("xy", a);
    queued("yz", b);
    queued("xz", c);
    cluster.apply(LockReleased.class, release("x", first.token()));
    long second = cluster.holder("y");
    assertEquals(List.of(0L, second, second), holders("xyz"), "x is reserved for the third");
    cluster.apply(LockReleased.class, new LockRelease(b("z"), new ByLease(b)));
    long third = cluster.holder("x");
    assertEquals(List.of(third, 0L, third), holders("xyz"));
    assertTrue(third > second && second > first.token());
  }

  /** The oldest waits for holders only, however many come for one of its names. */
  @Test
  void nobodyWhoComesLaterPasses() {
    long x = cluster.lock("x", a).token();
    long y = cluster.lock("y", b).token();
    LockQueued oldest = queued("xy", c);
    for (int i = 0; i < 5; i++) {
      LeaseId later = cluster.lease(60_000);
      cluster.apply(LockQueued.class, acquire("x", later, 60_000));
      cluster.apply(LockQueued.class, acquire("y", later, 60_000));
    }
    cluster.apply(LockReleased.class, release("x", x));
    assertEquals(0, cluster.holder("x"));
    cluster.apply(LockReleased.class, release("y", y));
    assertEquals(List.of(cluster.revision(), cluster.revision()), holders("xy"));
    assertInstanceOf(LockGranted.class, cluster.view().ticket(oldest.ticket()));
  }

  @Test
  void otherNamesAreNotHeldUp() {
    cluster.lock("y", a);
    queued("xy", b);
    assertTrue(granted("wz", c).token() > 0);
  }

  @Test
  void aReleaseOfOneReleasesAll() {
    for (boolean own : List.of(true, false)) {
      LockGranted granted =
          own
              ? cluster.apply(LockGranted.class, together("xyz", new OwnLease(60_000), 0, 0))
              : granted("xyz", a);
      cluster.apply(LockReleased.class, release("y", granted.token()));
      assertEquals(List.of(0L, 0L, 0L), holders("xyz"));
      assertEquals(List.of("RELEASED x", "RELEASED y", "RELEASED z"), events(cluster.revision()));
      long revision = cluster.revision();
      cluster.apply(LockReleased.class, release("z", granted.token()));
      assertEquals(revision, cluster.revision(), "released before");
      assertEquals(own, cluster.view().lease(granted.lease(), 0) == null);
      assertEquals(1, cluster.view().lock(b("x"), 0).past().size() - (own ? 0 : 1));
    }
  }

  @Test
  void theLeasesEndEndsAllInOneRevision() {
    granted("xyz", a);
    cluster.after(60_001).tick();
    assertEquals(List.of(0L, 0L, 0L), holders("xyz"));
    assertEquals(List.of("EXPIRED x", "EXPIRED y", "EXPIRED z"), events(cluster.revision()));
  }

  @Test
  void forceTakesAllThatWasTakenTogether() {
    LockGranted granted = granted("xy", a);
    cluster.lock("z", a);
    queued("yz", b);
    assertEquals(
        new LockForced(LockName.lock(b("x")), granted.token(), 1),
        cluster.apply(new LockForce(LockName.lock(b("x")), 0, "stuck")));
    assertEquals(List.of(0L, 0L), holders("xy"));
    assertTrue(cluster.holder("z") > 0, "its lease runs on, with what else it holds");
    assertEquals(List.of("FORCED x", "FORCED y"), events(cluster.revision()));
    assertEquals(new GrantLost(granted.token()), cluster.apply(release("y", granted.token())));
  }

  @Test
  void placesEndEverywhere() {
    cluster.lock("y", a);
    LockQueued first = queued("xyz", b);
    LockQueued second = queued("xz", c);
    assertEquals(2, second.position());
    assertEquals(
        new PlaceLeft(false),
        cluster.apply(new LockLeave(LockName.lock(b("z")), first.ticket(), false)));
    assertInstanceOf(LockGranted.class, cluster.view().ticket(second.ticket()));
    assertEquals(new TicketEnded(first.ticket()), cluster.view().ticket(first.ticket()));
    cluster.apply(LockQueued.class, together("xyz", b, 3_000));
    assertEquals(3, cluster.view().figures().waiters());
    cluster.after(3_000).tick();
    assertEquals(3, cluster.view().figures().waiters());
    cluster.after(1).tick();
    assertEquals(0, cluster.view().figures().waiters(), "its wait has passed, at all of them");
  }

  @Test
  void placesEndWithTheirLease() {
    cluster.lock("y", a);
    queued("xy", b);
    LockQueued next = queued("xz", c);
    cluster.apply(new LeaseRevoke(b));
    assertInstanceOf(LockGranted.class, cluster.view().ticket(next.ticket()));
    assertEquals(0, cluster.view().figures().waiters());
  }

  @Test
  void aPollKeepsThePlaceEverywhere() {
    cluster.lock("y", a);
    LockQueued kept =
        cluster.apply(LockQueued.class, together("xy", new OwnLease(5_000), 0, 10_000));
    for (int i = 0; i < 3; i++) {
      cluster.after(9_000);
      cluster.apply(renew(a));
      Renew poll = new Renew(List.of(new OfTicket(LockName.lock(b("y")), kept.ticket())));
      Polled polled = (Polled) cluster.apply(Renewed.class, poll).results().getFirst();
      assertEquals(10_000, ((LockQueued) polled.state()).remainingWaitMillis());
    }
    assertEquals(2, cluster.view().figures().waiters());
    cluster.after(10_001).tick();
    assertEquals(new TicketEnded(kept.ticket()), cluster.view().ticket(kept.ticket()));
    assertEquals(0, cluster.view().figures().waiters());
  }

  @Test
  void aLeaseOfItsOwnStartsAtTheGrant() {
    long token = cluster.lock("y", a).token();
    LockQueued queued =
        cluster.apply(LockQueued.class, together("xy", new OwnLease(5_000), 60_000, 0));
    assertNull(queued.lease());
    cluster.after(1_000);
    cluster.apply(LockReleased.class, release("y", token));
    LockGranted granted = (LockGranted) cluster.view().ticket(queued.ticket());
    assertEquals(5_000, granted.expiresInMillis());
    cluster.after(5_001).tick();
    assertEquals(List.of(0L, 0L), holders("xy"));
    assertInstanceOf(LeaseEnded.class, cluster.view().leaseAbsence(granted.lease()));
  }

  @Test
  void theSameLeaseGetsTheSameBack() {
    LockGranted granted = granted("xy", a);
    assertEquals(granted, cluster.apply(together("xy", a, 60_000)));
    assertEquals(new LocksDiffer(LockName.lock(b("x"))), cluster.apply(acquire("x", a, 0)));
    assertEquals(new LocksDiffer(LockName.lock(b("y"))), cluster.apply(together("wyz", a, 0)));
    LockQueued queued = queued("xy", b);
    cluster.after(1_000);
    LockQueued again = queued("xy", b);
    assertEquals(queued.ticket(), again.ticket());
    assertEquals(60_000, again.remainingWaitMillis());
    assertEquals(new LocksDiffer(LockName.lock(b("y"))), cluster.apply(acquire("y", b, 0)));
  }

  @Test
  void aRetryIsToldOfThePresent() {
    long token = cluster.lock("y", a).token();
    LockAcquire ask = together("xy", b, 60_000);
    Applied first = cluster.submit("k", ask);
    cluster.apply(LockReleased.class, release("y", token));
    cluster.after(20_000);
    Applied again = cluster.submit("k", ask);
    assertTrue(again.replayed());
    LockGranted granted = (LockGranted) again.result();
    assertEquals(((LockQueued) first.result()).ticket(), granted.ticket());
    assertEquals(40_000, granted.expiresInMillis());
    cluster.apply(LockReleased.class, release("x", granted.token()));
    assertEquals(new TicketEnded(granted.ticket()), cluster.submit("k", ask).result());
  }

  /** The names alone are longer than an answer that is kept. */
  @Test
  void aRetryFindsItsTicketHoweverLongTheNames() {
    List<LockName> names = new ArrayList<>();
    for (char first = 'A'; first < 'A' + LockName.TOGETHER_MAX; first++) {
      names.add(LockName.lock(b(first + "n".repeat(1_023))));
    }
    LockAcquire one = together("xz", b, 60_000);
    LockAcquire ask =
        new LockAcquire(
            names.getFirst(),
            one.mode(),
            one.holder(),
            one.owner(),
            one.bid(),
            60_000,
            0,
            SERVER,
            true,
            7,
            names.subList(1, names.size()));
    long token = cluster.lock(names.getLast().text().utf8(), a).token();
    LockQueued queued = (LockQueued) cluster.submit("k", ask).result();
    assertEquals(queued, cluster.submit("k", ask).result());
    cluster.apply(LockReleased.class, release(names.getLast().text().utf8(), token));
    LockGranted granted = (LockGranted) cluster.submit("k", ask).result();
    assertEquals(queued.ticket(), granted.ticket());
    assertEquals(31, granted.also().size());
  }

  @Test
  void noNameMayBeTooLong() {
    LockName longest = LockName.lock(b("y".repeat(1_025)));
    LockAcquire one = together("xz", a, 0);
    Result refused =
        cluster.apply(
            new LockAcquire(
                one.name(),
                one.mode(),
                one.holder(),
                one.owner(),
                one.bid(),
                0,
                0,
                SERVER,
                false,
                7,
                List.of(longest)));
    assertEquals(new KeyLengthInvalid(1_024), refused);
    assertEquals(0, cluster.holder("x"));
  }
}
