package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;

/** Which lease is to run anew. */
public sealed interface Renewal {
  /** The lease that this key is on. Watchers see nothing of it. */
  record OfKey(Bytes key) implements Renewal {}

  /** This one. */
  record OfLease(LeaseId lease) implements Renewal {}

  /** Not a lease: the place in the queue of {@code lock} that has this ticket. */
  record OfTicket(LockName lock, TicketId ticket) implements Renewal {}

  /** The one that holds {@code lock} under {@code token}. */
  record OfGrant(LockName lock, long token) implements Renewal {
    /** Of a lock. */
    public OfGrant(Bytes lock, long token) {
      this(LockName.lock(lock), token);
    }
  }
}
