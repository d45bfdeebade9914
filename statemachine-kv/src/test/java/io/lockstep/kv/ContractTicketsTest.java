package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal.OfTicket;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.result.Result.Renewed;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contract 7, sentence by sentence, as far as durable tickets go. */
class ContractTicketsTest {
  private static final long QUEUE_TTL = 5_000;
  private final TestMachine cluster = new TestMachine();
  private long token;

  @BeforeEach
  void someoneHoldsTheLock() {
    token = cluster.lock("l", cluster.lease(600_000)).token();
  }

  private static LockAcquire kept(Holder holder) {
    return new LockAcquire(
        LockName.lock(b("l")),
        LockMode.EXCLUSIVE,
        holder,
        "kept",
        Bid.NONE,
        0,
        QUEUE_TTL,
        SERVER,
        true,
        11);
  }

  private TicketId queue() {
    return cluster.apply(LockQueued.class, kept(new OwnLease(10_000))).ticket();
  }

  private RenewalResult poll(String lock, TicketId ticket) {
    Renew poll = new Renew(List.of(new OfTicket(LockName.lock(b(lock)), ticket)));
    return cluster.apply(Renewed.class, poll).results().getFirst();
  }

  private long left(TicketId ticket) {
    LockQueued queued = (LockQueued) assertInstanceOf(Polled.class, poll("l", ticket)).state();
    return queued.remainingWaitMillis();
  }

  /** "The place is a durable ticket that outlives connections": also the node that took it. */
  @Test
  void thePlaceOutlivesTheNodeThatTookIt() {
    TicketId ticket = queue();
    cluster.after(4_000).tick();
    assertInstanceOf(LockQueued.class, cluster.view().ticket(ticket));
    cluster.apply(release("l", token));
    assertInstanceOf(LockGranted.class, cluster.view().ticket(ticket));
  }

  /** "... and dies ... when not polled for queue_ttl_ms." */
  @Test
  void aTicketDiesWhenItIsNotPolledForItsTime() {
    TicketId ticket = queue();
    cluster.after(QUEUE_TTL).tick();
    assertInstanceOf(LockQueued.class, cluster.view().ticket(ticket), "not before its time");
    cluster.after(1).tick();
    assertEquals(new TicketEnded(ticket), cluster.view().ticket(ticket));
    assertEquals(new Refused(new TicketEnded(ticket)), poll("l", ticket));
    cluster.apply(release("l", token));
    assertEquals(0, cluster.holder("l"), "no ghost is granted the lock");
  }

  @Test
  void aPollLetsItLastAnewAndShowsNothingToWatchers() {
    TicketId ticket = queue();
    long revision = cluster.revision();
    for (int i = 0; i < 4; i++) {
      cluster.after(4_000);
      assertEquals(QUEUE_TTL, left(ticket));
    }
    assertEquals(revision, cluster.revision(), "polls advance no revision");
    cluster.after(QUEUE_TTL + 1).tick();
    assertEquals(new TicketEnded(ticket), cluster.view().ticket(ticket));
  }

  /** A poll is as good as a renewal that comes at the last moment, and no better. */
  @Test
  void aPollThatComesTooLateDoesNotBringThePlaceBack() {
    TicketId ticket = queue();
    cluster.after(QUEUE_TTL + 1);
    assertEquals(new Refused(new TicketEnded(ticket)), poll("l", ticket));
    assertEquals(0, cluster.view().lock(b("l"), 9).queueLength());
  }

  /** "... and dies with its lease." */
  @Test
  void aTicketDiesWithItsLease() {
    LeaseId lease = cluster.lease(60_000);
    TicketId ticket = cluster.apply(LockQueued.class, kept(new ExistingLease(lease))).ticket();
    cluster.apply(new LeaseRevoke(lease));
    assertEquals(new TicketEnded(ticket), cluster.view().ticket(ticket));
  }

  @Test
  void aPollOfAGrantSaysWhatIsLeftAndRenewsNothing() {
    TicketId ticket = queue();
    cluster.apply(release("l", token));
    cluster.after(3_000);
    LockGranted granted = (LockGranted) assertInstanceOf(Polled.class, poll("l", ticket)).state();
    assertEquals(7_000, granted.expiresInMillis(), "a poll is no renewal of the lease");
    cluster.after(7_001).tick();
    assertEquals(new Refused(new TicketEnded(ticket)), poll("l", ticket));
  }

  @Test
  void aTicketIsGoodForItsOwnLockOnly() {
    TicketId ticket = queue();
    assertEquals(new Refused(new TicketNotFound(ticket)), poll("other", ticket));
    TicketId never = new TicketId(1_000_000, 5);
    assertEquals(new Refused(new TicketNotFound(never)), poll("l", never));
    assertEquals(new TicketNotFound(ticket), cluster.apply(new LockLeave(b("other"), ticket)));
  }

  @Test
  void leavingGivesThePlaceUpAndAGrantBack() {
    TicketId ticket = queue();
    assertEquals(new PlaceLeft(false), cluster.apply(new LockLeave(b("l"), ticket)));
    assertEquals(new TicketEnded(ticket), cluster.apply(new LockLeave(b("l"), ticket)));
    TicketId next = queue();
    cluster.apply(release("l", token));
    assertEquals(new PlaceLeft(true), cluster.apply(new LockLeave(b("l"), next)));
    assertEquals(0, cluster.holder("l"));
  }

  /** A place that is not polled, of a client that waits, is not made to last by who polls it. */
  @Test
  void aPlaceThatIsNotKeptDoesNotLastLongerByPolls() {
    LeaseId lease = cluster.lease(60_000);
    TicketId ticket = cluster.apply(LockQueued.class, acquire("l", lease, 2_000)).ticket();
    cluster.after(1_500);
    assertEquals(500, left(ticket));
    cluster.after(501).tick();
    assertEquals(new TicketEnded(ticket), cluster.view().ticket(ticket));
  }

  /**
   * A lease that waits gets its ticket back; asked with {@code keep} it is durable from then on.
   */
  @Test
  void aPlaceIsKeptFromWhenThatIsAskedFor() {
    LeaseId lease = cluster.lease(60_000);
    TicketId ticket = cluster.apply(LockQueued.class, acquire("l", lease, 2_000)).ticket();
    LockQueued again = cluster.apply(LockQueued.class, kept(new ExistingLease(lease)));
    assertEquals(ticket, again.ticket());
    cluster.after(4_500);
    assertEquals(QUEUE_TTL, left(ticket));
    cluster.after(4_500);
    assertEquals(QUEUE_TTL, left(ticket));
  }

  /** Contract 5: "a replayed queued acquire states its ticket's present state". */
  @Test
  void aKeyedRetryStatesTheTicketsPresentState() {
    LockAcquire acquire = kept(new OwnLease(10_000));
    TicketId ticket = ((LockQueued) cluster.submit("k", acquire).result()).ticket();
    cluster.apply(release("l", token));
    LockGranted granted = (LockGranted) cluster.submit("k", acquire).result();
    assertEquals(ticket, granted.ticket(), "never a second ticket");
    cluster.after(10_001).tick();
    assertEquals(new TicketEnded(ticket), cluster.submit("k", acquire).result());
  }
}
