package io.lockstep.kv.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.AnswersFull;
import io.lockstep.kv.result.Failure.CandidateNotFound;
import io.lockstep.kv.result.Failure.ClaimLost;
import io.lockstep.kv.result.Failure.ConditionFailed;
import io.lockstep.kv.result.Failure.ConditionsFalse;
import io.lockstep.kv.result.Failure.CounterOverflow;
import io.lockstep.kv.result.Failure.DuplicateKey;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.IdsExhausted;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.KeyWithoutLease;
import io.lockstep.kv.result.Failure.LatchNotFound;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LeaseExists;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.Failure.ModeConflict;
import io.lockstep.kv.result.Failure.NotANumber;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.OperationRefused;
import io.lockstep.kv.result.Failure.PeriodDone;
import io.lockstep.kv.result.Failure.PeriodRunning;
import io.lockstep.kv.result.Failure.PermitsDiffer;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Failure.QuotaExceeded;
import io.lockstep.kv.result.Failure.RequestMismatch;
import io.lockstep.kv.result.Failure.RevisionUnreadable;
import io.lockstep.kv.result.Failure.SemaphoreLimitDiffers;
import io.lockstep.kv.result.Failure.StaleFence;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.Failure.TooManyKeysInRange;
import io.lockstep.kv.result.Failure.TooManyKeysOnLease;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.Failure.TxnTooLarge;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result.Added;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.result.Result.FenceAdvanced;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.LatchState;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LeaseRevoked;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.OutcomeOnly;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.PeriodFinished;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.result.Result.Proclaimed;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.result.Result.Transferred;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Results as bytes: every one comes back, and no other bytes are accepted for it. */
class ResultCodecTest {
  private static final LeaseId LEASE = new LeaseId(9, -3);
  private static final TicketId TICKET = new TicketId(1L << 40, 4);
  private static final Bytes NAME = Bytes.utf8("lock");
  private static final LockName LOCK = LockName.lock(NAME);
  private static final List<LockName> OTHERS =
      List.of(LockName.lock(Bytes.utf8("z1")), LockName.lock(Bytes.utf8("z2")));
  private static final LockName ELECTION = LockName.election(NAME);
  private static final LockName SEMAPHORE = LockName.semaphore(NAME);
  private static final KeyMeta META = new KeyMeta(2, 300, 4, LEASE);
  private static final HolderInfo HOLDER = new HolderInfo("wer \u00e9", 47, LEASE, 47, 5_000);

  private static final KeyRecord RECORD = new KeyRecord(NAME, Bytes.utf8("v"), "text/plain", META);

