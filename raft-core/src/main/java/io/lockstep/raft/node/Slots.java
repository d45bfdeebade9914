package io.lockstep.raft.node;

import io.lockstep.raft.Invariant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values under rising numbers, taken out in about the order in which they were put in: a ring over
 * the range from the oldest number to the newest. Not thread-safe.
 */
final class Slots<T> {
  private static final int CAPACITY_MIN = 64;

  private @Nullable Object[] ring = new Object[CAPACITY_MIN];

  /** The oldest number in use, and one past the newest. */
  private long low;

  private long high;
  private int size;

  /** Keeps {@code value} under {@code number}, which is greater than all those in use. */
  void put(long number, T value) {
    if (size == 0) {
      low = number;
      high = number;
    }
    Invariant.check(number >= high, "numbers rise", number, high);
    reserve(number - low + 1);
    ring[place(number)] = value;
    high = number + 1;
    size++;
  }

  /** Takes out what is kept under {@code number}; null when nothing is. */
  @Nullable T take(long number) {
    if (size == 0 || number < low || number >= high) {
      return null;
    }
    // Only put() fills the ring, and only with T.
    @SuppressWarnings("unchecked")
    T value = (T) ring[place(number)];
    if (value != null) {
      ring[place(number)] = null;
      size--;
      skipEmpty();
    }
    return value;
  }

  /** Takes out the value with the least number; null when there is none. */
  @Nullable T takeOldest() {
    return take(low);
  }

  /** The least number in use, {@link Long#MAX_VALUE} when there is none. */
  long oldest() {
    return size == 0 ? Long.MAX_VALUE : low;
  }

  int size() {
    return size;
  }

  private void skipEmpty() {
    while (size > 0 && ring[place(low)] == null) {
      low++;
    }
  }

  private int place(long number) {
    return (int) (number & (ring.length - 1));
  }

  private void reserve(long range) {
    if (range <= ring.length) {
      return;
    }
    Invariant.check(range <= 1 << 30, "the range of numbers in use is bounded", range, size);
    @Nullable Object[] old = ring;
    ring = Arrays.copyOf(new Object[0], Integer.highestOneBit((int) range - 1) << 1);
    for (long number = low; number < high; number++) {
      ring[place(number)] = old[(int) (number & (old.length - 1))];
    }
  }
}
