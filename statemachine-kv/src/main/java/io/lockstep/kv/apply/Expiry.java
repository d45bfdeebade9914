package io.lockstep.kv.apply;

import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.request.StoredAnswer;
import io.lockstep.kv.watch.Event.LeaseEnd;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What ends because an entry's stamp has passed its time; done before anything else of the entry.
 *
 * <p>Waits come first, so that nobody is granted a lock after their wait: those whose time has
 * passed, by (deadline, ticket), one revision each; then those of silent nodes, one revision a
 * node. Then leases, by (deadline, id), one revision for each that holds something; then the delays
 * of locks, by (end, name), one revision for each that is granted; then the keys that verify no
 * running grant any more. What nobody watches (idle locks, old answers) is forgotten by at most
 * {@link #FORGOTTEN_AN_ENTRY} of each an entry, and does not make a cluster tick.
 */
final class Expiry {
  /** How much of what nobody watches one entry forgets at most. */
  static final int FORGOTTEN_AN_ENTRY = 64;

  private Expiry() {}

  static void run(Draft draft) {
    forgetAnswers(draft);
    forgetIdleLocks(draft);
    endWaits(draft);
    endPlacesOfSilentServers(draft);
    endLeases(draft);
    endDelays(draft);
    MemberChanges.forgetKeys(draft);
  }

  private static void forgetAnswers(Draft draft) {
    for (int i = 0; i < FORGOTTEN_AN_ENTRY; i++) {
      StoredAnswer oldest = draft.requests.oldest();
      if (oldest == null
          || draft.now - oldest.clusterTimeMillis() <= draft.limits.storedAnswerMillisMax()) {
        return;
      }
      draft.requests = draft.requests.without(oldest);
    }
  }

  private static void forgetIdleLocks(Draft draft) {
    for (int i = 0; i < FORGOTTEN_AN_ENTRY; i++) {
      Lock idle = draft.locks.longestIdle();
      if (idle == null) {
        return;
      }
      boolean old = draft.now - idle.idleSinceMillis() > draft.limits.idleLockMillis();
      if (!old && draft.locks.idle() <= draft.limits.idleLocksMax()) {
        return;
      }
      draft.locks = draft.locks.without(idle);
    }
  }

  private static void endWaits(Draft draft) {
    TicketId ticket = draft.places.firstDue();
    while (ticket != null && draft.rules.due(draft.now, draft.places.firstDueMillis())) {
      LockGrants.leaveQueue(draft, ticket);
      draft.closeRevision();
      ticket = draft.places.firstDue();
    }
  }

  private static void endPlacesOfSilentServers(Draft draft) {
    long silence = draft.limits.serverSilenceMillis();
    long heardFirst = draft.places.heardFirstMillis();
    if (heardFirst == Long.MAX_VALUE || heardFirst + silence >= draft.now) {
      return;
    }
    for (Server server : draft.places.heardBefore(draft.now - silence)) {
      SortedSet<LockName> shorter = new TreeSet<>();
      for (TicketId ticket : draft.places.placesOf(server)) {
        shorter.addAll(LockGrants.dropPlace(draft, ticket));
      }
      // After all of them are gone: who comes next is granted once a revision.
      shorter.forEach(name -> LockGrants.handOn(draft, draft.locks.require(name)));
      draft.closeRevision();
    }
  }

  private static void endDelays(Draft draft) {
    Lock lock = draft.locks.firstOpening();
    while (lock != null && draft.rules.due(draft.now, lock.opensMillis())) {
      LockGrants.open(draft, lock);
      draft.closeRevision();
      lock = draft.locks.firstOpening();
    }
  }

  private static void endLeases(Draft draft) {
    Lease lease = draft.leases.firstDue();
    if (lease == null || !draft.rules.due(draft.now, lease.deadlineMillis())) {
      return;
    }
    draft.gatherEnds();
    while (lease != null && draft.rules.due(draft.now, lease.deadlineMillis())) {
      draft.expiryLagMillis = draft.now - lease.deadlineMillis();
      LeaseChanges.end(draft, lease, LeaseEnd.EXPIRED);
      draft.closeRevision();
      lease = draft.leases.firstDue();
    }
    draft.rememberEnds();
  }
}
