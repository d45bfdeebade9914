package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.acquireKept;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 6, sentence by sentence, as far as the state machine answers for it. */
class ContractLeasesTest {
  private final TestMachine cluster = new TestMachine();

  /** "TTL in ms: 1,000 to 86,400,000; out of range is 422, never silently changed." */
  @Test
  void theTimeToLiveHasBounds() {
    TtlOutOfRange refusal = new TtlOutOfRange(1_000, 86_400_000);
    assertEquals(refusal, cluster.apply(new LeaseGrant(999, 1)));
    assertEquals(refusal, cluster.apply(new LeaseGrant(86_400_001, 1)));
    assertEquals(refusal, cluster.apply(TestMachine.acquireOwn("l", 999, 0)));
    LeaseGranted least = cluster.apply(LeaseGranted.class, new LeaseGrant(1_000, 1));
    assertEquals(1_000, least.ttlMillis());
    LeaseGranted most = cluster.apply(LeaseGranted.class, new LeaseGrant(86_400_000, 1));
    assertEquals(86_400_000, most.expiresInMillis());
  }

  /**
   * "never before TTL has passed since the renewal was accepted": due when the stamp is greater
   * than the deadline.
   */
  @Test
  void aLeaseRunsUpToItsDeadlineAndNotLonger() {
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(put("a", "1", lease));
    cluster.after(5_000).tick();
    assertEquals("1", cluster.value("a"));
    assertNotNull(cluster.view().lease(lease, 0));
    cluster.after(1).tick();
    assertNull(cluster.value("a"));
    assertNull(cluster.view().lease(lease, 0));
  }

  @Test
  void aRenewalLetsItRunAnew() {
    LeaseId lease = cluster.lease(5_000);
    cluster.after(5_000);
    assertEquals(new Alive(lease, 5_000, 5_000), cluster.renewed(lease));
    cluster.after(5_000).tick();
    assertEquals(0, cluster.view().lease(lease, 0).expiresInMillis());
    cluster.after(1);
    assertInstanceOf(Refused.class, cluster.renewed(lease));
  }

  /** House 4: applying *any* entry first ends what is due. */
  @Test
  void theEntryThatRenewsTooLateEndsTheLease() {
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(put("a", "1", lease));
    cluster.after(5_001);
    assertEquals(new Refused(new LeaseEnded(lease, 3)), cluster.renewed(lease));
    assertNull(cluster.value("a"));
  }

  /** "All keys, locks and candidacies of a lease end in the same revision." */
  @Test
  void allThatALeaseHoldsEndsInOneRevision() {
    LeaseId other = cluster.lease(60_000);
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(put("b", "1", lease));
    cluster.apply(put("a", "1", lease));
    long token = cluster.lock("held", lease).token();
    cluster.lock("wanted", other);
    cluster.apply(LockQueued.class, acquireKept("wanted", lease, 60_000));
    long before = cluster.revision();
    cluster.after(5_001).tick();
    assertEquals(before + 1, cluster.revision());
    List<Event> events = cluster.events(before + 1);
    assertEquals(new Event.OfLease(before + 1, 0, LeaseEnd.EXPIRED, lease), events.get(0));
    assertEquals(KeyChange.EXPIRE, ((Event.OfKey) events.get(1)).change());
    assertEquals(b("a"), ((Event.OfKey) events.get(1)).key());
    assertEquals(b("b"), ((Event.OfKey) events.get(2)).key());
    assertEquals(
        new Event.OfLock(
            before + 1,
            3,
            LockChange.EXPIRED,
            b("held"),
            LockMode.EXCLUSIVE,
            token,
            "owner",
            lease,
            0,
            ""),
        events.get(3));
    Event.OfLock queue = (Event.OfLock) events.get(4);
    assertEquals(LockChange.QUEUE, queue.change());
    assertEquals(0, queue.queueLength());
    assertEquals(5, events.size());
  }

