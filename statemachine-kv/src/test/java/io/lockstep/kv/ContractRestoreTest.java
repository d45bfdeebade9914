package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.SERVER;
import static io.lockstep.kv.TestMachine.acquire;
import static io.lockstep.kv.TestMachine.acquireKept;
import static io.lockstep.kv.TestMachine.acquireOwn;
import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.guarded;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static io.lockstep.kv.TestMachine.renew;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.epoch.NewEpoch;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.IdsExhausted;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.PeriodDone;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Failure.StaleFence;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.Result.Added;
import io.lockstep.kv.result.Result.FenceAdvanced;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.kv.result.Result.LatchState;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.PeriodFinished;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.kv.watch.Selection;
import io.lockstep.kv.watch.WatchCursor;
import io.lockstep.kv.watch.WatchStep;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 1 and 9, sentence by sentence, as far as a restore into a new epoch goes. */
class ContractRestoreTest {
  private static final long BLOCK = 1L << 40;
  private static final long ID_BLOCK = 1L << 48;

  private final TestMachine old = new TestMachine();

  private static State at(long revision, long index) {
    State empty = State.EMPTY;
    return new State(
        index,
        0,
        empty.limits(),
        EventLog.startingAt(revision, 0, empty.keys(), List.of()),
        empty.leases(),
        empty.locks(),
        empty.places(),
        empty.requests(),
        empty.ids(),
        empty.workers(),
        empty.gates(),
        empty.members(),
        0);
  }

  /** "The revision jumps to a multiple of 2^40 at least 2^40 ahead." */
  @Test
  void theRevisionJumpsToAMultipleAtLeastABlockAhead() {
    old.apply(put("a", "x"));
    assertEquals(2 * BLOCK, old.restored(0).revision());
    assertEquals(4 * BLOCK, old.restored(0).restored(0).revision());
    assertEquals(2 * BLOCK, NewEpoch.begin(at(BLOCK - 1, 1), 0).revision());
    assertEquals(3 * BLOCK, NewEpoch.begin(at(BLOCK, 1), 0).revision());
  }

  /** "{@code --above R} raises the floor, as when one backup is restored twice." */
  @Test
  void whatIsRestoredTwiceBeginsAboveTheFirst() {
    old.apply(new TakeIds(b("order"), 5, false));
    TestMachine first = old.restored(0);
    first.apply(put("a", "x"));
    long id = first.apply(IdsTaken.class, new TakeIds(b("order"), 7, false)).last();
    long ofNew = first.apply(IdsTaken.class, new TakeIds(b("new"), 7, false)).last();
    TestMachine second = old.restored(first.revision());
    assertEquals(4 * BLOCK, second.revision());
    assertTrue(second.apply(IdsTaken.class, new TakeIds(b("order"), 1, false)).first() > id);
    assertTrue(second.apply(IdsTaken.class, new TakeIds(b("new"), 1, false)).first() > ofNew);
    assertTrue(second.lease(1_000).index() > first.lease(1_000).index());
    assertEquals(2 * BLOCK, old.restored(1).revision(), "a lower floor changes nothing");
  }

  @Test
  void whereNumbersEndNoEpochBegins() {
    assertNull(NewEpoch.refusal(at((1L << 53) - 3 * BLOCK - 1, 1), 0));
    assertNotNull(NewEpoch.refusal(at((1L << 53) - 2 * BLOCK, 1), 0));
    assertNotNull(NewEpoch.refusal(at(1, (1L << 53) - 2 * BLOCK), 0));
    assertNotNull(NewEpoch.refusal(at(1, 1), (1L << 53) - 2 * BLOCK));
    assertNotNull(NewEpoch.refusal(at(1, 1), 1L << 53));
    assertNotNull(NewEpoch.refusal(at(1, 1), -1));
  }

