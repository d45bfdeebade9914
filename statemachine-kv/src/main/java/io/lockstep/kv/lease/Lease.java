package io.lockstep.kv.lease;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;

/**
 * A lease that runs, and what will end with it. Immutable.
 *
 * @param deadlineMillis the last moment of cluster time at which it runs
 * @param own whether it was made for the one lock that it was acquired with, and ends when that is
 *     given back
 * @param keys that are attached to it
 * @param locks that it holds, each with the ticket of the grant
 * @param places in the queues of locks, each with its ticket
 */
public record Lease(
    LeaseId id,
    long ttlMillis,
    long deadlineMillis,
    boolean own,
    OrderedMap<Bytes, Boolean> keys,
    OrderedMap<Bytes, TicketId> locks,
    OrderedMap<Bytes, TicketId> places) {
  /** What a lease counts for against the quota. */
  public static final long WEIGHT_BYTES = 400;

  /** What each thing that is attached to a lease counts for against the quota. */
  public static final long ATTACHED_WEIGHT_BYTES = 40;

  private static final OrderedMap<Bytes, Boolean> NO_KEYS =
      OrderedMap.natural((key, present) -> new Digest(1).add(key).value());
  private static final OrderedMap<Bytes, TicketId> NO_LOCKS =
      OrderedMap.natural((name, ticket) -> new Digest(2).add(name).addNullable(ticket).value());

  /** A lease that starts to run at {@code clusterTimeMillis}. */
  public static Lease start(LeaseId id, long ttlMillis, boolean own, long clusterTimeMillis) {
    return new Lease(
        id, ttlMillis, clusterTimeMillis + ttlMillis, own, NO_KEYS, NO_LOCKS, NO_LOCKS);
  }

  /** How long it still runs, at {@code clusterTimeMillis}. */
  public long expiresInMillis(long clusterTimeMillis) {
    return Math.max(0, deadlineMillis - clusterTimeMillis);
  }

  /** Whether its end is something that watchers see. */
  public boolean holdsSomething() {
    return !keys.isEmpty() || !locks.isEmpty() || !places.isEmpty();
  }

  /** The same lease, running anew from {@code clusterTimeMillis}. */
  public Lease renewed(long clusterTimeMillis) {
    return new Lease(id, ttlMillis, clusterTimeMillis + ttlMillis, own, keys, locks, places);
  }

  public Lease withKey(Bytes key) {
    return withKeys(keys.put(key, true));
  }

  public Lease withoutKey(Bytes key) {
    return withKeys(keys.remove(key));
  }

  public Lease withLock(Bytes name, TicketId ticket) {
    return new Lease(id, ttlMillis, deadlineMillis, own, keys, locks.put(name, ticket), places);
  }

  public Lease withoutLock(Bytes name) {
    return new Lease(id, ttlMillis, deadlineMillis, own, keys, locks.remove(name), places);
  }

  public Lease withPlace(Bytes name, TicketId ticket) {
    return new Lease(id, ttlMillis, deadlineMillis, own, keys, locks, places.put(name, ticket));
  }

  public Lease withoutPlace(Bytes name) {
    return new Lease(id, ttlMillis, deadlineMillis, own, keys, locks, places.remove(name));
  }

  long weightBytes() {
    return WEIGHT_BYTES
        + ATTACHED_WEIGHT_BYTES * keys.size()
        + ATTACHED_WEIGHT_BYTES * locks.size()
        + ATTACHED_WEIGHT_BYTES * places.size();
  }

  long digest() {
    return new Digest(ttlMillis)
        .addNullable(id)
        .add(deadlineMillis)
        .add(own)
        .add(keys.digest())
        .add(locks.digest())
        .add(places.digest())
        .value();
  }

  private Lease withKeys(OrderedMap<Bytes, Boolean> changed) {
    return new Lease(id, ttlMillis, deadlineMillis, own, changed, locks, places);
  }
}
