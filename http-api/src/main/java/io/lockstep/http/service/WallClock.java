package io.lockstep.http.service;

import java.util.function.LongSupplier;

/** A clock of the world within the bounds that formats have for its time. */
final class WallClock {
  /** A clock that shows more is taken to show this: in the year 2248. */
  private static final long MILLIS_MAX = 1L << 43;

  private WallClock() {}

  /** Milliseconds since 1970. */
  static long millis(LongSupplier clock) {
    return Math.clamp(clock.getAsLong(), 0, MILLIS_MAX);
  }
}
