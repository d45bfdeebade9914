package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import io.lockstep.raft.bytes.Bytes;

/**
 * The holding of a lock.
 *
 * @param ticket of the request that it was given to
 * @param owner as that request said
 * @param lease for as long as which it lasts
 * @param value that an election's winner has published; empty for a lock
 * @param token the revision of the grant: greater than any earlier token of this lock
 * @param joint whether others were granted the lock in the same revision: then the token says not
 *     which of them is meant
 * @param sinceMillis of cluster time
 * @param permits of a semaphore
 * @param delayMillis of cluster time for which nobody else gets it after its lease has expired
 */
public record Grant(
    TicketId ticket,
    LockMode mode,
    String owner,
    LeaseId lease,
    Bytes value,
    long token,
    boolean joint,
    long sinceMillis,
    Permits permits,
    long delayMillis) {
  /** What earlier versions did not have counts only where it is there: their digests stay. */
  long digest() {
    Digest digest =
        new Digest(token)
            .addNullable(ticket)
            .add(mode.code())
            .add(owner)
            .addNullable(lease)
            .add(value)
            .add(joint)
            .add(sinceMillis);
    if (delayMillis > 0) {
      digest.add(delayMillis);
    }
    return permits.count() == 0
        ? digest.value()
        : digest.add(permits.count()).add(permits.limit()).value();
  }

  /**
   * Whether its lease was made for it, by the request that it was given to, and so ends with it.
   * One that was acquired later with that lease does not end what the lease was made for.
   */
  public boolean madeItsLease() {
    return lease.equals(new LeaseId(ticket.index(), ticket.nonce()));
  }

  /** The same grant with another value. */
  public Grant withValue(Bytes newValue) {
    return new Grant(
        ticket, mode, owner, lease, newValue, token, joint, sinceMillis, permits, delayMillis);
  }
}
