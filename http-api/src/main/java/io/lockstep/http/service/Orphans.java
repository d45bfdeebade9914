package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.HolderInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Acquires whose fate is unknown and whose client was told so. One that was committed after all has
 * a place, or the lock, for nobody: it is known by the random number in its ticket. Owned by the
 * service loop.
 */
final class Orphans {
  private static final int QUEUE_LOOKED_AT = 10_000;

  private record Orphan(LockWait lockWait, long untilNanos) {}

  /** One that has turned up, under this ticket. */
  record Found(LockWait lockWait, TicketId ticket) {}

  private final Supplier<KvView> views;
  private List<Orphan> orphans = new ArrayList<>();
  private List<LockWait> ended = new ArrayList<>();

  Orphans(Supplier<KvView> views) {
    this.views = views;
  }

  void add(LockWait lockWait, long untilNanos) {
    orphans.add(new Orphan(lockWait, untilNanos));
  }

  boolean isEmpty() {
    return orphans.isEmpty();
  }

  /** Those that are in the published state now; they are looked for no more. */
  List<Found> look(long nowNanos) {
    KvView view = views.get();
    List<Found> found = new ArrayList<>();
    List<Orphan> rest = new ArrayList<>();
    for (Orphan orphan : orphans) {
      TicketId ticket = ticketOf(orphan.lockWait(), view);
      if (ticket != null) {
        found.add(new Found(orphan.lockWait(), ticket));
      } else if (nowNanos - orphan.untilNanos() >= 0) {
        ended.add(orphan.lockWait());
      } else {
        rest.add(orphan);
      }
    }
    orphans = rest;
    return found;
  }

  /** Those that did not turn up in their time, since this was asked last. */
  List<LockWait> ended() {
    List<LockWait> result = ended;
    ended = new ArrayList<>();
    return result;
  }

  private static @Nullable TicketId ticketOf(LockWait wait, KvView view) {
    LockView lock = view.lock(wait.acquire.name(), QUEUE_LOOKED_AT);
    if (lock == null) {
      return null;
    }
    for (LockView.Place place : lock.queue()) {
      if (wait.made(place.ticket())) {
        return place.ticket();
      }
    }
    if (wait.acquire.holder() instanceof Holder.ExistingLease) {
      return null;
    }
    for (HolderInfo holder : lock.holders()) {
      LeaseId lease = holder.lease();
      if (lease.nonce() == wait.acquire.nonce()) {
        return new TicketId(lease.index(), lease.nonce());
      }
    }
    return null;
  }
}
