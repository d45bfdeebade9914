package io.lockstep.kv.result;

import io.lockstep.kv.command.LeaseId;

/** What became of one renewal. */
public sealed interface RenewalResult {
  /** The lease runs anew. */
  record Alive(LeaseId lease, long ttlMillis, long expiresInMillis) implements RenewalResult {}

  /** Nothing was renewed. */
  record Refused(Failure failure) implements RenewalResult {}
}