  private static final List<Result> ALL =
      List.of(
          new KeyPut(META, true),
          new KeyPut(new KeyMeta(1, 2, 3, null), false),
          new KeysDeleted(7, true),
          new LeaseGranted(LEASE, 5_000, 4_000),
          new Renewed(List.of(new Alive(LEASE, 5, 4), new Refused(new LeaseEnded(LEASE, 3)))),
          new Renewed(
              List.of(
                  new Polled(new LockQueued(LOCK, TICKET, LEASE, 3, 100)),
                  new Polled(new LockQueued(LOCK, TICKET, null, 3, 100, OTHERS)),
                  new Polled(
                      new LockGranted(ELECTION, LockMode.EXCLUSIVE, 47, LEASE, TICKET, 5, 4)))),
          new LeaseRevoked(LEASE, 2),
          new LockGranted(LOCK, LockMode.EXCLUSIVE, 47, LEASE, TICKET, 5_000, 4_000),
          new LockGranted(LOCK, LockMode.SHARED, 47, LEASE, TICKET, 5_000, 4_000),
          new LockGranted(ELECTION, LockMode.EXCLUSIVE, 47, LEASE, TICKET, 5_000, 4_000),
          new LockQueued(LOCK, TICKET, LEASE, 3, 100),
          new LockQueued(LOCK, TICKET, LEASE, 3, 100, OTHERS),
          new LockGranted(LOCK, LockMode.EXCLUSIVE, 47, LEASE, TICKET, 5_000, 4_000, OTHERS),
          new LockQueued(ELECTION, TICKET, null, 3, 100),
          new LockReleased(LOCK, 47),
          new LockReleased(ELECTION, 47),
          new LockForced(LOCK, 47, 2),
          new LockForced(ELECTION, 47, 1),
          new Proclaimed(ELECTION, 47),
          new Transferred(ELECTION, 48, "candidate"),
          new CandidateNotFound("candidate"),
          new AmbiguousToken(47),
          new ModeConflict(LockMode.SHARED),
          new PermitsDiffer(3),
          new SemaphoreLimitDiffers(10, 12),
          new LockGranted(SEMAPHORE, LockMode.SHARED, 47, LEASE, TICKET, 5_000, 4_000),
          new LockReleased(SEMAPHORE, 47),
          new PlaceLeft(true),
          new Done(),
          new OutcomeOnly(true),
          new Added(META, Long.MIN_VALUE, false),
          new RecordsFound(List.of(RECORD, RECORD), 7, true),
          new RecordsFound(List.of(), 0, false),
          new TxnDone(
              false,
              List.of(
                  new KeyPut(META, true),
                  new RecordsFound(List.of(RECORD), 1, false),
                  new TxnDone(true, List.of(new Added(META, 5, true))))),
          new IdsReserved(5, 7, 3, 1, 1L << 59),
          new IdsTaken(9_001, 9_100, 0),
          new FenceAdvanced(47, true),
          new IdsExhausted(),
          new StaleFence(47, 52),
          new WorkerLeased(LEASE, 17, 1L << 41, 30_000, 29_000),
          new LimitDiffers(10, 12),
          new PoolExhausted(1_024, 0),
          new LatchState(3, 2),
          new PeriodClaimed(47, LEASE, 5_000, 4_000),
          new PeriodFinished(47),
          new LatchNotFound(),
          new PeriodRunning(47, 300),
          new PeriodDone(47),
          new ClaimLost(46),
          new KeyNotFound(),
          new TtlKeyPut(META, true, 30_000, 29_000),
          new KeyWithoutLease(),
          new NotANumber(),
          new CounterOverflow(Long.MIN_VALUE),
          new DuplicateKey(NAME),
          new ConditionsFalse(255),
          new OperationRefused(true, 3, new OperationRefused(false, 0, new NotANumber())),
          new TxnTooLarge(TxnBound.ANSWER_BYTES, 1 << 20),
          new TxnTooLarge(TxnBound.KEYS_COMPARED, 1),
          new TxnTooLarge(TxnBound.KEYS_DELETED, 1),
          new ConditionFailed(null, null, null),
          new ConditionFailed(META, null, null),
          new ConditionFailed(META, Bytes.utf8("value"), "text/plain"),
          new LeaseNotFound(LEASE),
          new LeaseEnded(LEASE, 0),
          new TtlOutOfRange(1_000, 86_400_000),
          new LockHeld(LockReason.HELD, HOLDER, 5_001, 0),
          new LockHeld(LockReason.QUEUED, HOLDER, 5_001, 9),
          new LockHeld(LockReason.RESERVED, null, 1, 2),
          new LockHeld(LockReason.DELAY, null, 1, 0),
          new OneHeld(LOCK, new LockHeld(LockReason.HELD, HOLDER, 5_001, 0)),
          new OneHeld(LOCK, new LockHeld(LockReason.RESERVED, null, 7, 1)),
          new LocksDiffer(LOCK),
          new NotHolder(HOLDER),
          new NotHolder(null),
          new GrantLost(47),
          new TicketEnded(TICKET),
          new TicketNotFound(TICKET),
          new StaleToken(NAME, 46, 47),
          new QuotaExceeded(10, 9),
          new TooManyKeysOnLease(10_000),
          new TooManyKeysInRange(20_000, 10_000),
          new QueueFull(10_000),
          new AnswersFull(200_000),
          new RequestMismatch(),
          new ValueTooLarge(1),
          new KeyLengthInvalid(1_024),
          new LeaseExists(new LeaseId(0, -7)),
          new RevisionUnreadable(9, 10, 300),
          new MalformedCommand("no such thing"));

  @Test
  void everyResultComesBack() {
    for (Result result : ALL) {
      Applied applied = new Applied(12, 300, result instanceof Failure, result);
      assertEquals(applied, ResultCodec.decode(ResultCodec.encode(applied)));
    }
  }

  @Test
  void noKindIsLeftOut() {
    TreeSet<String> listed = new TreeSet<>();
    ALL.forEach(result -> listed.add(result.getClass().getSimpleName()));
    demandAll(Result.Success.class, listed);
    demandAll(Failure.class, listed);
  }

  private static void demandAll(Class<?> vocabulary, Set<String> listed) {
    for (Class<?> kind : vocabulary.getPermittedSubclasses()) {
      if (kind.isSealed()) {
        demandAll(kind, listed);
      } else {
        assertTrue(listed.contains(kind.getSimpleName()), kind.getSimpleName());
      }
    }
  }

  @Test
  void whatIsCutShortIsMalformed() {
    for (Result result : ALL) {
      byte[] whole = ResultCodec.encode(new Applied(12, 300, false, result)).toArray();
      for (int length = 0; length < whole.length; length++) {
        Bytes cut = Bytes.wrap(Arrays.copyOf(whole, length));
        assertThrows(Malformed.class, () -> ResultCodec.decode(cut));
      }
      Bytes longer = Bytes.wrap(Arrays.copyOf(whole, whole.length + 1));
      assertThrows(Malformed.class, () -> ResultCodec.decode(longer));
    }
  }

  @Test
  void damagedBytesAreRefusedOrCanonical() {
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int i = 0; i < 200; i++) {
      for (Result result : ALL) {
        byte[] bytes = ResultCodec.encode(new Applied(12, 300, false, result)).toArray();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        Bytes damaged = Bytes.wrap(bytes);
        try {
          assertEquals(damaged, ResultCodec.encode(ResultCodec.decode(damaged)));
        } catch (Malformed e) {
          refused++;
        }
      }
    }
    assertTrue(refused > 200, "some are refused");
  }
}
