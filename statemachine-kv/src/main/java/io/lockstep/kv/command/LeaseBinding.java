package io.lockstep.kv.command;

/** The lease of a key after a put. */
public sealed interface LeaseBinding {
  /** None. */
  record Detach() implements LeaseBinding {}

  /** The one that it has, if any. */
  record KeepLease() implements LeaseBinding {}

  /** This one. */
  record Attach(LeaseId lease) implements LeaseBinding {}
}
