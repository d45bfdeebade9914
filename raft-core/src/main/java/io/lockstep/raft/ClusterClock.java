package io.lockstep.raft;

/**
 * Replicated time at a leader: milliseconds that go on from its log's last stamp and advance with
 * its monotonic clock (compare LogCabin's cluster clock; thesis 6.3 on sessions).
 *
 * <p>A gap between two turns longer than the maximum election timeout counts as one: the node was
 * paused, and what no one replaced it for must not count against the holders of leases.
 */
class ClusterClock {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final long gapNanosMax;
  private long baseMillis;
  private long elapsedNanos;
  private long nowNanos;

  ClusterClock(long gapNanosMax) {
    this.gapNanosMax = gapNanosMax;
  }

  /** Begins a term of office. */
  void start(long lastStampMillis, long nowNanos) {
    this.baseMillis = lastStampMillis;
    this.elapsedNanos = 0;
    this.nowNanos = nowNanos;
  }

  void advanceTo(long nowNanos) {
    elapsedNanos += Math.min(nowNanos - this.nowNanos, gapNanosMax);
    this.nowNanos = nowNanos;
  }

  /** Cluster time, rounded down. */
  long millis() {
    return baseMillis + elapsedNanos / NANOS_PER_MILLI;
  }
}
