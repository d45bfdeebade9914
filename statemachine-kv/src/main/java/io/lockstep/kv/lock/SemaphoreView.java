package io.lockstep.kv.lock;

import io.lockstep.kv.result.HolderInfo;
import java.util.List;

/**
 * A semaphore as clients may see it.
 *
 * @param limit how many permits it has; 0 when nobody holds one or waits: then the next to come
 *     says how many there are
 * @param permitsHeld of them all
 * @param holderCount of all who hold permits
 * @param holders the first of them, in the order of their tickets
 * @param queueLength of the whole queue
 * @param queue the first of those who wait, in order
 */
public record SemaphoreView(
    long limit,
    long permitsHeld,
    long holderCount,
    List<Holding> holders,
    long queueLength,
    List<Wanting> queue) {
  public SemaphoreView {
    holders = List.copyOf(holders);
    queue = List.copyOf(queue);
  }

  /**
   * One who holds permits.
   *
   * @param heldForMillis of cluster time
   */
  public record Holding(HolderInfo holder, long permits, long heldForMillis) {}

  /** One who waits for permits. */
  public record Wanting(LockView.Place place, long permits) {}
}
