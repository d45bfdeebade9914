package io.lockstep.sim;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.ElectionChange;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who holds locks, offices and permits, by the events alone and by what clients asked for:
 *
 * <ul>
 *   <li>tokens rise for each name, and nobody holds a lock beside one who holds it alone;
 *   <li>never more permits of a semaphore are held than it has;
 *   <li>a grant goes to a lease that runs, and to nobody whose wait has passed or who has not
 *       polled for longer than was asked for;
 *   <li>whoever is elected publishes the value that was brought along, and then what was said.
 * </ul>
 */
final class HolderWitness {
  private static final String GHOST = "no ghost gets a lock";

  private final Map<LeaseId, Long> deadlines;
  private final Check check;
  private final LongSupplier now;
  private final ToLongFunction<LeaseId> timeToLive;
  private final Map<LockName, Map<LeaseId, Held>> holders = new TreeMap<>();
  private final Map<LockName, Long> tokens = new TreeMap<>();
  private final Map<LockName, Integer> limits = new TreeMap<>();
  private final Map<Long, LockAcquire> asked = new TreeMap<>();
  private final Set<Long> passedWaits = new TreeSet<>();
  private final Map<TicketId, Long> lasts = new TreeMap<>();
  private final Map<LockName, Map<LeaseId, TicketId>> places = new TreeMap<>();
  private final Map<String, Map<LeaseId, Long>> forcedAt = new TreeMap<>();
  private final TurnWitness turns;

  private record Held(long token, LockMode mode, long permits) {}

  /** Told of whatever should hold. */
  @FunctionalInterface
  interface Check {
    void holds(boolean that, String property, String detail);
  }

  /**
   * Of whom nothing is held.
   *
   * @param deadlines of all leases that run, by cluster time; those of grants are added
   * @param timeToLive of a lease that was made for a grant
   * @param now true time
   */
  HolderWitness(
      Map<LeaseId, Long> deadlines,
      ToLongFunction<LeaseId> timeToLive,
      LongSupplier now,
      Check check) {
    this.deadlines = deadlines;
    this.timeToLive = timeToLive;
    this.now = now;
    this.check = check;
    turns = new TurnWitness(check);
  }

  /** Whose turn it is. */
  TurnWitness turns() {
    return turns;
  }

  /** How clients and their histories call it: locks by their own names. */
  static String text(LockName name) {
    String text = name.text().utf8();
    return switch (name.kind()) {
      case LOCK -> text;
      case ELECTION -> "election " + text;
      case SEMAPHORE -> "semaphore " + text;
    };
  }

  /** A client asks for this; what comes of it is held against it. */
  void asked(LockAcquire acquire) {
    asked.put(acquire.nonce(), acquire);
    turns.asked(acquire);
    if (acquire.name().kind() == LockKind.SEMAPHORE) {
      limits.put(acquire.name(), acquire.bid().permits().limit());
    }
  }

  /** A client was told that the wait of this acquire has passed, and its place is given up. */
  void waitPassed(long nonce) {
    passedWaits.add(nonce);
  }

  /** Whether anyone holds the lock under this token. */
  boolean isHeldUnder(Bytes lock, long token) {
    return holders.getOrDefault(LockName.lock(lock), Map.of()).values().stream()
        .anyMatch(held -> held.token() == token);
  }

  /** The true time at which it was taken away; null when it was not. */
  @Nullable Long forcedAt(String name, LeaseId lease) {
    return forcedAt.getOrDefault(name, Map.of()).get(lease);
  }

  /** An entry has had this result: durable places last anew by what their clients asked for. */
  void applied(@Nullable Command command, Result result, long stamp) {
    if (command instanceof LockAcquire acquire && result instanceof Result.LockQueued queued) {
      LockAcquire own = asked.get(acquire.nonce());
      if (own != null && own.queueTtlMillis() > 0) {
        lasts.merge(queued.ticket(), stamp + own.placeMillis(), Math::max);
        LeaseId lease = queued.lease();
        if (lease != null) {
          places.computeIfAbsent(own.name(), n -> new TreeMap<>()).put(lease, queued.ticket());
        }
      }
    } else if (command instanceof Command.Renew(List<Renewal> renewals)
        && result instanceof Result.Renewed(List<RenewalResult> results)) {
      for (int i = 0; i < results.size(); i++) {
        if (renewals.get(i) instanceof Renewal.OfTicket poll
            && results.get(i) instanceof RenewalResult.Polled) {
          polled(poll.ticket(), stamp);
        }
      }
    }
  }

  private void polled(TicketId ticket, long stamp) {
    LockAcquire own = asked.get(ticket.nonce());
    if (own != null) {
      lasts.computeIfPresent(ticket, (t, until) -> Math.max(until, stamp + own.queueTtlMillis()));
    }
  }

