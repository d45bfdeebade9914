package io.lockstep.kv.lease;

import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/**
 * A lease that runs, and what will end with it. Immutable.
 *
 * @param deadlineMillis the last moment of cluster time at which it runs
 * @param labels in the order of their names, each name once
 * @param keys that are attached to it
 * @param locks that it holds, each with the ticket of the grant
 * @param places in the queues of locks, each with its ticket
 */
public record Lease(
    LeaseId id,
    long ttlMillis,
    long deadlineMillis,
    LeaseKind kind,
    List<Label> labels,
    OrderedMap<Bytes, Boolean> keys,
    OrderedMap<LockName, TicketId> locks,
    OrderedMap<LockName, TicketId> places) {
  /** What a lease counts for against the quota. */
  public static final long WEIGHT_BYTES = 400;

  /** What each thing that is attached to a lease counts for against the quota. */
  public static final long ATTACHED_WEIGHT_BYTES = 40;

  private static final OrderedMap<Bytes, Boolean> NO_KEYS =
      OrderedMap.natural((key, present) -> new Digest(1).add(key).value());
  private static final OrderedMap<LockName, TicketId> NO_LOCKS =
      OrderedMap.natural((name, ticket) -> new Digest(2).add(name).addNullable(ticket).value());

  /** A lease that starts to run at {@code clusterTimeMillis}. */
  public static Lease start(
      LeaseId id, long ttlMillis, LeaseKind kind, List<Label> labels, long clusterTimeMillis) {
    return new Lease(
        id, ttlMillis, clusterTimeMillis + ttlMillis, kind, labels, NO_KEYS, NO_LOCKS, NO_LOCKS);
  }

  /** As above, without labels. */
  public static Lease start(LeaseId id, long ttlMillis, LeaseKind kind, long clusterTimeMillis) {
    return start(id, ttlMillis, kind, List.of(), clusterTimeMillis);
  }

  public Lease {
    labels = List.copyOf(labels);
  }

  /** Whether it was made for the one lock that it was acquired with. */
  public boolean own() {
    return kind == LeaseKind.OF_LOCK;
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
    return with(clusterTimeMillis + ttlMillis, keys, locks, places);
  }

  public Lease withKey(Bytes key) {
    return withKeys(keys.put(key, true));
  }

  public Lease withoutKey(Bytes key) {
    return withKeys(keys.remove(key));
  }

  public Lease withLock(LockName name, TicketId ticket) {
    return with(deadlineMillis, keys, locks.put(name, ticket), places);
  }

  public Lease withoutLock(LockName name) {
    return with(deadlineMillis, keys, locks.remove(name), places);
  }

  public Lease withPlace(LockName name, TicketId ticket) {
    return with(deadlineMillis, keys, locks, places.put(name, ticket));
  }

  public Lease withoutPlace(LockName name) {
    return with(deadlineMillis, keys, locks, places.remove(name));
  }

  long weightBytes() {
    return WEIGHT_BYTES
        + weightOf(labels)
        + ATTACHED_WEIGHT_BYTES * keys.size()
        + ATTACHED_WEIGHT_BYTES * locks.size()
        + ATTACHED_WEIGHT_BYTES * places.size();
  }

  /** What labels count for against the quota. */
  public static long weightOf(List<Label> labels) {
    long sum = 0;
    for (Label label : labels) {
      sum += ATTACHED_WEIGHT_BYTES + label.name().length() + label.value().length();
    }
    return sum;
  }

  /** What earlier versions did not have counts only where it is there: their digests stay. */
  long digest() {
    Digest digest =
        new Digest(ttlMillis)
            .addNullable(id)
            .add(deadlineMillis)
            .add(own())
            .add(keys.digest())
            .add(locks.digest())
            .add(places.digest());
    if (kind == LeaseKind.OF_KEY) {
      digest.add(kind.code());
    }
    for (Label label : labels) {
      digest.add(label.name()).add(label.value());
    }
    return digest.value();
  }

  private Lease withKeys(OrderedMap<Bytes, Boolean> changed) {
    return with(deadlineMillis, changed, locks, places);
  }

  private Lease with(
      long newDeadlineMillis,
      OrderedMap<Bytes, Boolean> newKeys,
      OrderedMap<LockName, TicketId> newLocks,
      OrderedMap<LockName, TicketId> newPlaces) {
    return new Lease(id, ttlMillis, newDeadlineMillis, kind, labels, newKeys, newLocks, newPlaces);
  }
}
