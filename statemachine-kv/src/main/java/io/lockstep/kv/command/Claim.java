package io.lockstep.kv.command;

/** The right by which a lock is given back. */
public sealed interface Claim {
  /** The grant with this token. */
  record ByToken(long token) implements Claim {}

  /** The grant to this lease. */
  record ByLease(LeaseId lease) implements Claim {}
}