  /** "... sequences to a multiple of 2^48 likewise": also those that the backup does not know. */
  @Test
  void sequencesGoOnAboveAllThatWasGivenOut() {
    IdsReserved block =
        old.apply(IdsReserved.class, new ReserveIds(b("order"), 1_000, -7, ID_BLOCK + 5));
    TestMachine cluster = old.restored(0);
    Sequence sequence = cluster.view().sequence(b("order"));
    assertEquals(2 * ID_BLOCK, sequence.next());
    assertEquals(3 * ID_BLOCK, sequence.stampEnd());
    IdsTaken outdated =
        cluster.apply(
            IdsTaken.class, new TakeIds(b("order"), 1, false, block.since(), block.first(), 0));
    assertEquals(2 * ID_BLOCK, outdated.first(), "a block from before is of no use");
    IdsReserved other = cluster.apply(IdsReserved.class, new ReserveIds(b("other"), 10, -7, 0));
    assertEquals(2 * ID_BLOCK, other.first());
    TestMachine again = cluster.restored(0);
    assertEquals(4 * ID_BLOCK, again.view().sequence(b("other")).next());
    assertEquals(4 * ID_BLOCK, again.view().sequence(b("unheard of")).next());
  }

  @Test
  void aSequenceThatHasNoBlocksLeftEnds() {
    old.apply(new ReserveIds(b("order"), Sequence.END - 10, 1, 0));
    TestMachine cluster = old.restored(0);
    assertEquals(new IdsExhausted(), cluster.apply(new TakeIds(b("order"), 1, false)));
  }

  /** "... every fence to the epoch's first revision": also those that the backup does not know. */
  @Test
  void everyFenceRefusesTheTokensOfBefore() {
    old.apply(new AdvanceFence(b("s3"), 47));
    TestMachine cluster = old.restored(0);
    long first = cluster.revision();
    assertEquals(new StaleFence(48, first), cluster.apply(new AdvanceFence(b("s3"), 48)));
    assertEquals(new StaleFence(48, first), cluster.apply(new AdvanceFence(b("new"), 48)));
    long token = cluster.lock("l", cluster.lease(5_000)).token();
    assertTrue(token > first);
    assertEquals(new FenceAdvanced(token, true), cluster.apply(new AdvanceFence(b("s3"), token)));
    assertEquals(new FenceAdvanced(token, true), cluster.apply(new AdvanceFence(b("new"), token)));
  }

  /** "Grants (locks, permits, elections) end", and places with them. */
  @Test
  void grantsAndPlacesEnd() {
    LeaseId a = old.lease(60_000);
    LeaseId waiting = old.lease(60_000);
    LockGranted held = old.lock("l", a);
    LockQueued queued = old.apply(LockQueued.class, acquireKept("l", waiting, 60_000));
    Bid bid = Bid.of(new Permits(2, 3));
    old.apply(LockGranted.class, of(LockName.semaphore(b("s")), LockMode.SHARED, a, bid));
    old.apply(
        LockGranted.class,
        of(LockName.election(b("e")), LockMode.EXCLUSIVE, a, new Bid(0, b("me"))));
    TestMachine cluster = old.restored(0);
    assertEquals(0, cluster.holder("l"));
    assertEquals(0, cluster.view().lock(b("l"), 1).queueLength());
    assertNull(cluster.view().lock(LockName.election(b("e")), 1).holder());
    assertEquals(new TicketEnded(queued.ticket()), cluster.view().ticket(queued.ticket()));
    assertEquals(new GrantLost(held.token()), cluster.apply(release("l", held.token())));
    assertInstanceOf(
        StaleToken.class, cluster.apply(guarded("k", "v", new LockGuard(b("l"), held.token()))));
    assertTrue(cluster.lock("l", waiting).token() > cluster.view().events().compacted());
    cluster.apply(LockGranted.class, of(LockName.semaphore(b("s")), LockMode.SHARED, waiting, bid));
    assertEquals(new Alive(a, 60_000, 60_000), cluster.renewed(a));
  }

  private static LockAcquire of(LockName name, LockMode mode, LeaseId lease, Bid bid) {
    return new LockAcquire(
        name, mode, new ExistingLease(lease), "owner", bid, 0, 0, SERVER, true, 7);
  }

