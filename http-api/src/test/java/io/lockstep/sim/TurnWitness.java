package io.lockstep.sim;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.LockChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is, by the events, by the queues and by what clients asked for:
 *
 * <ul>
 *   <li>locks that are asked for together are granted at one revision under one token, all of them
 *       or none, and end together;
 *   <li>nobody is granted a lock past one who came before and waits for it still;
 *   <li>who came before all others and finds free what it wants has it: so nobody waits in a
 *       circle, and nobody for ever;
 *   <li>after the end of a lease whose holder asked for a delay nobody is granted the lock before
 *       the delay is over, or somebody opens it by force.
 * </ul>
 */
final class TurnWitness {
  private final HolderWitness.Check check;
  private final Map<Long, LockAcquire> asked = new TreeMap<>();
  private final Map<LockName, Long> closed = new TreeMap<>();

  /** What the entry at hand has granted and ended, by lease. */
  private final Map<LeaseId, List<Event.OfLock>> granted = new TreeMap<>();

  private final Map<LeaseId, Set<LockName>> ended = new TreeMap<>();

  TurnWitness(HolderWitness.Check check) {
    this.check = check;
  }

  /** A client asks for this; what comes of it is held against it. */
  void asked(LockAcquire acquire) {
    if (acquire.name().kind() == LockKind.LOCK) {
      asked.put(acquire.nonce(), acquire);
    }
  }

  /** An entry has this result; its events come next. */
  void begun(@Nullable Command command, Result result) {
    if (command instanceof Command.LockForce force && result instanceof Result.LockForced) {
      closed.remove(force.name());
    }
  }

  void lock(Event.OfLock event, long stamp) {
    LeaseId lease = event.lease();
    if (lease == null) {
      return;
    }
    LockName name = LockName.lock(event.name());
    LockAcquire own = asked.get(lease.nonce());
    switch (event.change()) {
      case ACQUIRED -> {
        Long until = closed.remove(name);
        check.holds(
            until == null || stamp > until,
            "nobody is granted a lock in its delay",
            event + " at " + stamp + ", closed until " + until);
        granted.computeIfAbsent(lease, none -> new ArrayList<>()).add(event);
      }
      case RELEASED, EXPIRED, FORCED -> {
        if (own != null && event.change() == LockChange.EXPIRED && own.delayMillis() > 0) {
          closed.merge(name, stamp + own.delayMillis(), Math::max);
        }
        ended.computeIfAbsent(lease, none -> new TreeSet<>()).add(name);
      }
      case QUEUE -> {}
    }
  }

  /** All that the entry has changed was told; these are the locks after it. */
  void settled(LockTable locks, long stamp) {
    granted.forEach((lease, events) -> granted(locks, lease, events));
    ended.forEach(this::ended);
    granted.clear();
    ended.clear();
    oldest(locks, stamp);
  }

  private void granted(LockTable locks, LeaseId lease, List<Event.OfLock> events) {
    LockAcquire own = asked.get(lease.nonce());
    if (own == null || !own.names().contains(LockName.lock(events.getFirst().name()))) {
      return;
    }
    Set<LockName> names = new TreeSet<>();
    events.forEach(event -> names.add(LockName.lock(event.name())));
    Event.OfLock first = events.getFirst();
    check.holds(
        names.containsAll(own.names())
            && events.stream()
                .allMatch(
                    event ->
                        event.revision() == first.revision() && event.token() == first.token()),
        "what is asked for together is granted together",
        own.names() + ": " + events);
    TicketId ticket = new TicketId(lease.index(), lease.nonce());
    for (LockName name : own.names()) {
      Lock lock = locks.get(name);
      Waiter next = lock == null ? null : lock.queue().cursor().nextValue();
      check.holds(
          next == null || next.ticket().compareTo(ticket) > 0,
          "nobody is granted a lock past one who waits for it",
          first + " past " + next);
    }
  }

  private void ended(LeaseId lease, Set<LockName> names) {
    LockAcquire own = asked.get(lease.nonce());
    boolean some = own != null && own.names().stream().anyMatch(names::contains);
    check.holds(
        !some || own != null && names.containsAll(own.names()),
        "what is granted together ends together",
        own + " lost " + names);
  }

  /** The first of all who wait for locks comes before all others in each queue. */
  private void oldest(LockTable locks, long stamp) {
    Waiter oldest = null;
    List<Lock> waitedFor = new ArrayList<>();
    var cursor = locks.cursor();
    for (var one = cursor.next(); one != null; one = cursor.next()) {
      Lock lock = one.value();
      if (lock.name().kind() == LockKind.LOCK && !lock.queue().isEmpty()) {
        waitedFor.add(lock);
        Waiter first = lock.queue().cursor().nextValue();
        if (first != null && (oldest == null || first.ticket().compareTo(oldest.ticket()) < 0)) {
          oldest = first;
        }
      }
    }
    if (oldest == null) {
      return;
    }
    TicketId ticket = oldest.ticket();
    boolean kept =
        waitedFor.stream()
            .filter(lock -> lock.queue().get(ticket) != null)
            .anyMatch(lock -> !lock.grants().isEmpty() || isClosed(lock.name(), stamp));
    check.holds(kept, "who is first and finds all free has it", oldest + " at " + stamp);
  }

  private boolean isClosed(LockName name, long stamp) {
    Long until = closed.get(name);
    return until != null && stamp <= until;
  }
}
