package io.lockstep.kv.random;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/** Random requests for the permits of two semaphores, which mostly agree about their limits. */
final class SemaphoreGenerator {
  private static final int REMEMBERED = 6;

  private final SplittableRandom random;
  private final ArrayDeque<LockGranted> grants = new ArrayDeque<>();

  SemaphoreGenerator(SplittableRandom random) {
    this.random = random;
  }

  void learn(LockGranted granted) {
    if (granted.name().kind() == LockKind.SEMAPHORE) {
      if (grants.size() == REMEMBERED) {
        grants.removeFirst();
      }
      grants.addLast(granted);
    }
  }

  /** Whether so many are remembered that giving back is due. */
  boolean isFull() {
    return grants.size() >= REMEMBERED / 2 && random.nextInt(3) > 0;
  }

  /** The grant that is remembered longest, and is no more. */
  LockGranted recent() {
    return grants.removeFirst();
  }

  LockAcquire acquire(Holder holder, long waitMillis, Server server) {
    boolean small = random.nextBoolean();
    int limit = (small ? 3 : 5) + (random.nextInt(12) == 0 ? 1 : 0);
    return new LockAcquire(
        LockName.semaphore(Bytes.utf8(small ? "lock-1" : "lock-2")),
        LockMode.SHARED,
        holder,
        "worker-" + random.nextInt(5),
        Bid.of(new Permits(random.nextInt(1, limit + 1), limit)),
        waitMillis,
        0,
        server,
        random.nextInt(4) == 0,
        random.nextLong());
  }
}