  @Test
  void aLeaseMadeForALockEndsWithItButKeepsItsKeys() {
    LockGranted bare = old.apply(LockGranted.class, acquireOwn("bare", 9_000, 0));
    LockGranted keyed = old.apply(LockGranted.class, acquireOwn("keyed", 9_000, 0));
    old.apply(put("k", "v", keyed.lease()));
    TestMachine cluster = old.restored(0);
    assertEquals(
        new LeaseEnded(bare.lease(), cluster.revision()),
        cluster.view().leaseAbsence(bare.lease()));
    assertNull(cluster.view().lease(bare.lease(), 0));
    assertEquals("v", cluster.value("k"));
    cluster.after(9_000).tick();
    assertEquals("v", cluster.value("k"));
    cluster.after(1).tick();
    assertNull(cluster.value("k"));
  }

  /** A delay that a holder has asked for is kept: its work may still be under way. */
  @Test
  void aLockStaysClosedForAsLongAsItsHolderHasAsked() {
    old.apply(LockGranted.class, acquire("l", old.lease(9_000), 0).delayed(4_000));
    TestMachine cluster = old.restored(0);
    LeaseId next = cluster.lease(60_000);
    assertInstanceOf(LockHeld.class, cluster.apply(acquire("l", next, 0)));
    cluster.after(4_001).tick();
    cluster.lock("l", next);
  }

  /** "Leases and their keys get one full TTL." */
  @Test
  void leasesAndTheirKeysGetOneFullTtl() {
    LeaseId lease = old.lease(10_000);
    old.apply(put("k", "v", lease));
    old.after(9_000).tick();
    TestMachine cluster = old.restored(0);
    cluster.after(10_000).tick();
    assertEquals("v", cluster.value("k"));
    cluster.after(1).tick();
    assertNull(cluster.value("k"));
    assertInstanceOf(LeaseEnded.class, cluster.view().leaseAbsence(lease));
  }

  /** What the cluster before has made since is gone, never "not made yet". */
  @Test
  void idsThatWereMadeAfterTheBackupAreEndedOnes() {
    TestMachine cluster = old.restored(0);
    LeaseId later = old.lease(10_000);
    assertInstanceOf(LeaseEnded.class, cluster.view().leaseAbsence(later));
  }

  @Test
  void aWorkersNumberStaysWithItsHolderAndFreeOnesRest() {
    WorkerLeased kept = old.apply(WorkerLeased.class, worker(90_000, 1));
    WorkerLeased given = old.apply(WorkerLeased.class, worker(5_000, 2));
    old.apply(new LeaseRevoke(given.lease()));
    TestMachine cluster = old.restored(0);
    assertInstanceOf(PoolExhausted.class, cluster.apply(worker(5_000, 3)));
    assertInstanceOf(Alive.class, cluster.after(60_000).renewed(kept.lease()));
    assertInstanceOf(PoolExhausted.class, cluster.after(30_000).apply(worker(5_000, 4)));
    WorkerLeased next = cluster.after(1).apply(WorkerLeased.class, worker(5_000, 5));
    assertEquals(given.number(), next.number(), "after the longest time to live in use there");
  }

  private static LeaseWorkerId worker(long ttlMillis, long nonce) {
    return new LeaseWorkerId(b("pool"), 1, ttlMillis, nonce, 1_000_000);
  }

  @Test
  void latchesAndWorkOncePerPeriodStayAsTheyAre() {
    old.apply(new ArriveLatch(b("ready"), 2, b("w1")));
    old.apply(new ClaimOnce(b("nightly"), b("1"), 60_000, 1));
    long done =
        old.apply(PeriodFinished.class, new FinishOnce(b("nightly"), old.revision())).token();
    PeriodClaimed running =
        old.apply(PeriodClaimed.class, new ClaimOnce(b("nightly"), b("2"), 60_000, 2));
    TestMachine cluster = old.restored(0);
    assertEquals(new LatchState(2, 2), cluster.apply(new ArriveLatch(b("ready"), 2, b("w2"))));
    assertEquals(
        new PeriodDone(done), cluster.apply(new ClaimOnce(b("nightly"), b("1"), 60_000, 3)));
    cluster.apply(PeriodFinished.class, new FinishOnce(b("nightly"), running.token()));
    long next =
        cluster.apply(PeriodClaimed.class, new ClaimOnce(b("nightly"), b("3"), 60_000, 4)).token();
    assertTrue(next > 2 * BLOCK);
  }

