package io.lockstep.kv.result;

import io.lockstep.kv.command.LeaseId;

/** What became of one renewal. */
public sealed interface RenewalResult {
  /** The lease runs anew. */
  record Alive(LeaseId lease, long ttlMillis, long expiresInMillis) implements RenewalResult {}

  /**
   * The ticket's place lasts anew, if it is a durable one that still waits.
   *
   * @param state {@link Result.LockQueued}, or {@link Result.LockGranted} when it waits no more
   */
  record Polled(Result.Success state) implements RenewalResult {}

  /** Nothing was renewed. */
  record Refused(Failure failure) implements RenewalResult {}
}
