package io.lockstep.kv.lock;

import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Those who hold a lock: nobody, one exclusively, or any number in common, each perhaps with
 * permits. Immutable; found by ticket and by token, each in O(log n).
 */
public final class Grants {
  /** Nobody. */
  public static final Grants NONE =
      new Grants(
          OrderedMap.natural((ticket, grant) -> grant.digest()),
          OrderedMap.natural((held, ticket) -> 0),
          0,
          0);

  private record Held(long token, TicketId ticket) implements Comparable<Held> {
    private static final Comparator<Held> ORDER =
        Comparator.comparingLong(Held::token).thenComparing(Held::ticket);

    static Held of(Grant grant) {
      return new Held(grant.token(), grant.ticket());
    }

    @Override
    public int compareTo(Held other) {
      return ORDER.compare(this, other);
    }
  }

  private final OrderedMap<TicketId, Grant> byTicket;
  private final OrderedMap<Held, TicketId> byToken;
  private final long valueBytes;
  private final long permits;

  private Grants(
      OrderedMap<TicketId, Grant> byTicket,
      OrderedMap<Held, TicketId> byToken,
      long valueBytes,
      long permits) {
    this.byTicket = byTicket;
    this.byToken = byToken;
    this.valueBytes = valueBytes;
    this.permits = permits;
  }

  public boolean isEmpty() {
    return byTicket.isEmpty();
  }

  public int size() {
    return byTicket.size();
  }

  /** Whether one holds it alone. */
  public boolean exclusive() {
    Grant latest = latest();
    return latest != null && latest.mode() == LockMode.EXCLUSIVE;
  }

  public @Nullable Grant get(TicketId ticket) {
    return byTicket.get(ticket);
  }

  /** A grant that the model knows to be there. */
  public Grant require(TicketId ticket) {
    return byTicket.require(ticket);
  }

  /** The grant with the greatest token; null when there is none. */
  public @Nullable Grant latest() {
    Held last = byToken.lastKey();
    return last == null ? null : byTicket.require(last.ticket());
  }

  /** A grant under this token; there may be others. */
  public @Nullable Grant under(long token) {
    Held first = byToken.cursor(new Held(token, new TicketId(0, Long.MIN_VALUE))).nextKey();
    return first == null || first.token() != token ? null : byTicket.require(first.ticket());
  }

  /** A cursor over all, in the order of their tickets. */
  public MapCursor<TicketId, Grant> cursor() {
    return byTicket.cursor();
  }

  /** The first {@code max}, in the order of their tickets. */
  public List<Grant> first(int max) {
    List<Grant> first = new ArrayList<>(Math.min(max, size()));
    MapCursor<TicketId, Grant> cursor = byTicket.cursor();
    for (int i = 0; i < max && i < size(); i++) {
      first.add(Invariant.present(cursor.nextValue(), "a map has as many entries as its size"));
    }
    return first;
  }

  /** With one more. */
  public Grants with(Grant grant) {
    Invariant.check(
        isEmpty() || !exclusive() && grant.mode() == LockMode.SHARED,
        "an exclusive holder is alone");
    return new Grants(
        byTicket.put(grant.ticket(), grant),
        byToken.put(Held.of(grant), grant.ticket()),
        valueBytes + grant.value().length(),
        permits + grant.permits().count());
  }

  Grants without(Grant grant) {
    return new Grants(
        byTicket.remove(grant.ticket()),
        byToken.remove(Held.of(grant)),
        valueBytes - grant.value().length(),
        permits - grant.permits().count());
  }

  /** How many permits they hold together. */
  public long permits() {
    return permits;
  }

  /** What the values that are published count for. */
  long valueBytes() {
    return valueBytes;
  }

  long digest() {
    return byTicket.digest();
  }
}
