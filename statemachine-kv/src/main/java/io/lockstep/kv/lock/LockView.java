package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lock as clients may see it.
 *
 * @param holder null for a free lock
 * @param heldForMillis of cluster time; 0 for a free lock
 * @param queueLength of the whole queue
 * @param queue the first of those who wait, in order
 */
public record LockView(
    Bytes name,
    @Nullable HolderInfo holder,
    long heldForMillis,
    long queueLength,
    List<Place> queue) {
  public LockView {
    queue = List.copyOf(queue);
  }

  /**
   * One who waits.
   *
   * @param lease null for one that will be made at the grant
   * @param ageMillis of cluster time since it queued
   */
  public record Place(
      TicketId ticket,
      String owner,
      @Nullable LeaseId lease,
      long ageMillis,
      long remainingWaitMillis) {}
}
