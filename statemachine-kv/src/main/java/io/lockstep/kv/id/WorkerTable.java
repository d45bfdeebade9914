package io.lockstep.kv.id;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.id.WorkerPool.Slot;
import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** All pools of worker ids, by name, and which lease holds what. Immutable; a change O(log n). */
public final class WorkerTable {
  /** No pools. */
  public static final WorkerTable EMPTY =
      new WorkerTable(
          OrderedMap.natural((name, pool) -> new Digest(pool.digest()).add(name).value()),
          OrderedMap.natural((lease, held) -> 0),
          0);

  /** The number of a pool that a lease holds. */
  public record Held(Bytes pool, int number) {}

  private final OrderedMap<Bytes, WorkerPool> pools;
  private final OrderedMap<LeaseId, Held> held;
  private final long weightBytes;

  private WorkerTable(
      OrderedMap<Bytes, WorkerPool> pools, OrderedMap<LeaseId, Held> held, long weightBytes) {
    this.pools = pools;
    this.held = held;
    this.weightBytes = weightBytes;
  }

  /** The pool; one without any leased number and with {@code bits} if it is not known. */
  public WorkerPool pool(Bytes name, int bits) {
    WorkerPool known = pools.get(name);
    return known == null ? WorkerPool.unused(bits) : known;
  }

  /** What a lease holds; null for nothing. */
  public @Nullable Held heldBy(LeaseId lease) {
    return held.get(lease);
  }

  /** How many numbers are leased in all pools. */
  public int leased() {
    return held.size();
  }

  /** With a pool that was changed, but for its leases. */
  public WorkerTable with(Bytes name, WorkerPool pool) {
    return new WorkerTable(pools.put(name, pool), held, weightBytes);
  }

  /** What {@link #put} of this number of {@code pool} adds to {@link #weightBytes}. */
  public static long growth(Bytes name, WorkerPool pool, int number) {
    return pool.slot(number) == null ? WorkerPool.WEIGHT_BYTES + name.length() : 0;
  }

  /** With a number of {@code pool} as {@code slot} says. */
  public WorkerTable put(Bytes name, WorkerPool pool, int number, Slot slot) {
    Slot before = pool.slot(number);
    LeaseId outdated = before == null ? null : before.lease();
    OrderedMap<LeaseId, Held> holding = outdated == null ? held : held.remove(outdated);
    LeaseId lease = slot.lease();
    return new WorkerTable(
        pools.put(name, pool.with(number, slot)),
        lease == null ? holding : holding.put(lease, new Held(name, number)),
        weightBytes + growth(name, pool, number));
  }

  /** How many pools there are. */
  public int size() {
    return pools.size();
  }

  /** A cursor over all pools, by name. */
  public MapCursor<Bytes, WorkerPool> pools() {
    return pools.cursor();
  }

  public long weightBytes() {
    return weightBytes;
  }

  public long digest() {
    return pools.digest();
  }
}
