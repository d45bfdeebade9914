package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lock or an election as clients may see it.
 *
 * @param mode in which it is held; exclusive for a free one
 * @param holder of several the one whose lease is due last; null for a free lock
 * @param heldForMillis of cluster time, by that holder; 0 for a free lock
 * @param value that an election's winner has published
 * @param holderCount of all who hold it
 * @param holders the first of them, in the order of their tickets
 * @param queueLength of the whole queue
 * @param queue the first of those who wait, in order
 * @param past the last grants that ended, the oldest end first
 * @param opensInMillis until nobody is held up by a delay any more; 0 when there is none
 */
public record LockView(
    LockName name,
    LockMode mode,
    @Nullable HolderInfo holder,
    long heldForMillis,
    Bytes value,
    long holderCount,
    List<HolderInfo> holders,
    long queueLength,
    List<Place> queue,
    List<PastGrant> past,
    long opensInMillis) {
  public LockView {
    holders = List.copyOf(holders);
    queue = List.copyOf(queue);
    past = List.copyOf(past);
  }

  /**
   * One who waits.
   *
   * @param priority of a candidate
   * @param lease null for one that will be made at the grant
   * @param ageMillis of cluster time since it queued
   */
  public record Place(
      TicketId ticket,
      LockMode mode,
      String owner,
      @Nullable LeaseId lease,
      long ageMillis,
      int priority,
      long remainingWaitMillis) {}
}
