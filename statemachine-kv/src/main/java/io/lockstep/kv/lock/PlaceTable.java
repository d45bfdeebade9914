package io.lockstep.kv.lock;

import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * To which locks tickets belong, when places end by time, and which nodes wait on clients' behalf.
 * Immutable; each change O(log n), and linear in the few nodes that wait.
 */
public final class PlaceTable {
  /** No places. */
  public static final PlaceTable EMPTY =
      new PlaceTable(
          OrderedMap.natural((ticket, name) -> new Digest(3).addNullable(ticket).add(name).value()),
          OrderedMap.natural(PlaceTable::digest),
          OrderedMap.natural((due, name) -> 0),
          OrderedMap.natural(PlaceTable::digest),
          Long.MAX_VALUE);

  /** A node that waits. */
  private record Waiting(long heardMillis, OrderedMap<TicketId, Boolean> places) {
    private static final OrderedMap<TicketId, Boolean> NONE =
        OrderedMap.natural((ticket, present) -> new Digest(4).addNullable(ticket).value());
  }

  private record Due(long deadlineMillis, TicketId ticket) implements Comparable<Due> {
    private static final Comparator<Due> ORDER =
        Comparator.comparingLong(Due::deadlineMillis).thenComparing(Due::ticket);

    @Override
    public int compareTo(Due other) {
      return ORDER.compare(this, other);
    }
  }

  /** To the only or the first of the locks that a ticket waits for or holds. */
  private final OrderedMap<TicketId, LockName> tickets;

  /** Of tickets for several locks: all of them, ascending. */
  private final OrderedMap<TicketId, List<LockName>> groups;

  private final OrderedMap<Due, LockName> due;
  private final OrderedMap<Server, Waiting> servers;
  private final long heardFirstMillis;

  private PlaceTable(
      OrderedMap<TicketId, LockName> tickets,
      OrderedMap<TicketId, List<LockName>> groups,
      OrderedMap<Due, LockName> due,
      OrderedMap<Server, Waiting> servers,
      long heardFirstMillis) {
    this.tickets = tickets;
    this.groups = groups;
    this.due = due;
    this.servers = servers;
    this.heardFirstMillis = heardFirstMillis;
  }

  private PlaceTable withServers(OrderedMap<Server, Waiting> changed) {
    long first = Long.MAX_VALUE;
    MapCursor<Server, Waiting> cursor = changed.cursor();
    for (Waiting next = cursor.nextValue(); next != null; next = cursor.nextValue()) {
      first = Math.min(first, next.heardMillis());
    }
    return new PlaceTable(tickets, groups, due, changed, first);
  }

  public long digest() {
    Digest digest = new Digest(tickets.digest()).add(servers.digest());
    return groups.isEmpty() ? digest.value() : digest.add(groups.digest()).value();
  }

  /**
   * The lock that this ticket waits for or holds, of several the first; null when it has ended or
   * never was.
   */
  public @Nullable LockName lockOf(TicketId ticket) {
    return tickets.get(ticket);
  }

  /** The locks that this ticket waits for or holds, ascending. */
  public List<LockName> locksOf(TicketId ticket) {
    List<LockName> group = groups.get(ticket);
    if (group != null) {
      return group;
    }
    LockName only = tickets.get(ticket);
    return only == null ? List.of() : List.of(only);
  }

  private PlaceTable withLocks(TicketId ticket, List<LockName> locks) {
    return new PlaceTable(
        locks.isEmpty() ? tickets.remove(ticket) : tickets.put(ticket, locks.getFirst()),
        locks.size() < 2 ? groups.remove(ticket) : groups.put(ticket, List.copyOf(locks)),
        due,
        servers,
        heardFirstMillis);
  }

  /** The ticket whose wait passes first. */
  public @Nullable TicketId firstDue() {
    Due first = due.firstKey();
    return first == null ? null : first.ticket();
  }

  /** When the wait of {@link #firstDue} passes; {@link Long#MAX_VALUE} when nobody waits. */
  public long firstDueMillis() {
    Due first = due.firstKey();
    return first == null ? Long.MAX_VALUE : first.deadlineMillis();
  }

  /**
   * When the node that has been silent longest was heard; {@link Long#MAX_VALUE} when none waits.
   */
  public long heardFirstMillis() {
    return heardFirstMillis;
  }