  /** House 4: "expires what is due in (deadline, id) order", one revision for each lease. */
  @Test
  void leasesEndInTheOrderOfDeadlineThenId() {
    LeaseId later = cluster.lease(6_000);
    LeaseId first = cluster.lease(5_000);
    LeaseId second = cluster.lease(5_000);
    cluster.apply(put("later", "1", later));
    cluster.apply(put("second", "1", second));
    cluster.apply(put("first", "1", first));
    long before = cluster.revision();
    cluster.after(10_000).tick();
    assertEquals(before + 3, cluster.revision());
    assertEquals(
        List.of(first, second, later),
        List.of(ended(before + 1), ended(before + 2), ended(before + 3)));
    assertEquals(4_000, cluster.view().figures().expiryLagMillis(), "lag of the last");
  }

  /** Of very many ends the latest are remembered, as if each had come alone. */
  @Test
  void ofManyLeasesThatEndTogetherTheLatestAreRemembered() {
    LeaseId early = cluster.lease(1_000);
    cluster.after(1_001).tick();
    assertEquals(new LeaseEnded(early, 1), cluster.view().leaseAbsence(early));
    List<LeaseId> leases = new ArrayList<>();
    for (int i = 0; i < 10_003; i++) {
      LeaseId lease = cluster.lease(5_000);
      cluster.apply(put("key/" + i, "1", lease));
      leases.add(lease);
    }
    long before = cluster.revision();
    cluster.after(5_001).tick();
    assertEquals(before + 10_003, cluster.revision());
    assertEquals(new LeaseEnded(early, 0), cluster.view().leaseAbsence(early));
    for (int i = 0; i < leases.size(); i++) {
      long revision = i < 3 ? 0 : before + 1 + i;
      LeaseId lease = leases.get(i);
      assertEquals(new LeaseEnded(lease, revision), cluster.view().leaseAbsence(lease));
    }
  }

  private LeaseId ended(long revision) {
    return ((Event.OfLease) cluster.events(revision).getFirst()).lease();
  }

  /** "An ended lease's id is never used again; renewing it is 410, never a silent new one." */
  @Test
  void endedAndNeverIssuedAreToldApart() {
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(new LeaseRevoke(lease));
    assertEquals(new Refused(new LeaseEnded(lease, 1)), cluster.renewed(lease));
    assertEquals(new LeaseEnded(lease, 1), cluster.apply(new LeaseRevoke(lease)));
    LeaseId never = new LeaseId(cluster.nextIndex() + 5, 3);
    assertEquals(new Refused(new LeaseNotFound(never)), cluster.renewed(never));
    assertEquals(new LeaseNotFound(never), cluster.view().leaseAbsence(never));
    assertEquals(new LeaseEnded(lease, 1), cluster.view().leaseAbsence(lease));
  }

  @Test
  void renewalsOfOneEntryHaveOneResultEach() {
    LeaseId lease = cluster.lease(5_000);
    long token = cluster.lock("l", lease).token();
    LeaseId never = new LeaseId(1_000_000, 3);
    cluster.after(1_000);
    Renewed renewed =
        cluster.apply(
            Renewed.class,
            new Renew(
                List.of(
                    new Renewal.OfLease(never),
                    new Renewal.OfGrant(b("l"), token),
                    new Renewal.OfLease(lease))));
    assertEquals(
        List.of(
            new Refused(new LeaseNotFound(never)),
            new Alive(lease, 5_000, 5_000),
            new Alive(lease, 5_000, 5_000)),
        renewed.results());
  }

  /** House 4: the leader asks when it has to let time pass. */
  @Test
  void theNextDueTimeIsTheEarliestDeadline() {
    assertEquals(Long.MAX_VALUE, cluster.machine.nextDueMillis());
    LeaseId lease = cluster.lease(5_000);
    cluster.lease(3_000);
    assertEquals(cluster.now + 3_000, cluster.machine.nextDueMillis());
    cluster.after(3_001).tick();
    assertEquals(cluster.now + 1_999, cluster.machine.nextDueMillis());
    cluster.apply(new LeaseRevoke(lease));
    assertEquals(Long.MAX_VALUE, cluster.machine.nextDueMillis());
  }
}
