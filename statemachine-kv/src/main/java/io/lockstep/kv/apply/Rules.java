package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.request.StoredAnswer;
import org.jspecify.annotations.Nullable;

/**
 * The decisions that safety hangs on, each in one place. Stateless. Open for subclasses so that a
 * test can break one of them and see that the breach is found; a node runs this class as it is.
 */
public class Rules {
  /**
   * Whether what runs until {@code deadlineMillis} has ended: only when the stamp is greater, so
   * that rounding to milliseconds never makes an end early.
   */
  protected boolean due(long clusterTimeMillis, long deadlineMillis) {
    return clusterTimeMillis > deadlineMillis;
  }

  /**
   * Whether a waiter may be granted now: its lease runs, even if others are just ending in the same
   * entry.
   */
  protected boolean mayBeGranted(Waiter waiter, LeaseTable leases, long clusterTimeMillis) {
    LeaseId id = waiter.lease();
    if (id == null) {
      return true;
    }
    Lease lease = leases.get(id);
    return lease != null && !due(clusterTimeMillis, lease.deadlineMillis());
  }

  /**
   * Whether a waiter who wants {@code lock} together with others may have it now.
   *
   * @param first whose turn it is at this lock
   */
  protected boolean isTurn(Lock lock, @Nullable TicketId first, Waiter waiter) {
    return lock.grants().isEmpty() && !lock.closed() && waiter.ticket().equals(first);
  }

  /**
   * Until when nobody is granted a lock after the lease of {@code grant} has expired; 0 for now.
   */
  protected long closedUntil(Grant grant, long clusterTimeMillis) {
    return grant.delayMillis() == 0 ? 0 : clusterTimeMillis + grant.delayMillis();
  }

  /** The answer that a request with this key was given before. */
  protected @Nullable StoredAnswer remembered(RequestTable requests, RequestKey key) {
    return requests.get(key.scope(), key.text());
  }

  /** Whether so many permits may be granted while {@code free} of them are nobody's. */
  protected boolean fits(Permits wanted, long free) {
    return wanted.count() <= free;
  }

  /** Whether the lock of a guard is held under the guard's token. */
  protected boolean holds(LockGuard guard, @Nullable Lock lock) {
    return lock != null && lock.grants().under(guard.token()) != null;
  }

  /** Whether the ids that {@code take} names are of the block that is good at present. */
  protected boolean ofPresentBlock(Sequence sequence, TakeIds take) {
    return take.first() > 0
        && sequence.since() == take.since()
        && take.first() + take.count() <= sequence.next()
        && (!take.stamped()
            || take.stampFirst() > 0 && take.stampFirst() + take.count() <= sequence.stampEnd());
  }

  /** Up to which moment a worker id that was lost now is nobody's. */
  protected long restsUntil(long clusterTimeMillis, long ttlMillis) {
    return clusterTimeMillis + ttlMillis;
  }

  /** Whether a fence that has seen {@code current} must refuse {@code token}. */
  protected boolean outdated(long token, long current) {
    return token < current;
  }

  /** The token of a grant that {@code revision} makes. */
  protected long token(Lock lock, long revision) {
    return revision;
  }
}
