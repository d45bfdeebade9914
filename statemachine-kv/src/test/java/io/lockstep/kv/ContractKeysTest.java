package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.delete;
import static io.lockstep.kv.TestMachine.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.KeyCondition.Absent;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.KeyCondition.Present;
import io.lockstep.kv.command.KeyCondition.RevisionIs;
import io.lockstep.kv.command.LeaseBinding.KeepLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ConditionFailed;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.QuotaExceeded;
import io.lockstep.kv.result.Failure.TooManyKeysInRange;
import io.lockstep.kv.result.Failure.TooManyKeysOnLease;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LeaseRevoked;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 1 and 4, sentence by sentence: revisions, keys, conditional writes, limits. */
class ContractKeysTest {
  private final TestMachine cluster = new TestMachine();

  /** "An empty cluster is at 1." */
  @Test
  void anEmptyClusterIsAtRevisionOne() {
    assertEquals(1, cluster.revision());
    cluster.apply(put("a", "1"));
    assertEquals(2, cluster.revision());
  }

  /**
   * "Revision grows by exactly one for each applied command that changes something a watch shows."
   */
  @Test
  void eachChangeIsOneRevision() {
    cluster.apply(put("a/1", "x"));
    cluster.apply(put("a/2", "x"));
    cluster.apply(put("b", "x"));
    assertEquals(4, cluster.revision());
    assertEquals(new KeysDeleted(2, false), cluster.apply(new DeletePrefix(b("a/"), 0, List.of())));
    assertEquals(5, cluster.revision());
    assertEquals(2, cluster.events(5).size());
  }

  /** "Lease grants, renewals, failed conditions and compaction do not advance it." */
  @Test
  void whatNobodyWatchesIsNoRevision() {
    cluster.apply(put("a", "1"));
    LeaseId lease = cluster.lease(5_000);
    cluster.renewed(lease);
    cluster.apply(put("a", "2", new Absent()));
    cluster.apply(delete("none"));
    cluster.apply(new DeletePrefix(b("none"), 0, List.of()));
    cluster.apply(new Compact(1));
    cluster.apply(new SetLimits(Limits.DEFAULT));
    cluster.tick();
    assertEquals(2, cluster.revision());
  }

  /**
   * "The end of a lease that holds keys advances it once"; that of one that holds nothing does not.
   */
  @Test
  void theEndOfALeaseAdvancesItOnce() {
    LeaseId full = cluster.lease(5_000);
    LeaseId empty = cluster.lease(5_000);
    cluster.apply(put("a", "1", full));
    cluster.apply(put("b", "1", full));
    assertEquals(new LeaseRevoked(empty, 0), cluster.apply(new LeaseRevoke(empty)));
    assertEquals(3, cluster.revision());
    assertEquals(new LeaseRevoked(full, 2), cluster.apply(new LeaseRevoke(full)));
    assertEquals(4, cluster.revision());
    assertNull(cluster.value("a"));
    assertNull(cluster.value("b"));
  }

  /** "Keys are flat byte strings of 1 to 1,024 bytes." */
  @Test
  void keysHaveOneToAThousandAndTwentyFourBytes() {
    Bytes longest = Bytes.wrap(new byte[1024]);
    Bytes tooLong = Bytes.wrap(new byte[1025]);
    assertInstanceOf(KeyPut.class, cluster.apply(putBytes(longest)));
    assertEquals(new KeyLengthInvalid(1024), cluster.apply(putBytes(tooLong)));
    assertEquals(new KeyLengthInvalid(1024), cluster.apply(putBytes(Bytes.EMPTY)));
    assertEquals(
        new KeyLengthInvalid(1024),
        cluster.apply(new Delete(Bytes.EMPTY, new Always(), List.of(), false)));
    assertEquals(2, cluster.revision());
  }

  private static Put putBytes(Bytes key) {
    return new Put(
        key,
        b("v"),
        "",
        new io.lockstep.kv.command.LeaseBinding.Detach(),
        new Always(),
        List.of(),
        false);
  }

  /** "Values are bytes with a content type, up to 512 KiB." */
  @Test
  void valuesHaveALimit() {
    long limit = 512 << 10;
    assertInstanceOf(KeyPut.class, cluster.apply(put("a", "x".repeat((int) limit))));
    assertEquals(new ValueTooLarge(limit), cluster.apply(put("a", "x".repeat((int) limit + 1))));
    assertEquals("text/plain", cluster.view().get(b("a")).contentType());
  }

  /** "Each key has create_revision, mod_revision, version and perhaps a lease." */
  @Test
  void aKeyKnowsItsRevisions() {
    LeaseId lease = cluster.lease(5_000);
    assertEquals(new KeyPut(new KeyMeta(2, 2, 1, null), true), cluster.apply(put("a", "1")));
    assertEquals(
        new KeyPut(new KeyMeta(2, 3, 2, lease), false), cluster.apply(put("a", "2", lease)));
    cluster.apply(delete("a"));
    assertEquals(new KeyPut(new KeyMeta(5, 5, 1, null), true), cluster.apply(put("a", "3")));
  }

