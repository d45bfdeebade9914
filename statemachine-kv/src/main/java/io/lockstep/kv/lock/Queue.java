package io.lockstep.kv.lock;

import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.Invariant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a lock, in the order in which it will be granted: by priority, the highest
 * first, then as they came. Immutable; each step O(log n).
 */
public final class Queue {
  /** Nobody. */
  public static final Queue EMPTY =
      new Queue(
          OrderedMap.natural((turn, waiter) -> waiter.digest()),
          OrderedMap.natural((ticket, priority) -> 0),
          0);

  /** The order of those who wait. */
  public static final Comparator<Waiter> ORDER = Comparator.comparing(Turn::of);

  /** When somebody's turn comes. */
  public record Turn(int priority, TicketId ticket) implements Comparable<Turn> {
    private static final Comparator<Turn> ORDER =
        Comparator.comparingInt(Turn::priority).reversed().thenComparing(Turn::ticket);

    static Turn of(Waiter waiter) {
      return new Turn(waiter.bid().priority(), waiter.ticket());
    }

    @Override
    public int compareTo(Turn other) {
      return ORDER.compare(this, other);
    }
  }

  private final OrderedMap<Turn, Waiter> turns;

  /** Of those who have one that is not 0. */
  private final OrderedMap<TicketId, Integer> priorities;

  private final long valueBytes;

  private Queue(
      OrderedMap<Turn, Waiter> turns, OrderedMap<TicketId, Integer> priorities, long valueBytes) {
    this.turns = turns;
    this.priorities = priorities;
    this.valueBytes = valueBytes;
  }

  public boolean isEmpty() {
    return turns.isEmpty();
  }

  public int size() {
    return turns.size();
  }

  public @Nullable Waiter get(TicketId ticket) {
    return turns.get(turn(ticket));
  }

  /** One that the model knows to wait. */
  public Waiter require(TicketId ticket) {
    return turns.require(turn(ticket));
  }

  /** How many come before this one, who waits. */
  public int rank(TicketId ticket) {
    return turns.rank(turn(ticket));
  }

  /** A cursor over all, in their order. */
  public MapCursor<Turn, Waiter> cursor() {
    return turns.cursor();
  }

  /** With one more, or one of them changed; a priority never changes. */
  Queue with(Waiter waiter) {
    Waiter before = get(waiter.ticket());
    int priority = waiter.bid().priority();
    Invariant.check(
        before == null || before.bid().priority() == priority, "a priority never changes");
    return new Queue(
        turns.put(Turn.of(waiter), waiter),
        priority == 0 ? priorities : priorities.put(waiter.ticket(), priority),
        valueBytes - valueBytes(before) + valueBytes(waiter));
  }

  /** Without this one, if it is there. */
  Queue without(TicketId ticket) {
    Waiter before = get(ticket);
    return before == null
        ? this
        : new Queue(
            turns.remove(Turn.of(before)),
            priorities.remove(ticket),
            valueBytes - valueBytes(before));
  }

  /** What the values that candidates bring count for. */
  long valueBytes() {
    return valueBytes;
  }

  long digest() {
    return turns.digest();
  }

  private Turn turn(TicketId ticket) {
    Integer priority = priorities.get(ticket);
    return new Turn(priority == null ? 0 : priority, ticket);
  }

  private static long valueBytes(@Nullable Waiter waiter) {
    return waiter == null ? 0 : waiter.bid().value().length();
  }
}
