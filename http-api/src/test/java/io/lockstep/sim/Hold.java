package io.lockstep.sim;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.raft.sim.check.LockSafety;

/** A lock as its holder knows it. */
final class Hold {
  final String lock;
  final long token;
  final LeaseId lease;
  private final String holder;
  private final long askedAt;
  private final long grantedAt;
  private final boolean shared;
  private long safeUntil;

  /** Of one alone. */
  Hold(
      String lock,
      long token,
      LeaseId lease,
      String holder,
      long askedAt,
      long grantedAt,
      long safeUntil) {
    this(lock, token, lease, holder, askedAt, grantedAt, safeUntil, false);
  }

  Hold(
      String lock,
      long token,
      LeaseId lease,
      String holder,
      long askedAt,
      long grantedAt,
      long safeUntil,
      boolean shared) {
    this.lock = lock;
    this.token = token;
    this.lease = lease;
    this.holder = holder;
    this.askedAt = askedAt;
    this.grantedAt = grantedAt;
    this.safeUntil = safeUntil;
    this.shared = shared;
  }

  long safeUntil() {
    return safeUntil;
  }

  /** The holder counts on it until then. */
  void safeUntil(long time) {
    safeUntil = Math.max(safeUntil, time);
  }

  /** The holder counts on it no more. */
  void givenUp(long time) {
    safeUntil = Math.min(safeUntil, time);
  }

  LockSafety.Grant grant() {
    return new LockSafety.Grant(lock, token, holder, askedAt, grantedAt, safeUntil, shared);
  }
}
