package io.lockstep.kv.command;

/** Who is to hold a lock. */
public sealed interface Holder {
  /**
   * A lease that was made before. One that already holds the lock or waits for it gets that back.
   */
  record ExistingLease(LeaseId lease) implements Holder {}

  /**
   * A lease that starts to run at the grant and ends with the release. Its id is that of the
   * acquire's ticket.
   */
  record OwnLease(long ttlMillis) implements Holder {}
}