  /** A retry of what was done in this state is not done again, and is not told what is no more. */
  @Test
  void storedAnswersAreKeptAndDoNotLie() {
    Add add = new Add(b("hits"), 5, new Always(), List.of(), false);
    old.submit("add", add);
    LockAcquire acquire = acquireOwn("l", 9_000, 0);
    LockGranted granted = (LockGranted) old.submit("lock", acquire).result();
    LeaseId lease = old.lease(60_000);
    LockAcquire byLease = acquire("m", lease, 0);
    old.submit("lock of a lease", byLease);
    TestMachine cluster = old.restored(0);
    assertInstanceOf(Added.class, cluster.submit("add", add).result());
    assertEquals("5", cluster.value("hits"));
    assertEquals(
        new LeaseEnded(granted.lease(), 2 * BLOCK), cluster.submit("lock", acquire).result());
    assertInstanceOf(TicketEnded.class, cluster.submit("lock of a lease", byLease).result());
  }

  @Test
  void keysStayAndThePastIsGone() {
    old.apply(put("a", "1"));
    old.apply(put("a", "2"));
    TestMachine cluster = old.restored(0);
    assertEquals("2", cluster.value("a"));
    assertEquals(old.view().get(b("a")), cluster.view().get(b("a")), "revisions and all");
    Selection all = new Selection.KeyPrefix(Bytes.EMPTY);
    long first = cluster.revision();
    for (long after : new long[] {0, 1, old.revision(), old.revision() + 1_000, first - 2}) {
      WatchStep step = new WatchCursor(all, after).next(cluster.view().events(), 1_000);
      assertEquals(new WatchStep.Gap(first), step, "after " + after);
    }
    cluster.apply(put("a", "3"));
    assertEquals(first + 1, cluster.revision());
    WatchStep step = new WatchCursor(all, first).next(cluster.view().events(), 1_000);
    assertEquals(1, ((WatchStep.Changes) step).frames().size());
  }

  /** What may not have been committed is not taken for what was, at the same revision. */
  @Test
  void changesThatAreNotSureAreChangesOfTheNewEpoch() {
    old.apply(put("sure", "1"));
    long sure = old.revision();
    old.apply(put("sure", "2"));
    old.apply(put("new", "1"));
    State before = ((KvSnapshot) old.machine.snapshot()).state();
    State after = NewEpoch.begin(before, 0, sure);
    assertEquals(new KeyMeta(sure, 2 * BLOCK, 2, null), after.keys().get(b("sure")).meta());
    assertEquals(new KeyMeta(2 * BLOCK, 2 * BLOCK, 1, null), after.keys().get(b("new")).meta());
    assertEquals(before.keys(), NewEpoch.begin(before, 0, old.revision()).keys());
    old.apply(new ClaimOnce(b("nightly"), b("1"), 60_000, 1));
    State claimed = ((KvSnapshot) old.machine.snapshot()).state();
    assertEquals(1, NewEpoch.begin(claimed, 0, old.revision()).gates().onceCount());
    assertEquals(0, NewEpoch.begin(claimed, 0, old.revision() - 1).gates().onceCount());
  }

  @Test
  void membersAndTheirKeysAreThoseOfTheNewClusterOnly() {
    old.apply(new AnnounceAddress(new NodeId("n1"), "http://1"));
    old.apply(new PublishKey(new NodeId("n1"), b("0123456789abcdef0123456789abcdef")));
    assertEquals(MemberTable.EMPTY, old.restored(0).view().members());
  }

  @Test
  void theSameStateMakesTheSameEpochEverywhere() {
    LeaseId lease = old.lease(10_000);
    old.lock("l", lease);
    old.apply(renew(lease));
    assertEquals(old.restored(7).view().stateHash(), old.restored(7).view().stateHash());
  }
}
