package io.lockstep.kv.command;

/** The lease of a key after a put. */
public sealed interface LeaseBinding {
  /** None. */
  record Detach() implements LeaseBinding {}

  /** The one that it has, if any. */
  record KeepLease() implements LeaseBinding {}

  /**
   * One that is made for this key, and ends when the key leaves it. Its id is {@code LeaseId(log
   * index, nonce)}.
   *
   * @param nonce drawn at random by the proposing node
   */
  record OwnTtl(long ttlMillis, long nonce) implements LeaseBinding {}

  /** This one. */
  record Attach(LeaseId lease) implements LeaseBinding {}
}
