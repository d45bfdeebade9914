package io.lockstep.kv.lease;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * When those who hold permits of each semaphore lose them unless they renew, in the order in which
 * they do. Derived from the leases alone, so it is part of neither digest nor snapshot. Immutable;
 * each change O(log n).
 */
public final class PermitEnds {
  /** Of no semaphore. */
  static final PermitEnds NONE = new PermitEnds(OrderedMap.natural((name, ends) -> 0));

  private static final OrderedMap<End, LeaseId> NOBODY = OrderedMap.natural((end, lease) -> 0);
  private static final TicketId FIRST_TICKET = new TicketId(0, Long.MIN_VALUE);

  /** The end of one grant. Grants that end together do so in the order of their tickets. */
  private record End(long deadlineMillis, TicketId ticket) implements Comparable<End> {
    private static final Comparator<End> ORDER =
        Comparator.comparingLong(End::deadlineMillis).thenComparing(End::ticket);

    @Override
    public int compareTo(End other) {
      return ORDER.compare(this, other);
    }
  }

  private final OrderedMap<LockName, OrderedMap<End, LeaseId>> bySemaphore;

  private PermitEnds(OrderedMap<LockName, OrderedMap<End, LeaseId>> bySemaphore) {
    this.bySemaphore = bySemaphore;
  }

  /** The holders of a semaphore, the first to lose its permits first. */
  public MapCursor<?, LeaseId> of(LockName semaphore) {
    return endsOf(semaphore).cursor();
  }

  /** Who loses its permits last, the first of several; null when nobody holds any. */
  public @Nullable LeaseId last(LockName semaphore) {
    OrderedMap<End, LeaseId> ends = endsOf(semaphore);
    End last = ends.lastKey();
    return last == null
        ? null
        : ends.cursor(new End(last.deadlineMillis(), FIRST_TICKET)).nextValue();
  }

  private OrderedMap<End, LeaseId> endsOf(LockName semaphore) {
    OrderedMap<End, LeaseId> ends = bySemaphore.get(semaphore);
    return ends == null ? NOBODY : ends;
  }

  /** After a lease has begun (null before), changed, or ended (null after). */
  PermitEnds changed(@Nullable Lease before, @Nullable Lease after) {
    boolean same =
        before != null
            && after != null
            && before.deadlineMillis() == after.deadlineMillis()
            && before.locks() == after.locks();
    if (same) {
      return this;
    }
    return (before == null ? this : without(before)).withAllOf(after);
  }

  private PermitEnds without(Lease lease) {
    PermitEnds rest = this;
    MapCursor<LockName, TicketId> held = lease.locks().cursor();
    for (var one = held.next(); one != null; one = held.next()) {
      if (one.key().kind() == LockKind.SEMAPHORE) {
        End end = new End(lease.deadlineMillis(), one.value());
        rest = rest.with(one.key(), rest.endsOf(one.key()).remove(end));
      }
    }
    return rest;
  }

  private PermitEnds withAllOf(@Nullable Lease lease) {
    if (lease == null) {
      return this;
    }
    PermitEnds all = this;
    MapCursor<LockName, TicketId> held = lease.locks().cursor();
    for (var one = held.next(); one != null; one = held.next()) {
      if (one.key().kind() == LockKind.SEMAPHORE) {
        End end = new End(lease.deadlineMillis(), one.value());
        all = all.with(one.key(), all.endsOf(one.key()).put(end, lease.id()));
      }
    }
    return all;
  }

  private PermitEnds with(LockName semaphore, OrderedMap<End, LeaseId> ends) {
    return new PermitEnds(
        ends.isEmpty() ? bySemaphore.remove(semaphore) : bySemaphore.put(semaphore, ends));
  }
}
