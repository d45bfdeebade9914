package io.lockstep.kv.lock;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A place in a lock's queue.
 *
 * @param sinceMillis of cluster time
 * @param deadlineMillis the last moment of cluster time at which it waits
 * @param server with whose silence it ends, unless {@code keepPlace}
 * @param queueTtlMillis how long it lasts from each poll of its ticket on; 0 for one that is not
 *     polled
 * @param delayMillis of the grant
 */
public record Waiter(
    TicketId ticket,
    LockName lock,
    LockMode mode,
    String owner,
    Holder holder,
    Bid bid,
    long sinceMillis,
    long deadlineMillis,
    Server server,
    boolean keepPlace,
    long queueTtlMillis,
    long delayMillis) {
  /** The lease that waits; null for one that will be made at the grant. */
  public @Nullable LeaseId lease() {
    return switch (holder) {
      case Holder.ExistingLease(LeaseId lease) -> lease;
      case Holder.OwnLease own -> null;
    };
  }

  public long remainingWaitMillis(long clusterTimeMillis) {
    return Math.max(0, deadlineMillis - clusterTimeMillis);
  }

  /** The same place, kept at least as long as it is asked for again, by the node that asks. */
  public Waiter refreshed(LockAcquire again, long clusterTimeMillis) {
    return with(
        Math.max(deadlineMillis, clusterTimeMillis + again.placeMillis()),
        again.server(),
        keepPlace || again.keepPlace(),
        Math.max(queueTtlMillis, again.queueTtlMillis()),
        Math.max(delayMillis, again.delayMillis()));
  }

  /** The same place, which lasts as long from now on as from its making; not one not polled. */
  public Waiter polled(long clusterTimeMillis) {
    return with(
        Math.max(deadlineMillis, clusterTimeMillis + queueTtlMillis),
        server,
        keepPlace,
        queueTtlMillis,
        delayMillis);
  }

  private Waiter with(
      long newDeadlineMillis,
      Server newServer,
      boolean newKeepPlace,
      long newQueueTtlMillis,
      long newDelayMillis) {
    return new Waiter(
        ticket,
        lock,
        mode,
        owner,
        holder,
        bid,
        sinceMillis,
        newDeadlineMillis,
        newServer,
        newKeepPlace,
        newQueueTtlMillis,
        newDelayMillis);
  }

  /** What earlier versions did not have counts only where it is there: their digests stay. */
  long digest() {
    Digest digest =
        new Digest(sinceMillis)
            .addNullable(ticket)
            .add(mode.code())
            .add(owner)
            .addNullable(holder)
            .add(bid.priority())
            .add(bid.value())
            .add(deadlineMillis)
            .addNullable(server)
            .add(keepPlace)
            .add(queueTtlMillis);
    if (delayMillis > 0) {
      digest.add(delayMillis);
    }
    return bid.permits().count() == 0
        ? digest.value()
        : digest.add(bid.permits().count()).add(bid.permits().limit()).value();
  }
}
