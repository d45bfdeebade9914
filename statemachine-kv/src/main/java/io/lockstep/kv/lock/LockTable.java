package io.lockstep.kv.lock;

import io.lockstep.kv.command.LockName;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * All locks, elections and semaphores that are remembered, by name, the idle ones by age, and those
 * with a delay by its end. Immutable; each change O(log n).
 */
public final class LockTable {
  /** No locks. */
  public static final LockTable EMPTY =
      new LockTable(
          OrderedMap.natural((name, lock) -> lock.digest()),
          OrderedMap.natural((idle, name) -> 0),
          OrderedMap.natural((opening, name) -> 0),
          0,
          0,
          0);

  private record At(long millis, LockName name) implements Comparable<At> {
    private static final Comparator<At> ORDER =
        Comparator.comparingLong(At::millis).thenComparing(At::name);

    static At idle(Lock lock) {
      return new At(lock.idleSinceMillis(), lock.name());
    }

    static At opening(Lock lock) {
      return new At(lock.opensMillis(), lock.name());
    }

    @Override
    public int compareTo(At other) {
      return ORDER.compare(this, other);
    }
  }

  private final OrderedMap<LockName, Lock> locks;
  private final OrderedMap<At, LockName> idle;
  private final OrderedMap<At, LockName> closed;
  private final int held;
  private final long waiters;
  private final long weightBytes;

  private LockTable(
      OrderedMap<LockName, Lock> locks,
      OrderedMap<At, LockName> idle,
      OrderedMap<At, LockName> closed,
      int held,
      long waiters,
      long weightBytes) {
    this.locks = locks;
    this.idle = idle;
    this.closed = closed;
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
    At first = idle.firstKey();
    return first == null ? null : locks.require(first.name());
  }

  /** The lock whose delay ends first. */
  public @Nullable Lock firstOpening() {
    At first = closed.firstKey();
    return first == null ? null : locks.require(first.name());
  }

  /** When the first delay ends; {@link Long#MAX_VALUE} when there is none. */
  public long firstOpeningMillis() {
    At first = closed.firstKey();
    return first == null ? Long.MAX_VALUE : first.millis();
  }

  /** With {@code lock}, new or changed. */
  public LockTable with(Lock lock) {
    Lock before = locks.get(lock.name());
    OrderedMap<At, LockName> idleNow = idle;
    if (before != null && before.idle()) {
      idleNow = idleNow.remove(At.idle(before));
    }
    if (lock.idle()) {
      idleNow = idleNow.put(At.idle(lock), lock.name());
    }
    OrderedMap<At, LockName> closedNow = closed;
    if (before != null && before.closed()) {
      closedNow = closedNow.remove(At.opening(before));
    }
    if (lock.closed()) {
      closedNow = closedNow.put(At.opening(lock), lock.name());
    }
    return new LockTable(
        locks.put(lock.name(), lock),
        idleNow,
        closedNow,
        held - heldBy(before) + heldBy(lock),
        waiters - waitersOf(before) + waitersOf(lock),
        weightBytes - weightOf(before) + weightOf(lock));
  }

  /** Without an idle lock. */
  public LockTable without(Lock lock) {
    return new LockTable(
        locks.remove(lock.name()),
        idle.remove(At.idle(lock)),
        closed,
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
