package io.lockstep.kv.random;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.ArriveLatch;
import io.lockstep.kv.command.Command.ClaimOnce;
import io.lockstep.kv.command.Command.FinishOnce;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.command.Command.RemoveLatch;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.raft.bytes.Bytes;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Random commands about sequences, fences, pools, latches and work once a period: few names, good
 * blocks and outdated ones.
 */
final class IdGenerator {
  private final SplittableRandom random;
  private @Nullable IdsReserved block;
  private long claimed;

  IdGenerator(SplittableRandom random) {
    this.random = random;
  }

  /** Tells what a request was answered. */
  void learn(Result result) {
    if (result instanceof IdsReserved reserved && (block == null || random.nextInt(3) == 0)) {
      block = reserved;
    }
    if (result instanceof PeriodClaimed claim) {
      claimed = claim.token();
    }
  }

  Command next(boolean strange) {
    return switch (random.nextInt(13)) {
      case 7, 8 -> arrive(strange);
      case 9, 10, 11 -> once(strange);
      case 5, 6, 12 -> worker(strange);
      case 0 -> new AdvanceFence(fence(strange), token());
      case 1, 2 -> reserve(strange);
      default -> take(strange);
    };
  }

  private ReserveIds reserve(boolean strange) {
    if (random.nextInt(20) == 0) {
      long count = Sequence.END - random.nextInt(3);
      return new ReserveIds(Bytes.utf8("ids-vast"), count, owner(), random.nextLong(1L << 60));
    }
    long stamps = random.nextBoolean() ? 0 : random.nextLong(1, 5_000);
    return new ReserveIds(name(strange), random.nextInt(4) * 10L, owner(), stamps);
  }

  private Command arrive(boolean strange) {
    int number = random.nextInt(2);
    Bytes name = strange ? name(true) : Bytes.utf8("latch-" + number);
    if (random.nextInt(6) == 0) {
      return new RemoveLatch(name);
    }
    int parties = random.nextInt(10) == 0 ? random.nextInt(1, 10_001) : 2 + number;
    return new ArriveLatch(name, parties, Bytes.utf8("w" + random.nextInt(5)));
  }

  private Command once(boolean strange) {
    Bytes name = strange ? name(true) : Bytes.utf8("once-" + random.nextInt(4) / 3);
    if (claimed > 0 && random.nextBoolean()) {
      return new FinishOnce(name, strange ? random.nextInt(1_000) : claimed);
    }
    Bytes period = Bytes.utf8("p" + random.nextInt(3));
    long ttl =
        random.nextInt(10) == 0 ? random.nextLong(100_000_000) : random.nextInt(1_000, 9_000);
    return new ClaimOnce(name, period, ttl, random.nextLong());
  }

  private LeaseWorkerId worker(boolean strange) {
    int number = random.nextInt(2);
    int bits = random.nextInt(8) == 0 ? random.nextInt(1, 17) : 1;
    Bytes pool = strange ? name(true) : Bytes.utf8("pool-" + number);
    long ttl =
        random.nextInt(10) == 0 ? random.nextLong(100_000_000) : random.nextInt(1_000, 9_000);
    return new LeaseWorkerId(pool, bits, ttl, random.nextLong(), random.nextLong(1L << 20));
  }

  private TakeIds take(boolean strange) {
    boolean stamped = random.nextBoolean();
    long count = random.nextInt(4) == 0 ? random.nextLong(1, 1_000_001) : random.nextInt(1, 12);
    IdsReserved of = block;
    Bytes name = random.nextInt(15) == 0 ? Bytes.utf8("ids-vast") : name(strange);
    if (of == null || random.nextInt(4) == 0) {
      return new TakeIds(name, count, stamped);
    }
    long first = Math.max(0, Math.min(of.first() + random.nextInt(-3, 8), Sequence.END));
    long stamp = Math.max(0, Math.min(of.stampFirst() + random.nextInt(-3, 8), Sequence.END));
    return new TakeIds(name, count, stamped, of.since(), first, stamped ? stamp : 0);
  }

  private long owner() {
    return 1L + random.nextInt(3);
  }

  private Bytes name(boolean strange) {
    return strange
        ? Bytes.wrap(new byte[random.nextBoolean() ? 0 : random.nextInt(1_024, 1_027)])
        : Bytes.utf8("ids-" + random.nextInt(2));
  }

  /** The same names as in {@link TxnGenerator}. */
  private Bytes fence(boolean strange) {
    return strange ? name(true) : Bytes.utf8("fence-" + random.nextInt(2));
  }

  static long tokenOf(SplittableRandom random) {
    return random.nextInt(1, random.nextInt(2, 500));
  }

  private long token() {
    return tokenOf(random);
  }
}
