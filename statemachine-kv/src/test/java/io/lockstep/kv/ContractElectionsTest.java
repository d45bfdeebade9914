package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.b;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Failure.CandidateNotFound;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.Proclaimed;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.result.Result.Transferred;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.OfElection;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.Topic;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7, sentence by sentence, as far as elections go. */
class ContractElectionsTest {
  private static final LockName NAME = LockName.election(b("e"));
  private final TestMachine cluster = new TestMachine();
  private final LeaseId a = cluster.lease(60_000);
  private final LeaseId b = cluster.lease(60_000);
  private final LeaseId c = cluster.lease(60_000);

  private static LockAcquire stand(Holder holder, String owner, int priority) {
    return new LockAcquire(
        NAME,
        LockMode.EXCLUSIVE,
        holder,
        owner,
        new Bid(priority, b("value of " + owner)),
        60_000,
        0,
        SERVER,
        true,
        7);
  }

  private long wins(LeaseId lease, String owner) {
    return cluster.apply(LockGranted.class, stand(new ExistingLease(lease), owner, 0)).token();
  }

  private LockQueued waits(LeaseId lease, String owner, int priority) {
    return cluster.apply(LockQueued.class, stand(new ExistingLease(lease), owner, priority));
  }

  private LockView election() {
    LockView view = cluster.view().lock(NAME, 10);
    assertNotNull(view, "the election is remembered");
    return view;
  }

  private String winner() {
    HolderInfo holder = election().holder();
    return holder == null ? "nobody" : holder.owner();
  }

  private void resign(LeaseId lease) {
    cluster.apply(new LockRelease(NAME, new ByLease(lease)));
  }

  /** What observers of all elections saw of one revision. */
  private List<String> observed(long revision) {
    List<String> seen = new ArrayList<>();
    Selection observer = new Selection.Prefix(Topic.ELECTION, Bytes.EMPTY);
    for (Event event : cluster.events(revision)) {
      if (observer.selects(event)) {
        OfElection of = (OfElection) event;
        seen.add(of.change() + " " + of.owner() + " " + of.value().utf8());
      }
    }
    return seen;
  }

  /** "Elections publish the winner's value and token." */
  @Test
  void theWinnerIsPublishedWithValueAndToken() {
    long token = wins(a, "one");
    assertEquals("one", winner());
    assertEquals(b("value of one"), election().value());
    assertEquals(token, election().holder().token());
    assertEquals(List.of("ELECTED one value of one"), observed(cluster.revision()));
  }

  /** A lock and an election of one name have nothing to do with each other. */
  @Test
  void anElectionIsNoLock() {
    wins(a, "one");
    assertNull(cluster.view().lock(b("e"), 1));
    assertInstanceOf(LockGranted.class, cluster.apply(TestMachine.acquire("e", b, 0)));
    assertEquals("one", winner());
  }

  /** "Granting is first come, first served (optional integer priority for elections)." */
  @Test
  void theHighestPriorityComesFirstAndAmongEqualsTheFirst() {
    wins(a, "one");
    assertEquals(1, waits(b, "two", 0).position());
    assertEquals(1, waits(c, "three", 5).position());
    LeaseId d = cluster.lease(60_000);
    assertEquals(2, waits(d, "four", 5).position());
    LeaseId e = cluster.lease(60_000);
    assertEquals(4, waits(e, "five", -1).position());
    List<String> order = new ArrayList<>();
    for (LeaseId lease : List.of(a, c, d, b, e)) {
      resign(lease);
      order.add(winner());
    }
    assertEquals(List.of("three", "four", "two", "five", "nobody"), order);
  }

  @Test
  void aHigherPriorityUnseatsNobody() {
    wins(a, "one");
    waits(b, "two", 100);
    assertEquals("one", winner());
  }

