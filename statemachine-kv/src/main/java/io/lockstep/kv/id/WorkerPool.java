package io.lockstep.kv.id;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.OrderedMap;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one pool: which are leased, which rest, which are free. Immutable; each change
 * O(log n). A number that was ever leased is remembered for ever, with the latest time that its
 * holders can have used.
 *
 * @param bits there are two to the power of so many numbers
 * @param slots the numbers that were ever leased: all from 0 up to some number
 * @param resting those whose lease was lost, by the time at which they are free again
 * @param free those that were given back or have rested
 */
public record WorkerPool(
    int bits,
    OrderedMap<Integer, Slot> slots,
    OrderedMap<Rest, Integer> resting,
    OrderedMap<Integer, Boolean> free) {
  /** What each number that was ever leased counts for against the quota. */
  public static final long WEIGHT_BYTES = 200;

  /** The most bits that a pool may have. Part of the format. */
  public static final int BITS_MAX = 16;

  /**
   * A number that was leased.
   *
   * @param lease null while nobody holds it
   * @param highMillis of a wall clock: at {@code sinceMillis} no holder before can have used a
   *     later time, if its clock was right
   * @param sinceMillis of cluster time: when the lease began
   * @param restsUntilMillis of cluster time; 0 for one that does not rest
   */
  public record Slot(
      @Nullable LeaseId lease, long highMillis, long sinceMillis, long restsUntilMillis) {}

  /** A number that rests until a moment of cluster time. */
  public record Rest(long untilMillis, int number) implements Comparable<Rest> {
    @Override
    public int compareTo(Rest other) {
      int byTime = Long.compare(untilMillis, other.untilMillis);
      return byTime != 0 ? byTime : Integer.compare(number, other.number);
    }
  }

  /** A pool none of whose numbers was ever leased. */
  static WorkerPool unused(int bits) {
    return new WorkerPool(
        bits,
        OrderedMap.natural(WorkerPool::digest),
        OrderedMap.natural((rest, number) -> 0),
        OrderedMap.natural((number, isFree) -> 0));
  }

  private static long digest(Integer number, Slot slot) {
    return new Digest(number)
        .addNullable(slot.lease)
        .add(slot.highMillis)
        .add(slot.sinceMillis)
        .add(slot.restsUntilMillis)
        .value();
  }

  /** How many numbers there are. */
  public long size() {
    return 1L << bits;
  }

  /** The least number that nobody holds and that does not rest; negative when there is none. */
  public int leastFree() {
    Integer first = free.firstKey();
    if (first != null) {
      return first;
    }
    return slots.size() < size() ? slots.size() : -1;
  }

  /** The slot of a number; null for one that was never leased. */
  public @Nullable Slot slot(int number) {
    return slots.get(number);
  }

  /** The rest that ends first. */
  public @Nullable Rest firstRest() {
    return resting.firstKey();
  }

  /** With a number that has rested. */
  public WorkerPool rested(Rest rest) {
    Slot slot = slots.require(rest.number());
    Slot after = new Slot(null, slot.highMillis, slot.sinceMillis, 0);
    return new WorkerPool(
        bits, slots.put(rest.number(), after), resting.remove(rest), free.put(rest.number(), true));
  }

  /** With a number as {@code slot} says. */
  WorkerPool with(int number, Slot slot) {
    boolean rests = slot.lease == null && slot.restsUntilMillis > 0;
    boolean isFree = slot.lease == null && !rests;
    return new WorkerPool(
        bits,
        slots.put(number, slot),
        rests ? resting.put(new Rest(slot.restsUntilMillis, number), number) : resting,
        isFree ? free.put(number, true) : free.remove(number));
  }

  long digest() {
    return new Digest(bits).add(slots.digest()).value();
  }
}
