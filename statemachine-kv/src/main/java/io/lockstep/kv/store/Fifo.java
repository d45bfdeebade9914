package io.lockstep.kv.store;

import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A persistent queue: a change gives a new queue that shares its items with the old one, which
 * stays as it was. Any thread may read any queue. Two lists, of which the second is turned over
 * when the first is used up (Okasaki, Purely Functional Data Structures, 5.2): O(1) a change on
 * average, and O(n) for the one that turns.
 *
 * @param <T> items; not null
 */
public final class Fifo<T> {
  private static final Fifo<?> EMPTY = new Fifo<>(null, null, 0);

  private record Cell<T>(T item, @Nullable Cell<T> next) {}

  /** The oldest items, the first of them first; null only when there are none at all. */
  private final @Nullable Cell<T> front;

  /** The rest, the youngest first. */
  private final @Nullable Cell<T> back;

  private final int size;

  private Fifo(@Nullable Cell<T> front, @Nullable Cell<T> back, int size) {
    this.front = front;
    this.back = back;
    this.size = size;
  }

  /** A queue of nothing. */
  @SuppressWarnings("unchecked") // it has no item of any type
  public static <T> Fifo<T> empty() {
    return (Fifo<T>) EMPTY;
  }

  public int size() {
    return size;
  }

  /** With {@code item} behind all others. */
  public Fifo<T> with(T item) {
    return front == null
        ? new Fifo<>(new Cell<>(item, null), null, 1)
        : new Fifo<>(front, new Cell<>(item, back), size + 1);
  }

  /** The oldest item of a queue that is not empty. */
  public T first() {
    return Invariant.present(front, "a queue whose first item is asked for is not empty").item;
  }

  /** Without the oldest item of a queue that is not empty. */
  public Fifo<T> withoutFirst() {
    Cell<T> rest = Invariant.present(front, "a queue that gets shorter is not empty").next;
    return rest == null ? new Fifo<>(turned(), null, size - 1) : new Fifo<>(rest, back, size - 1);
  }

  /** All items, the oldest first. */
  public List<T> items() {
    List<T> items = new ArrayList<>(size);
    for (Cell<T> cell = front; cell != null; cell = cell.next) {
      items.add(cell.item);
    }
    for (Cell<T> cell = turned(); cell != null; cell = cell.next) {
      items.add(cell.item);
    }
    return items;
  }

  private @Nullable Cell<T> turned() {
    Cell<T> turned = null;
    for (Cell<T> cell = back; cell != null; cell = cell.next) {
      turned = new Cell<>(cell.item, turned);
    }
    return turned;
  }
}
