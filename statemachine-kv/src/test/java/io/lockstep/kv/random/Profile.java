package io.lockstep.kv.random;

import io.lockstep.kv.command.Limits;
import java.util.SplittableRandom;

/**
 * What kind of commands a {@link CommandGenerator} makes.
 *
 * @param keys how many keys there are, below a few prefixes
 * @param locks how many locks there are
 * @param nodes how many nodes wait on clients' behalf
 * @param keyedPercent of requests carry an idempotency key
 * @param strangePercent of commands are wrong on purpose: bad lengths, unknown ids, times out of
 *     range
 * @param administration whether limits change and the past is compacted
 */
public record Profile(
    int keys, int locks, int nodes, int keyedPercent, int strangePercent, boolean administration) {
  /** Everything, on few names, so that commands meet. */
  public static final Profile EVERYTHING = new Profile(12, 4, 3, 25, 5, true);

  /** What clients do, within the limits of a new cluster. */
  public static final Profile CLIENTS = new Profile(40, 6, 3, 30, 1, false);

  /** Locks and leases only: few keys. */
  public static final Profile LOCKS = new Profile(3, 3, 3, 20, 1, false);

  /** Narrow limits that commands run into. */
  static Limits narrow(SplittableRandom random) {
    return new Limits(
        random.nextInt(8, 64),
        random.nextInt(0, 60),
        random.nextInt(100, 60_000),
        random.nextInt(4) == 0 ? random.nextInt(2_000, 120_000) : 0,
        random.nextInt(1, 1_500),
        random.nextInt(1_500, 20_000),
        random.nextInt(1, 5),
        random.nextInt(1, 8),
        random.nextInt(1, 5),
        random.nextInt(0, 4),
        random.nextInt(100, 20_000),
        random.nextInt(200, 4_000),
        random.nextInt(0, 20),
        random.nextInt(5_000, 60_000),
        random.nextInt(0, 5_000),
        random.nextInt(8, 200),
        random.nextInt(0, 10));
  }
}