  /** Contract 4: "create-only, CAS on revision". */
  @Test
  void aWriteWithAConditionIsDoneOnlyIfItHolds() {
    assertEquals(
        new ConditionFailed(null, null, null), cluster.apply(put("a", "1", new Present())));
    assertInstanceOf(KeyPut.class, cluster.apply(put("a", "1", new Absent())));
    KeyMeta first = cluster.view().get(b("a")).meta();
    assertEquals(
        new ConditionFailed(first, null, null), cluster.apply(put("a", "2", new Absent())));
    assertInstanceOf(KeyPut.class, cluster.apply(put("a", "2", new RevisionIs(2))));
    assertInstanceOf(ConditionFailed.class, cluster.apply(put("a", "3", new RevisionIs(2))));
    assertEquals("2", cluster.value("a"));
  }

  /**
   * "A failed condition is an answer that carries the current revision; with return=current the
   * value too."
   */
  @Test
  void aFailedConditionShowsTheValueWhenAsked() {
    cluster.apply(put("a", "1"));
    KeyMeta meta = cluster.view().get(b("a")).meta();
    assertEquals(
        new ConditionFailed(meta, b("1"), "text/plain"),
        cluster.apply(new Delete(b("a"), new RevisionIs(9), List.of(), true)));
    assertEquals(
        new ConditionFailed(meta, null, null),
        cluster.apply(new Delete(b("a"), new RevisionIs(9), List.of(), false)));
  }

  @Test
  void deletingWhatIsNotThereIsToldApartFromAConditionThatFails() {
    assertEquals(new KeyNotFound(), cluster.apply(delete("a")));
    assertEquals(
        new ConditionFailed(null, null, null),
        cluster.apply(new Delete(b("a"), new RevisionIs(2), List.of(), false)));
  }

  /** "A put without lease detaches the key from its lease unless keep_lease is given." */
  @Test
  void aPutDetachesUnlessToldToKeep() {
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(put("a", "1", lease));
    cluster.apply(
        new Put(b("a"), b("2"), "text/plain", new KeepLease(), new Always(), List.of(), false));
    assertEquals(lease, cluster.view().get(b("a")).meta().lease());
    cluster.apply(put("a", "3"));
    assertNull(cluster.view().get(b("a")).meta().lease());
    assertEquals(List.of(), cluster.view().lease(lease, 10).keys());
    cluster.after(5_001).tick();
    assertEquals("3", cluster.value("a"));
  }

  /** http-api, limits: "keys on one lease". */
  @Test
  void aLeaseHasALimitOfKeys() {
    cluster.apply(new SetLimits(limits(2, 10_000)));
    LeaseId lease = cluster.lease(5_000);
    cluster.apply(put("a", "1", lease));
    cluster.apply(put("b", "1", lease));
    assertEquals(new TooManyKeysOnLease(2), cluster.apply(put("c", "1", lease)));
    assertInstanceOf(KeyPut.class, cluster.apply(put("b", "2", lease)));
  }

  /** http-api: "more than 10,000: 422 unless &limit (repeat until more is false)". */
  @Test
  void aPrefixDeleteIsRefusedWholeOrLimited() {
    cluster.apply(new SetLimits(limits(10_000, 2)));
    for (int i = 0; i < 5; i++) {
      cluster.apply(put("a/" + i, "x"));
    }
    assertEquals(
        new TooManyKeysInRange(5, 2), cluster.apply(new DeletePrefix(b("a/"), 0, List.of())));
    assertEquals(new KeysDeleted(2, true), cluster.apply(new DeletePrefix(b("a/"), 9, List.of())));
    assertEquals(new KeysDeleted(1, true), cluster.apply(new DeletePrefix(b("a/"), 1, List.of())));
    assertEquals(new KeysDeleted(2, false), cluster.apply(new DeletePrefix(b("a/"), 2, List.of())));
  }

