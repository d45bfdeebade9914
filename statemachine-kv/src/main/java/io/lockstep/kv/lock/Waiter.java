package io.lockstep.kv.lock;

import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A place in a lock's queue.
 *
 * @param sinceMillis of cluster time
 * @param deadlineMillis the last moment of cluster time at which it waits
 * @param server with whose silence it ends, unless {@code keepPlace}
 */
public record Waiter(
    TicketId ticket,
    Bytes lock,
    String owner,
    Holder holder,
    long sinceMillis,
    long deadlineMillis,
    Server server,
    boolean keepPlace) {
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

  /** The same place, kept at least until {@code newDeadlineMillis} by the node that asked last. */
  public Waiter refreshed(long newDeadlineMillis, Server newServer, boolean newKeepPlace) {
    return new Waiter(
        ticket,
        lock,
        owner,
        holder,
        sinceMillis,
        Math.max(deadlineMillis, newDeadlineMillis),
        newServer,
        keepPlace || newKeepPlace);
  }
}