  void lock(Event.OfLock event, long stamp) {
    turns.lock(event, stamp);
    LockName name = LockName.lock(event.name());
    switch (event.change()) {
      case ACQUIRED ->
          granted(name, event.lease(), new Held(event.token(), event.mode(), 0), stamp, event);
      case RELEASED, EXPIRED -> ended(name, event.lease(), event.token(), event);
      case FORCED -> forced(name, event.lease(), event.token(), event);
      case QUEUE -> {}
    }
  }

  void semaphore(Event.OfSemaphore event, long stamp) {
    LockName name = LockName.semaphore(event.name());
    switch (event.change()) {
      case ACQUIRED ->
          granted(
              name,
              event.lease(),
              new Held(event.token(), LockMode.SHARED, event.permits()),
              stamp,
              event);
      case RELEASED, EXPIRED -> ended(name, event.lease(), event.token(), event);
      case FORCED -> forced(name, event.lease(), event.token(), event);
      case QUEUE -> {}
    }
    long held = permits(name);
    int limit = limits.getOrDefault(name, Integer.MAX_VALUE);
    check.holds(held <= limit, "never more permits than there are", held + ": " + event);
    check.holds(event.permitsHeld() == held, "permits are counted", held + ": " + event);
  }

  private long permits(LockName name) {
    return holders.getOrDefault(name, Map.of()).values().stream().mapToLong(Held::permits).sum();
  }

  void election(Event.OfElection event, @Nullable Command command, long stamp) {
    LockName name = LockName.election(event.name());
    LeaseId lease = event.lease();
    if (event.change() == ElectionChange.ELECTED && lease != null) {
      Held held = new Held(event.token(), LockMode.EXCLUSIVE, 0);
      granted(name, lease, held, stamp, event);
      LockAcquire campaign = asked.get(lease.nonce());
      check.holds(
          campaign == null || campaign.bid().value().equals(event.value()),
          "an elected value is the one campaigned with",
          event + " after " + campaign);
    } else if (event.change() == ElectionChange.VACANT) {
      if (command instanceof Command.LockForce) {
        // Of a lock that the same lease held, which ended with all that it held.
        forced(name, lease, event.token(), event);
      } else {
        ended(name, lease, event.token(), event);
      }
    } else if (event.change() == ElectionChange.VALUE) {
      check.holds(
          command instanceof Command.Proclaim said && said.value().equals(event.value()),
          "a proclaimed value is the one that was said",
          event + " by " + command);
    }
  }

  private void granted(
      LockName name, @Nullable LeaseId lease, Held grant, long stamp, Event event) {
    if (lease == null) {
      check.holds(false, "a grant goes to a lease that runs", event.toString());
      return;
    }
    Map<LeaseId, Held> present = holders.computeIfAbsent(name, n -> new TreeMap<>());
    boolean alone = grant.mode() == LockMode.EXCLUSIVE;
    Long last = tokens.put(name, grant.token());
    boolean together =
        !alone && present.values().stream().anyMatch(held -> held.token() == grant.token());
    check.holds(
        last == null || last < grant.token() || together && last == grant.token(),
        "tokens rise",
        event + " after " + last);
    check.holds(present.isEmpty() || !alone, "a lock has one holder", event + " while " + present);
    check.holds(
        present.values().stream().allMatch(held -> held.mode() == LockMode.SHARED),
        "nobody holds a lock beside one who holds it alone",
        event + " while " + present);
    present.put(lease, grant);
    deadlines.computeIfAbsent(lease, made -> stamp + timeToLive.applyAsLong(made));
    check.holds(!passedWaits.contains(lease.nonce()), GHOST, event + " after its wait");
    check.holds(
        deadlines.get(lease) >= stamp, "a grant goes to a lease that runs", event.toString());
    TicketId ticket = ticket(name, lease);
    Long until = lasts.remove(ticket);
    check.holds(until == null || until >= stamp, GHOST, event + " dropped at " + until);
  }

  /** The place that this lease waited in. */
  private TicketId ticket(LockName name, LeaseId lease) {
    TicketId made = new TicketId(lease.index(), lease.nonce());
    return places.getOrDefault(name, Map.of()).getOrDefault(lease, made);
  }

  private void forced(LockName name, @Nullable LeaseId lease, long token, Event event) {
    if (lease != null) {
      forcedAt
          .computeIfAbsent(text(name), n -> new TreeMap<>())
          .putIfAbsent(lease, now.getAsLong());
    }
    ended(name, lease, token, event);
  }

  private void ended(LockName name, @Nullable LeaseId lease, long token, Event event) {
    Map<LeaseId, Held> present = holders.getOrDefault(name, new TreeMap<>());
    Held held = lease == null ? null : present.remove(lease);
    check.holds(
        held != null && held.token() == token, "who loses a lock has held it", event.toString());
  }
}