  private static Limits limits(long keysOnLease, long keysOfRangeDelete) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.valueBytesMax(),
        d.historyRevisionsMin(),
        d.historyMillisMax(),
        d.quotaBytes(),
        d.leaseTtlMillisMin(),
        d.leaseTtlMillisMax(),
        keysOnLease,
        keysOfRangeDelete,
        d.waitersOnLockMax(),
        d.idleLocksMax(),
        d.idleLockMillis(),
        d.serverSilenceMillis(),
        d.storedAnswersMax(),
        d.storedAnswerMillisMax(),
        d.storedAnswerMillisMin(),
        d.storedAnswerBytesMax(),
        d.endedLeasesMax());
  }

  /** "A quota refuses growth, clears itself, and never refuses deletes, releases and renewals." */
  @Test
  void theQuotaRefusesGrowthOnly() {
    LeaseId lease = cluster.lease(60_000);
    long token = cluster.lock("l", lease).token();
    cluster.apply(new SetLimits(Limits.DEFAULT.withQuotaBytes(40_000)));
    int written = 0;
    while (cluster.apply(put("k" + written, "x".repeat(900))) instanceof KeyPut) {
      written++;
    }
    assertTrue(written > 5, "some fit");
    assertInstanceOf(QuotaExceeded.class, cluster.apply(put("k0", "x")));
    while (cluster.apply(new LeaseGrant(5_000, 1)) instanceof LeaseGranted) {
      assertTrue(cluster.view().usedBytes() <= 40_000);
    }
    assertInstanceOf(QuotaExceeded.class, cluster.apply(new LeaseGrant(5_000, 1)));
    assertInstanceOf(QuotaExceeded.class, cluster.apply(TestMachine.acquireOwn("other", 5_000, 0)));
    assertInstanceOf(RenewalResult.Alive.class, cluster.renewed(lease));
    assertInstanceOf(LockReleased.class, cluster.apply(TestMachine.release("l", token)));
    for (int i = 0; i < written; i++) {
      assertEquals(new KeysDeleted(1, false), cluster.apply(delete("k" + i)));
    }
    assertTrue(cluster.view().usedBytes() > 40_000, "the past is not forgotten yet");
    assertTrue(cluster.view().compactionTarget() > 0, "it is due");
    cluster.apply(new Compact(cluster.view().compactionTarget()));
    assertInstanceOf(KeyPut.class, cluster.apply(put("k0", "x")));
  }

  /**
   * "At least the last 10,000 revisions stay readable"; "else 410 with the oldest revision"
   * (contract 3).
   */
  @Test
  void thePastStaysReadableDownToTheFloor() {
    for (int i = 0; i < 10_050; i++) {
      cluster.apply(put("a", Integer.toString(i)));
    }
    assertEquals(new Done(), cluster.apply(new Compact(20_000)));
    assertEquals(51, cluster.view().compactedRevision());
    assertFalse(cluster.view().readable(51));
    assertTrue(cluster.view().readable(52));
    assertFalse(cluster.view().readable(cluster.revision() + 1));
    KeyRecord past = cluster.view().get(b("a"), 52);
    assertEquals("50", past.value().utf8());
    assertEquals(52, past.meta().modRevision());
  }

  /** "fewer only if they alone pass a quarter of the quota". */
  @Test
  void fewerRevisionsStayReadableUnderAQuota() {
    cluster.apply(new SetLimits(Limits.DEFAULT.withQuotaBytes(400_000)));
    for (int i = 0; i < 120; i++) {
      cluster.apply(put("a", "x".repeat(100)));
    }
    assertEquals(0, cluster.view().compactionTarget(), "who follows is given 5 s to read them");
    cluster.after(5_001).tick();
    long target = cluster.view().compactionTarget();
    assertTrue(target > 0, "120 revisions pass 100,000 bytes");
    cluster.apply(new Compact(cluster.revision()));
    assertEquals(target, cluster.view().compactedRevision());
    assertTrue(cluster.view().figures().historyBytes() <= 100_000);
    assertEquals(target, cluster.view().compactionTarget(), "nothing more is due");
  }

  /** Those who follow are waited for only up to twice as much, and while there is room. */
  @Test
  void youngRevisionsGoTooWhenTheyAreFarTooMany() {
    cluster.apply(new SetLimits(Limits.DEFAULT.withQuotaBytes(400_000)));
    for (int i = 0; i < 200; i++) {
      cluster.apply(put("a", "x".repeat(100)));
    }
    cluster.apply(new Compact(cluster.view().compactionTarget()));
    long history = cluster.view().figures().historyBytes();
    assertTrue(history <= 200_000 && history > 190_000, "half of the quota: " + history);
    cluster.apply(put("large", "x".repeat(200_000)));
    cluster.apply(new Compact(cluster.view().compactionTarget()));
    assertTrue(cluster.view().usedBytes() <= 350_000, "others may still grow");
  }

  /** "up to an hour while memory allows": older ones are due once there are enough younger ones. */
  @Test
  void oldRevisionsAreDueByAge() {
    for (int i = 0; i < 10_010; i++) {
      cluster.apply(put("a", "x"));
    }
    assertEquals(0, cluster.view().compactionTarget());
    cluster.after(3_600_001).tick();
    assertEquals(11, cluster.view().compactionTarget());
  }

  /** A view is of one moment and stays so. */
  @Test
  void aViewDoesNotChange() {
    cluster.apply(put("a", "1"));
    KvView before = cluster.view();
    long hash = before.stateHash();
    cluster.apply(put("a", "2"));
    cluster.apply(put("b", "2"));
    assertEquals("1", before.get(b("a")).value().utf8());
    assertNull(before.get(b("b")));
    assertEquals(2, before.revision());
    assertEquals(hash, before.stateHash());
  }

  @Test
  void attachingToALeaseThatIsGoneIsRefused() {
    LeaseId lease = cluster.lease(5_000);
    cluster.after(5_001);
    assertInstanceOf(Failure.LeaseEnded.class, cluster.apply(put("a", "1", lease)));
    LeaseId future = new LeaseId(10_000, 1);
    assertEquals(new Failure.LeaseNotFound(future), cluster.apply(put("a", "1", future)));
    assertNull(cluster.value("a"));
  }
}
