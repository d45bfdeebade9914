package io.lockstep.kv.id;

import io.lockstep.kv.store.Digest;

/**
 * How far a sequence's ids and stamps are reserved, and for whom. A node that has reserved a block
 * gives ids out of it from memory, for as long as this says that the block is of the present {@link
 * #since}; so whoever reserves next outdates every block before.
 *
 * @param next the least id that is not reserved
 * @param owner the life of a node that has reserved since {@code since}; 0 when ids were taken
 *     through the log
 * @param since the index of the entry from which on {@code owner} alone has reserved; 0 before the
 *     first
 * @param stampEnd the least stamp that is not reserved
 */
public record Sequence(long next, long owner, long since, long stampEnd) {
  /** Ids and stamps are below; part of the format. */
  public static final long END = 1L << 60;

  /** The most ids that one call takes. Part of the format. */
  public static final long COUNT_MAX = 1_000_000;

  /** A stamp is milliseconds of a wall clock times this, and a count. Part of the format. */
  public static final int STAMP_COUNT_BITS = 16;

  /** What it counts for against the quota, without its name. */
  public static final long WEIGHT_BYTES = 200;

  long digest() {
    return new Digest(next).add(owner).add(since).add(stampEnd).value();
  }
}
