package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.model.ModelLocks.Grant;
import io.lockstep.kv.model.ModelLocks.Lock;
import io.lockstep.kv.model.ModelLocks.Waiter;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ModeConflict;
import io.lockstep.kv.result.Failure.PermitsDiffer;
import io.lockstep.kv.result.Failure.SemaphoreLimitDiffers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Contract 7: permits, strictly first come, first served, and never more than there are. */
public final class ModelPermits {
  private ModelPermits() {}

  static boolean areOf(Lock lock) {
    return lock.name.kind() == LockKind.SEMAPHORE;
  }

  private static Permits of(LockAcquire asked) {
    return asked.bid().permits();
  }

  /** What everybody has said who holds or waits. */
  public static long limit(Lock lock) {
    List<LockAcquire> all = new ArrayList<>();
    lock.grants.forEach(grant -> all.add(grant.from().asked));
    lock.queue.forEach(waiter -> all.add(waiter.asked));
    long limits = all.stream().mapToLong(asked -> of(asked).limit()).distinct().count();
    if (limits > 1) {
      throw new AssertionError("two limits of one semaphore");
    }
    return all.isEmpty() ? 0 : of(all.getFirst()).limit();
  }

  public static long held(Lock lock) {
    return lock.grants.stream().mapToLong(grant -> of(grant.from().asked).count()).sum();
  }

  /** Why one who comes with another limit has to go; null when it is the same. */
  static @Nullable Failure refusal(@Nullable Lock lock, LockAcquire acquire) {
    return lock == null || lock.idle() || limit(lock) == of(acquire).limit()
        ? null
        : new SemaphoreLimitDiffers(of(acquire).limit(), limit(lock));
  }

  /** Why a lease that has something does not get what it asks for. */
  static @Nullable Failure conflict(LockAcquire has, LockAcquire wants) {
    if (has.mode() != wants.mode()) {
      return new ModeConflict(has.mode());
    }
    if (of(has).limit() != of(wants).limit()) {
      return new SemaphoreLimitDiffers(of(wants).limit(), of(has).limit());
    }
    return of(has).count() == of(wants).count() ? null : new PermitsDiffer(of(has).count());
  }

  /** Whether one who comes now gets permits at once. */
  static boolean free(Lock lock, LockAcquire acquire) {
    return lock.queue.isEmpty() && held(lock) + of(acquire).count() <= of(acquire).limit();
  }

  /** Those of {@code able} whose turn it is: nobody passes one who wants more than there is. */
  static List<Waiter> next(Lock lock, List<Waiter> able) {
    List<Waiter> next = new ArrayList<>();
    long held = held(lock);
    for (Waiter waiter : able) {
      held += of(waiter.asked).count();
      if (held > of(waiter.asked).limit()) {
        break;
      }
      next.add(waiter);
    }
    return next;
  }

  /** With whose end there is room, if every lease ends when it is due. */
  static Grant makingRoom(Lock lock, LockAcquire acquire, ToLongFunction<Grant> expiresIn) {
    List<Grant> ending = new ArrayList<>(lock.grants);
    ending.sort(
        (one, other) -> {
          int byTime = Long.compare(expiresIn.applyAsLong(one), expiresIn.applyAsLong(other));
          return byTime != 0 ? byTime : one.ticket().compareTo(other.ticket());
        });
    long held = held(lock);
    for (Grant grant : ending) {
      held -= of(grant.from().asked).count();
      if (held + of(acquire).count() <= of(acquire).limit()) {
        return grant;
      }
    }
    throw new AssertionError("more permits are wanted than there are");
  }
}
