package io.lockstep.kv.result;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.KeyRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command's proposer gets back. */
public sealed interface Result permits Result.Success, Result.OutcomeOnly, Failure {
  /** The command was applied. */
  sealed interface Success extends Result {}

  /** The key has its new value. {@code created} when it did not exist before. */
  record KeyPut(KeyMeta meta, boolean created) implements Success {}

  /**
   * As {@link KeyPut}, on a lease that was made for the key.
   *
   * @param expiresInMillis what is left of {@code ttlMillis}; 0 when the lease has ended since
   */
  record TtlKeyPut(KeyMeta meta, boolean created, long ttlMillis, long expiresInMillis)
      implements Success {}

  /** So many keys are gone; {@code more} when the limit left some. */
  record KeysDeleted(long deleted, boolean more) implements Success {}

  /** The counter has its new value. {@code created} when the key did not exist before. */
  record Added(KeyMeta meta, long value, boolean created) implements Success {}

  /**
   * What an operation of a transaction has read, in key order.
   *
   * @param records without their values where only keys were asked for
   * @param count of all keys in the range
   * @param more whether the limit left some
   */
  record RecordsFound(List<KeyRecord> records, long count, boolean more) implements Success {
    public RecordsFound {
      records = List.copyOf(records);
    }
  }

  /**
   * One branch of a transaction was done; one result for each operation, in order.
   *
   * @param then whether the conditions held
   */
  record TxnDone(boolean then, List<Success> results) implements Success {
    public TxnDone {
      results = List.copyOf(results);
    }
  }

  /** The lease runs. */
  record LeaseGranted(LeaseId lease, long ttlMillis, long expiresInMillis) implements Success {}

  /** One result for each renewal, in order. */
  record Renewed(List<RenewalResult> results) implements Success {
    public Renewed {
      results = List.copyOf(results);
    }
  }

  /** The lease is at its end, and the keys that were on it too. */
  record LeaseRevoked(LeaseId lease, long keysDeleted) implements Success {}

  /**
   * The lock is held under {@code token} for as long as {@code lease} runs.
   *
   * @param also the others that were taken with it, under the same token
   */
  record LockGranted(
      LockName name,
      LockMode mode,
      long token,
      LeaseId lease,
      TicketId ticket,
      long ttlMillis,
      long expiresInMillis,
      List<LockName> also)
      implements Success {
    public LockGranted {
      also = List.copyOf(also);
    }

    /** Of one lock. */
    public LockGranted(
        LockName name,
        LockMode mode,
        long token,
        LeaseId lease,
        TicketId ticket,
        long ttlMillis,
        long expiresInMillis) {
      this(name, mode, token, lease, ticket, ttlMillis, expiresInMillis, List.of());
    }

    /** The same, told with these others. */
    public LockGranted with(List<LockName> others) {
      return new LockGranted(name, mode, token, lease, ticket, ttlMillis, expiresInMillis, others);
    }
  }

  /**
   * The request waits in the lock's queue.
   *
   * @param lease null when it will be made at the grant
   * @param position from 1, the next to be granted; of several locks the greatest
   * @param also the others that are to be taken with it
   */
  record LockQueued(
      LockName name,
      TicketId ticket,
      @Nullable LeaseId lease,
      long position,
      long remainingWaitMillis,
      List<LockName> also)
      implements Success {
    public LockQueued {
      also = List.copyOf(also);
    }

    /** Of one lock. */
    public LockQueued(
        LockName name,
        TicketId ticket,
        @Nullable LeaseId lease,
        long position,
        long remainingWaitMillis) {
      this(name, ticket, lease, position, remainingWaitMillis, List.of());
    }

    /** The same, told with these others. */
    public LockQueued with(List<LockName> others) {
      return new LockQueued(name, ticket, lease, position, remainingWaitMillis, others);
    }
  }

  /** The grant with this token has ended by its holder's will, now or earlier. */
  record LockReleased(LockName name, long token) implements Success {}

  /**
   * The lock was taken away from {@code holders} who held it.
   *
   * @param token the greatest that is outdated by that
   */
  record LockForced(LockName name, long token, long holders) implements Success {}

  /** The winner who has this token has published another value. */
  record Proclaimed(LockName name, long token) implements Success {}

  /** The office is this candidate's, under {@code token}. */
  record Transferred(LockName name, long token, String owner) implements Success {}

  /** The place is given up; {@code wasGranted} when it had become a grant, which is released. */
  record PlaceLeft(boolean wasGranted) implements Success {}

  /** Of sequences, fences, pools, latches and work once a period. */
  sealed interface OfIds extends Success {}

  /**
   * A block is reserved: ids from {@code first} up to and without {@code end}.
   *
   * @param since tells the block: see {@code Sequence}
   * @param stampFirst the stamps from here on are reserved too, up to and without {@code stampEnd}
   */
  record IdsReserved(long first, long end, long since, long stampFirst, long stampEnd)
      implements OfIds {}

  /**
   * These ids are the caller's.
   *
   * @param stampFirst the stamp of {@code first}; each id's is one more than that of the id before.
   *     0 when none were asked for
   */
  record IdsTaken(long first, long last, long stampFirst) implements OfIds {}

  /** The fence has seen {@code token}; {@code changed} when it had not before. */
  record FenceAdvanced(long token, boolean changed) implements OfIds {}

  /**
   * A number of a pool is the caller's for as long as the lease runs.
   *
   * @param minTimestampMillis of a wall clock: the holder uses only greater times
   */
  record WorkerLeased(
      LeaseId lease, int number, long minTimestampMillis, long ttlMillis, long expiresInMillis)
      implements OfIds {
    /** The same, told when the lease has this much left. */
    public WorkerLeased expiringIn(long millis) {
      return new WorkerLeased(lease, number, minTimestampMillis, ttlMillis, millis);
    }
  }

  /** So many have arrived of those that the latch waits for. */
  record LatchState(long parties, long arrived) implements OfIds {
    /** Whether it is open, for ever. */
    public boolean open() {
      return arrived >= parties;
    }
  }

  /** The work of the period is the caller's for as long as the lease runs. */
  record PeriodClaimed(long token, LeaseId lease, long ttlMillis, long expiresInMillis)
      implements OfIds {
    /** The same, told when the lease has this much left. */
    public PeriodClaimed expiringIn(long millis) {
      return new PeriodClaimed(token, lease, ttlMillis, millis);
    }
  }

  /** The work that was claimed under this token is done, now or earlier. */
  record PeriodFinished(long token) implements OfIds {}

  /** Done; there is nothing to tell. */
  record Done() implements Success {}

  /**
   * In place of a stored answer that was too long to keep. The command was applied, or not, when
   * the answer was first given.
   */
  record OutcomeOnly(boolean applied) implements Result {}
}
