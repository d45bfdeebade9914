package io.lockstep.kv.lock;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock: who holds it, who waits, and who held it last. Immutable.
 *
 * @param grant null for a free lock
 * @param queue in the order in which they will be granted
 * @param past the last {@link #PAST_MAX} grants that ended, the oldest first
 * @param idleSinceMillis since when nobody holds it or waits for it; meaningless otherwise
 */
public record Lock(
    Bytes name,
    @Nullable Grant grant,
    OrderedMap<TicketId, Waiter> queue,
    List<PastGrant> past,
    long idleSinceMillis) {
  /** How many grants that ended are remembered. */
  public static final int PAST_MAX = 16;

  /** What a lock counts for against the quota, beside its name and those who wait. */
  public static final long WEIGHT_BYTES = 900;

  /** What each who waits counts for against the quota. */
  public static final long WAITER_WEIGHT_BYTES = 400;

  private static final OrderedMap<TicketId, Waiter> NOBODY =
      OrderedMap.natural((ticket, waiter) -> digest(waiter));

  public Lock {
    past = List.copyOf(past);
  }

  /** A lock that was never held, as far as is remembered. */
  public static Lock unheld(Bytes name) {
    return new Lock(name, null, NOBODY, List.of(), 0);
  }

  public boolean idle() {
    return grant == null && queue.isEmpty();
  }

  /** The latest ended grant with this token that is remembered. */
  public @Nullable PastGrant pastByToken(long token) {
    return past.stream().filter(grant -> grant.token() == token).findFirst().orElse(null);
  }

  /** The latest ended grant to this lease that is remembered. */
  public @Nullable PastGrant pastByLease(LeaseId lease) {
    for (PastGrant candidate : past.reversed()) {
      if (candidate.lease().equals(lease)) {
        return candidate;
      }
    }
    return null;
  }

  public Lock granted(Grant newGrant) {
    Invariant.check(grant == null, "only a free lock is granted");
    Invariant.check(
        past.isEmpty() || past.getLast().token() < newGrant.token(),
        "the tokens of a lock increase");
    return new Lock(name, newGrant, queue.remove(newGrant.ticket()), past, 0);
  }

  /** The grant moves into the past. */
  public Lock ended(boolean lost, long clusterTimeMillis) {
    Grant ended = Invariant.present(grant, "a grant that ends was there");
    List<PastGrant> remembered = new ArrayList<>(past);
    if (remembered.size() == PAST_MAX) {
      remembered.removeFirst();
    }
    remembered.add(new PastGrant(ended.token(), ended.lease(), lost));
    return new Lock(name, null, queue, remembered, clusterTimeMillis);
  }

  public Lock withWaiter(Waiter waiter) {
    return new Lock(name, grant, queue.put(waiter.ticket(), waiter), past, idleSinceMillis);
  }

  public Lock withoutWaiter(TicketId ticket, long clusterTimeMillis) {
    return new Lock(name, grant, queue.remove(ticket), past, clusterTimeMillis);
  }

  long weightBytes() {
    return WEIGHT_BYTES + name.length() + WAITER_WEIGHT_BYTES * queue.size();
  }

  long digest() {
    Digest digest = new Digest(queue.digest()).add(name).add(idle() ? idleSinceMillis : -1);
    if (grant != null) {
      digest
          .addNullable(grant.ticket())
          .add(grant.owner())
          .addNullable(grant.lease())
          .add(grant.token())
          .add(grant.sinceMillis());
    }
    for (PastGrant last : past) {
      digest.add(last.token()).addNullable(last.lease()).add(last.lost());
    }
    return digest.value();
  }

  private static long digest(Waiter waiter) {
    return new Digest(waiter.sinceMillis())
        .addNullable(waiter.ticket())
        .add(waiter.owner())
        .addNullable(waiter.holder())
        .add(waiter.deadlineMillis())
        .addNullable(waiter.server())
        .add(waiter.keepPlace())
        .value();
  }
}