  /** The nodes that wait and were last heard before {@code clusterTimeMillis}, in order. */
  public List<Server> heardBefore(long clusterTimeMillis) {
    List<Server> silent = new ArrayList<>();
    MapCursor<Server, Waiting> cursor = servers.cursor();
    for (var next = cursor.next(); next != null; next = cursor.next()) {
      if (next.value().heardMillis() < clusterTimeMillis) {
        silent.add(next.key());
      }
    }
    return silent;
  }

  /** The nodes that wait, in order. */
  public List<Server> servers() {
    return heardBefore(Long.MAX_VALUE);
  }

  /** When {@code server}, which waits, was heard last. */
  public long heardMillis(Server server) {
    return servers.require(server).heardMillis();
  }

  /** The places that end with {@code server}, in order. */
  public List<TicketId> placesOf(Server server) {
    List<TicketId> places = new ArrayList<>();
    Waiting waiting = servers.get(server);
    if (waiting != null) {
      MapCursor<TicketId, Boolean> cursor = waiting.places().cursor();
      for (TicketId next = cursor.nextKey(); next != null; next = cursor.nextKey()) {
        places.add(next);
      }
    }
    return places;
  }

  /** {@code server} is there. Changes nothing when it does not wait. */
  public PlaceTable heard(Server server, long clusterTimeMillis) {
    Waiting waiting = servers.get(server);
    return waiting == null
        ? this
        : withServers(servers.put(server, new Waiting(clusterTimeMillis, waiting.places())));
  }

  /** With a place whose node was heard at {@code clusterTimeMillis}. */
  public PlaceTable with(Waiter waiter, long clusterTimeMillis) {
    PlaceTable named = withTicket(waiter.ticket(), waiter.lock());
    PlaceTable table =
        new PlaceTable(
            named.tickets,
            named.groups,
            due.put(new Due(waiter.deadlineMillis(), waiter.ticket()), waiter.lock()),
            servers,
            heardFirstMillis);
    if (waiter.keepPlace()) {
      return table.heard(waiter.server(), clusterTimeMillis);
    }
    Waiting waiting = servers.get(waiter.server());
    OrderedMap<TicketId, Boolean> places = waiting == null ? Waiting.NONE : waiting.places();
    return table.withServers(
        servers.put(
            waiter.server(), new Waiting(clusterTimeMillis, places.put(waiter.ticket(), true))));
  }

  /** A place ends later than before; nothing else of it is another. */
  public PlaceTable postponed(Waiter before, Waiter after) {
    return new PlaceTable(
        tickets,
        groups,
        due.remove(new Due(before.deadlineMillis(), before.ticket()))
            .put(new Due(after.deadlineMillis(), after.ticket()), after.lock()),
        servers,
        heardFirstMillis);
  }

  /** The place no longer waits, for it is granted: its ticket stays. */
  public PlaceTable granted(Waiter waiter) {
    PlaceTable table =
        new PlaceTable(
            tickets,
            groups,
            due.remove(new Due(waiter.deadlineMillis(), waiter.ticket())),
            servers,
            heardFirstMillis);
    Waiting waiting = servers.get(waiter.server());
    if (waiting == null || !waiting.places().contains(waiter.ticket())) {
      return table;
    }
    OrderedMap<TicketId, Boolean> places = waiting.places().remove(waiter.ticket());
    return table.withServers(
        places.isEmpty()
            ? servers.remove(waiter.server())
            : servers.put(waiter.server(), new Waiting(waiting.heardMillis(), places)));
  }

  /** With the ticket of a request that takes {@code lock}, perhaps beside others. */
  public PlaceTable withTicket(TicketId ticket, LockName lock) {
    List<LockName> before = locksOf(ticket);
    if (before.contains(lock)) {
      return this;
    }
    List<LockName> locks = new ArrayList<>(before);
    locks.add(lock);
    locks.sort(null);
    return withLocks(ticket, locks);
  }

  /** The ticket neither waits for {@code lock} nor holds it any more. */
  public PlaceTable without(TicketId ticket, LockName lock) {
    List<LockName> locks = new ArrayList<>(locksOf(ticket));
    return locks.remove(lock) ? withLocks(ticket, locks) : this;
  }

  private static long digest(TicketId ticket, List<LockName> locks) {
    Digest digest = new Digest(5).addNullable(ticket);
    locks.forEach(digest::add);
    return digest.value();
  }

  private static long digest(Server server, Waiting waiting) {
    return new Digest(waiting.heardMillis())
        .addNullable(server)
        .add(waiting.places().digest())
        .value();
  }
}
