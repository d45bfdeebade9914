package io.lockstep.kv.command;

/**
 * How many of a semaphore's permits are wanted or held.
 *
 * @param count 1 to {@code limit}
 * @param limit how many permits the semaphore has in all; 1 to {@link #LIMIT_MAX}
 */
public record Permits(int count, int limit) {
  /** The most permits that a semaphore can have. */
  public static final int LIMIT_MAX = 1_000_000;

  /** What goes with a lock or an election, which have none. */
  public static final Permits NONE = new Permits(0, 0);
}
