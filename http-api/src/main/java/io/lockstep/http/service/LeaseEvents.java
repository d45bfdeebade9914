package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.EventLog;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows published changes for the leases that they name. Owned by the service loop. */
final class LeaseEvents {
  private long seenRevision;

  /** What came up to {@code revision} is known. */
  void startAfter(long revision) {
    seenRevision = revision;
  }

  /**
   * Tells of each lease that a change names which was not told of before; false when some changes
   * are forgotten, so that everything must be looked at.
   */
  boolean follow(KvView view, Consumer<LeaseId> named) {
    EventLog log = view.events();
    long head = view.revision();
    if (seenRevision < view.compactedRevision()) {
      seenRevision = head;
      return false;
    }
    while (seenRevision < head) {
      seenRevision++;
      for (Event event : log.at(seenRevision).events()) {
        LeaseId lease = leaseOf(event);
        if (lease != null) {
          named.accept(lease);
        }
      }
    }
    return true;
  }

  private static @Nullable LeaseId leaseOf(Event event) {
    return switch (event) {
      case Event.OfKey key -> null;
      case Event.OfNumber number -> null;
      case Event.OfMember member -> null;
      case Event.OfLock lock -> lock.lease();
      case Event.OfElection election -> election.lease();
      case Event.OfSemaphore semaphore -> semaphore.lease();
      case Event.OfLease lease -> lease.lease();
    };
  }
}
