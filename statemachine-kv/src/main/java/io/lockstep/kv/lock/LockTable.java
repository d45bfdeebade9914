package io.lockstep.kv.lock;

import io.lockstep.kv.command.LockName;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * All locks, elections and semaphores that are remembered, by name, and the idle ones by age.
 * Immutable; each change O(log n).
 */
public final class LockTable {
  /** No locks. */
  public static final LockTable EMPTY =
      new LockTable(
          OrderedMap.natural((name, lock) -> lock.digest()),
          OrderedMap.natural((idle, name) -> 0),
          0,
          0,
          0);

  private record Idle(long sinceMillis, LockName name) implements Comparable<Idle> {
    private static final Comparator<Idle> ORDER =
        Comparator.comparingLong(Idle::sinceMillis).thenComparing(Idle::name);

    static Idle of(Lock lock) {
      return new Idle(lock.idleSinceMillis(), lock.name());
    }

    @Override
    public int compareTo(Idle other) {
      return ORDER.compare(this, other);
    }
  }

  private final OrderedMap<LockName, Lock> locks;
  private final OrderedMap<Idle, LockName> idle;
  private final int held;
  private final long waiters;
  private final long weightBytes;

  private LockTable(
      OrderedMap<LockName, Lock> locks,
      OrderedMap<Idle, LockName> idle,
      int held,
      long waiters,
      long weightBytes) {
    this.locks = locks;
    this.idle = idle;
    this.held = held;
    this.waiters = waiters;
    this.weightBytes = weightBytes;
  }

  public int size() {
    return locks.size();
  }

  /** How many locks are held. */
  public int held() {
    return held;
  }

  /** How many places there are in all queues. */
  public long waiters() {
    return waiters;
  }

  /** How many locks are remembered that nobody holds or waits for. */
  public int idle() {
    return idle.size();
  }

  public long weightBytes() {
    return weightBytes;
  }

  public long digest() {
    return locks.digest();
  }

  public @Nullable Lock get(LockName name) {
    return locks.get(name);
  }

  /** A lock that the model knows to be remembered. */
  public Lock require(LockName name) {
    return locks.require(name);
  }

  /** A cursor over all locks that are remembered, by name. */
  public MapCursor<LockName, Lock> cursor() {
    return locks.cursor();
  }

  /** The lock that has been idle longest. */
  public @Nullable Lock longestIdle() {
    Idle first = idle.firstKey();
    return first == null ? null : locks.require(first.name());
  }

  /** With {@code lock}, new or changed. */
  public LockTable with(Lock lock) {
    Lock before = locks.get(lock.name());
    OrderedMap<Idle, LockName> idleNow = idle;
    if (before != null && before.idle()) {
      idleNow = idleNow.remove(Idle.of(before));
    }
    if (lock.idle()) {
      idleNow = idleNow.put(Idle.of(lock), lock.name());
    }
    return new LockTable(
        locks.put(lock.name(), lock),
        idleNow,
        held - heldBy(before) + heldBy(lock),
        waiters - waitersOf(before) + waitersOf(lock),
        weightBytes - weightOf(before) + weightOf(lock));
  }

  /** Without an idle lock. */
  public LockTable without(Lock lock) {
    return new LockTable(
        locks.remove(lock.name()),
        idle.remove(Idle.of(lock)),
        held,
        waiters,
        weightBytes - weightOf(lock));
  }

  private static int heldBy(@Nullable Lock lock) {
    return lock == null || lock.grants().isEmpty() ? 0 : 1;
  }

  private static int waitersOf(@Nullable Lock lock) {
    return lock == null ? 0 : lock.queue().size();
  }

  private static long weightOf(@Nullable Lock lock) {
    return lock == null ? 0 : lock.weightBytes();
  }
}
