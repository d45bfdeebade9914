package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.delete;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseBinding.KeepLease;
import io.lockstep.kv.command.LeaseBinding.OwnTtl;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.lease.LeaseListing;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.KeyWithoutLease;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.watch.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contracts 4 and 6: keys with a time to live, and leases with labels. */
class ContractTtlTest {
  private final TestMachine cluster = new TestMachine();
  private long nonce;

  private static Put bound(String key, LeaseBinding lease) {
    return new Put(b(key), b("v"), "text/plain", lease, new Always(), List.of(), false);
  }

  private LeaseId putFor(String key, long ttlMillis) {
    TtlKeyPut put = cluster.apply(TtlKeyPut.class, bound(key, new OwnTtl(ttlMillis, nonce++)));
    assertEquals(ttlMillis, put.expiresInMillis());
    return put.meta().lease();
  }

  private RenewalResult touch(String key) {
    Renew touch = new Renew(List.of(new Renewal.OfKey(b(key))));
    return cluster.apply(Renewed.class, touch).results().getFirst();
  }

  @Test
  void aKeyEndsWithItsTimeAndNotBefore() {
    putFor("a", 5_000);
    cluster.after(5_000).tick();
    assertEquals("v", cluster.value("a"));
    cluster.after(1).tick();
    assertNull(cluster.value("a"));
    Event.OfKey end = (Event.OfKey) cluster.events(cluster.revision()).getLast();
    assertEquals(Event.KeyChange.EXPIRE, end.change());
  }

  @Test
  void aTouchLetsItRunAnewAndWakesNobody() {
    LeaseId lease = putFor("a", 5_000);
    long revision = cluster.revision();
    cluster.after(4_000);
    assertEquals(new Alive(lease, 5_000, 5_000), touch("a"));
    assertEquals(revision, cluster.revision());
    cluster.after(4_000).tick();
    assertEquals("v", cluster.value("a"));
    cluster.after(1_001).tick();
    assertNull(cluster.value("a"));
    assertEquals(new Refused(new KeyNotFound()), touch("a"));
    cluster.apply(put("b", "x"));
    assertEquals(new Refused(new KeyWithoutLease()), touch("b"));
  }

  @Test
  void anotherTimeToLiveReplacesTheFirst() {
    LeaseId first = putFor("a", 2_000);
    LeaseId second = putFor("a", 9_000);
    assertNotEquals(first, second);
    assertNull(cluster.view().lease(first, 0), "nothing is left behind");
    cluster.after(5_000).tick();
    assertEquals("v", cluster.value("a"));
  }

  @Test
  void itsLeaseEndsWithTheKeyAndNobodyWatchesThat() {
    LeaseId deleted = putFor("a", 60_000);
    cluster.apply(delete("a"));
    assertNull(cluster.view().lease(deleted, 0));
    assertEquals(1, cluster.events(cluster.revision()).size());
    LeaseId detached = putFor("b", 60_000);
    cluster.apply(put("b", "for good"));
    assertNull(cluster.view().lease(detached, 0));
    cluster.after(70_000).tick();
    assertEquals("for good", cluster.value("b"));
    assertEquals(0, cluster.view().figures().leases());
  }

  @Test
  void aPutThatKeepsTheLeaseKeepsTheTime() {
    LeaseId lease = putFor("a", 5_000);
    cluster.after(3_000);
    cluster.apply(bound("a", new KeepLease()));
    cluster.apply(new Add(b("n"), 1, new Always(), List.of(), false));
    assertEquals(lease, cluster.view().get(b("a")).meta().lease());
    assertEquals(2_000, cluster.view().lease(lease, 0).expiresInMillis());
  }

  @Test
  void whatElseIsOnItKeepsItAlive() {
    LeaseId lease = putFor("a", 60_000);
    cluster.apply(put("b", "x", lease));
    cluster.apply(delete("a"));
    assertEquals(1, cluster.view().lease(lease, 9).keyCount());
    LockGranted grant = cluster.apply(LockGranted.class, acquire("l", lease, 0));
    cluster.apply(release("l", grant.token()));
    assertEquals("x", cluster.value("b"), "a lock that is given back takes no key with it");
    cluster.apply(delete("b"));
    assertNull(cluster.view().lease(lease, 0));
  }

  @Test
  void itsTimeIsWithinTheLimitsOfLeases() {
    assertInstanceOf(TtlOutOfRange.class, cluster.apply(bound("a", new OwnTtl(999, 1))));
    assertInstanceOf(TtlOutOfRange.class, cluster.apply(bound("a", new OwnTtl(86_400_001, 1))));
    assertNull(cluster.value("a"));
    assertEquals(0, cluster.view().figures().leases());
  }

  /** "A replay never promises time that has passed." */
  @Test
  void aRetryIsToldWhatIsLeft() {
    Put put = bound("a", new OwnTtl(5_000, 1));
    cluster.submit("key", put);
    Applied soon = cluster.after(2_000).submit("key", put);
    assertEquals(3_000, ((TtlKeyPut) soon.result()).expiresInMillis());
    Applied late = cluster.after(9_000).submit("key", put);
    assertEquals(0, ((TtlKeyPut) late.result()).expiresInMillis());
    assertNull(cluster.value("a"));
  }

  @Test
  void leasesAreListedByTheirLabels() {
    Label host = new Label("host", "db1");
    Label role = new Label("role", "cron");
    LeaseId both = granted(host, role);
    LeaseId one = granted(host);
    granted();
    LeaseListing first = cluster.view().leases(null, labels -> labels.contains(host), 1, 100);
    assertEquals(List.of(both), first.items().stream().map(LeaseView::id).toList());
    LeaseListing second =
        cluster.view().leases(first.next(), labels -> labels.contains(host), 9, 100);
    assertEquals(List.of(one), second.items().stream().map(LeaseView::id).toList());
    assertNull(second.next());
    assertEquals(List.of(host, role), cluster.view().lease(both, 0).labels());
    LeaseListing bounded = cluster.view().leases(null, labels -> false, 9, 2);
    assertEquals(one, bounded.next(), "two were looked at");
  }

  private LeaseId granted(Label... labels) {
    return cluster
        .apply(LeaseGranted.class, new LeaseGrant(60_000, nonce++, List.of(labels)))
        .lease();
  }
}
