package io.lockstep.raft.peer;

import java.util.Arrays;

/**
 * How long pings took lately. Owned by the event loop; {@link #nanos} is for any thread.
 *
 * <p>What counts is the shortest of the last few: a pause of either process lengthens one, and says
 * nothing about the way between them.
 */
final class RoundTrips {
  /** No ping was answered yet. */
  static final long UNKNOWN = -1;

  private static final int KEPT = 8;

  private final long[] latest = new long[KEPT];
  private long pending;
  private long sentNanos;
  private int count;
  private volatile long shortest = UNKNOWN;

  void sent(long ping, long nowNanos) {
    pending = ping;
    sentNanos = nowNanos;
  }

  /** An answer to an earlier ping than the latest was late already, and is not measured. */
  void answered(long ping, long nowNanos) {
    if (ping != pending) {
      return;
    }
    pending = 0;
    latest[count % KEPT] = nowNanos - sentNanos;
    count++;
    shortest = Arrays.stream(latest, 0, Math.min(count, KEPT)).min().orElseThrow();
  }

  /** The shortest of the last few round trips; {@link #UNKNOWN} before the first. */
  long nanos() {
    return shortest;
  }
}