  /** "Observers see elected, vacant, value in order." */
  @Test
  void observersSeeTheTermsInOrderAndNoCandidates() {
    wins(a, "one");
    waits(b, "two", 0);
    assertEquals(List.of(), observed(cluster.revision()), "who stands is not told");
    cluster.apply(Proclaimed.class, new Proclaim(NAME, new ByLease(a), b("new")));
    assertEquals(List.of("VALUE one new"), observed(cluster.revision()));
    resign(a);
    assertEquals(List.of("VACANT one ", "ELECTED two value of two"), observed(cluster.revision()));
    cluster.after(60_001).tick();
    assertEquals("nobody", winner());
    assertEquals(List.of("VACANT two "), observed(cluster.revision()));
  }

  @Test
  void onlyTheWinnerProclaims() {
    long token = wins(a, "one");
    waits(b, "two", 0);
    assertInstanceOf(NotHolder.class, cluster.apply(new Proclaim(NAME, new ByLease(b), b("x"))));
    assertInstanceOf(
        NotHolder.class, cluster.apply(new Proclaim(NAME, new ByToken(token + 1), b("x"))));
    assertEquals(
        new Proclaimed(NAME, token),
        cluster.apply(new Proclaim(NAME, new ByToken(token), b("mine"))));
    assertEquals(b("mine"), election().value());
    cluster.apply(new LeaseRevoke(a));
    assertInstanceOf(
        NotHolder.class, cluster.apply(new Proclaim(NAME, new ByToken(token), b("late"))));
    assertEquals(b("value of two"), election().value());
  }

  @Test
  void whoLostItsOfficeIsToldSo() {
    long token = wins(a, "one");
    cluster.after(60_001).tick();
    assertEquals(
        new GrantLost(token), cluster.apply(new Proclaim(NAME, new ByToken(token), b("late"))));
    assertEquals(
        new GrantLost(token), cluster.apply(new Transfer(NAME, new ByToken(token), "two")));
  }

  /** "Transfer to a named candidate": in one revision, whoever else comes first. */
  @Test
  void anOfficeIsHandedOverToACandidateByName() {
    long token = wins(a, "one");
    waits(b, "two", 10);
    waits(c, "three", 0);
    Transferred done =
        cluster.apply(Transferred.class, new Transfer(NAME, new ByToken(token), "three"));
    assertEquals("three", done.owner());
    assertEquals(cluster.revision(), done.token());
    assertEquals("three", winner());
    assertEquals(
        List.of("VACANT one ", "ELECTED three value of three"), observed(cluster.revision()));
    assertEquals(1, election().queueLength());
    resign(c);
    assertEquals("two", winner());
  }

  @Test
  void aTransferToNobodyChangesNothing() {
    long token = wins(a, "one");
    waits(b, "two", 0);
    long before = cluster.revision();
    assertEquals(
        new CandidateNotFound("nobody"),
        cluster.apply(new Transfer(NAME, new ByToken(token), "nobody")));
    assertEquals("one", winner());
    assertEquals(before, cluster.revision());
  }

  /** The lease of the winner's own ends with the office that it hands over. */
  @Test
  void aLeaseOfTheCampaignEndsWithTheTransfer() {
    LockGranted won = cluster.apply(LockGranted.class, stand(new OwnLease(5_000), "one", 0));
    waits(b, "two", 0);
    cluster.apply(Transferred.class, new Transfer(NAME, new ByLease(won.lease()), "two"));
    assertNull(cluster.view().lease(won.lease(), 0));
    assertEquals("two", winner());
    assertEquals(List.of("VACANT one ", "ELECTED two value of two"), observed(cluster.revision()));
  }

  @Test
  void tokensOfAnElectionRiseAndRenewItsLease() {
    long first = wins(a, "one");
    resign(a);
    long second = wins(b, "two");
    assertTrue(second > first);
    Renew renew = new Renew(List.of(new OfGrant(NAME, second)));
    assertInstanceOf(Alive.class, cluster.apply(Renewed.class, renew).results().getFirst());
  }

  @Test
  void aValueIsNoLongerThanAnyOther() {
    Bytes large = Bytes.wrap(new byte[(512 << 10) + 1]);
    long token = wins(a, "one");
    assertInstanceOf(
        ValueTooLarge.class, cluster.apply(new Proclaim(NAME, new ByToken(token), large)));
  }
}
