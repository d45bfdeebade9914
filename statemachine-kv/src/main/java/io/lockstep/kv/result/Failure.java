package io.lockstep.kv.result;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** Why a command was not applied. No part of it was. */
public sealed interface Failure extends Result {
  /** There is no such key to delete. */
  record KeyNotFound() implements Failure {}

  /**
   * The key is not as the condition wants it.
   *
   * @param current null when the key does not exist
   * @param value null unless asked for
   * @param contentType null unless the value is there
   */
  record ConditionFailed(
      @Nullable KeyMeta current, @Nullable Bytes value, @Nullable String contentType)
      implements Failure {}

  /** The key is on no lease that could be renewed. */
  record KeyWithoutLease() implements Failure {}

  /** No such lease was ever made. */
  record LeaseNotFound(LeaseId lease) implements Failure {}

  /** The lease has ended; {@code endedAtRevision} is 0 when that is no longer known. */
  record LeaseEnded(LeaseId lease, long endedAtRevision) implements Failure {}

  /** The lease's time to live is not within these bounds. */
  record TtlOutOfRange(long ttlMillisMin, long ttlMillisMax) implements Failure {}

  /** Of locks, elections, semaphores and the places in their queues. */
  sealed interface OfLock extends Failure {}

  /**
   * The lock was not free and the request did not want to wait.
   *
   * @param holder null when nobody holds it, and it is for one who waits for others with it
   * @param retryAfterMillis until the holder's lease is due, unless it is renewed; without a holder
   *     until the delay ends, or else until the first who waits gives up
   */
  record LockHeld(
      LockReason reason, @Nullable HolderInfo holder, long retryAfterMillis, long queueLength)
      implements OfLock {}

  /**
   * Of several locks that were to be taken together, this one was not free; of several such the one
   * that will be free last.
   */
  record OneHeld(LockName name, LockHeld held) implements OfLock {}

  /**
   * The lease holds this lock already, or waits for it, but not together with those that it was
   * asked for with.
   */
  record LocksDiffer(LockName name) implements OfLock {}

  /**
   * The claim does not fit the present holder, or any that is remembered. {@code holder} is null
   * when there is none.
   */
  record NotHolder(@Nullable HolderInfo holder) implements OfLock {}

  /** The grant with this token ended against its holder's will. */
  record GrantLost(long token) implements OfLock {}

  /** Several were granted the lock under this token: it says not which of them is meant. */
  record AmbiguousToken(long token) implements OfLock {}

  /** The lease holds the lock in this mode, or waits for it so, and asks for the other. */
  record ModeConflict(LockMode mode) implements OfLock {}

  /** The lease holds so many of the semaphore's permits, or waits for them, and asks for others. */
  record PermitsDiffer(long permits) implements OfLock {}

  /**
   * Those who hold permits of the semaphore, or wait for them, have said another limit than the one
   * asked for.
   */
  record SemaphoreLimitDiffers(long given, long stored) implements OfLock {}

  /** Nobody of this name stands in the election, with a lease that runs. */
  record CandidateNotFound(String owner) implements OfLock {}

  /** The place, or the grant that it became, has ended. */
  record TicketEnded(TicketId ticket) implements OfLock {}

  /** No such place was ever given. */
  record TicketNotFound(TicketId ticket) implements OfLock {}

  /**
   * A guard does not hold: the lock {@code name} is not held under {@code given}. {@code current}
   * is 0 for a free one.
   */
  record StaleToken(Bytes name, long given, long current) implements Failure {}

  /** The state would grow over its quota. */
  record QuotaExceeded(long usedBytes, long quotaBytes) implements Failure {}

  /** The lease has as many keys as one may have. */
  record TooManyKeysOnLease(long limit) implements Failure {}

  /** More keys match than may be deleted at once without a limit. */
  record TooManyKeysInRange(long count, long limit) implements Failure {}

  /** As many wait for the lock as may. */
  record QueueFull(long limit) implements Failure {}

  /** The table of stored answers is full of young ones. */
  record AnswersFull(long limit) implements Failure {}

  /** The idempotency key belongs to another request. */
  record RequestMismatch() implements Failure {}

  /** The value is longer than {@code limit} bytes. */
  record ValueTooLarge(long limit) implements Failure {}

  /** A key or the name of a lock is not 1 to {@code limit} bytes long. */
  record KeyLengthInvalid(long limit) implements Failure {}

  /** Of transactions and counters. */
  sealed interface OfTransaction extends Failure {}

  /** The key exists and its value is not a decimal number of 64 bits. */
  record NotANumber() implements OfTransaction {}

  /** The sum does not fit into 64 bits; the counter stays at {@code value}. */
  record CounterOverflow(long value) implements OfTransaction {}

  /** A branch of the transaction writes this key more than once. */
  record DuplicateKey(Bytes key) implements OfTransaction {}

  /** This condition is the first that does not hold, and there is nothing to do instead. */
  record ConditionsFalse(int condition) implements OfTransaction {}

  /** An operation of the transaction can not be done. {@code cause} says why. */
  record OperationRefused(boolean then, int operation, Failure cause) implements OfTransaction {}

  /** The transaction would take more of something than it may. */
  record TxnTooLarge(TxnBound bound, long limit) implements OfTransaction {}

  /** Of what only other interfaces than this service's own ask for. */
  sealed interface OfGateway extends Failure {}

  /** A lease with the name that was asked for runs. */
  record LeaseExists(LeaseId lease) implements OfGateway {}

  /**
   * The state at the revision cannot be read: it is forgotten, or yet to come.
   *
   * @param oldest the oldest that can
   * @param present the youngest that can
   */
  record RevisionUnreadable(long revision, long oldest, long present) implements OfGateway {}

  /** Of sequences, fences, pools, latches and work once a period. */
  sealed interface OfIds extends Failure {}

  /** The sequence has not so many ids, or stamps, left. */
  record IdsExhausted() implements OfIds {}

  /** The fence has seen {@code current}, which is greater than {@code given}. */
  record StaleFence(long given, long current) implements OfIds {}

  /** The name has another limit than the one asked for: that with which it began. */
  record LimitDiffers(long given, long stored) implements OfIds {}

  /**
   * All numbers of the pool are leased or rest.
   *
   * @param retryAfterMillis until the first has rested; 0 when none rests
   */
  record PoolExhausted(long limit, long retryAfterMillis) implements OfIds {}

  /** Nobody has arrived at such a latch. */
  record LatchNotFound() implements OfIds {}

  /** Another is at work on the period. {@code expiresInMillis} is what is left of its lease. */
  record PeriodRunning(long token, long expiresInMillis) implements OfIds {}

  /** The work of the period was done, under {@code token}. */
  record PeriodDone(long token) implements OfIds {}

  /** There is no good claim under this token. */
  record ClaimLost(long token) implements OfIds {}

  /** The bytes are no command. */
  record MalformedCommand(String text) implements Failure {}
}
