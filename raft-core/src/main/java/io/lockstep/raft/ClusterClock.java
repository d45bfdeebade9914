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

  /**
   * Whether an entry is needed for nothing but its stamp: something can fall due, and there was no
   * stamp for a while, or it is due and no entry in the log lets it expire.
   *
   * @param nextDueMillis the earliest time after which something falls due, {@link Long#MAX_VALUE}
   *     for never
   * @param idleStampMillis the longest time without a stamp
   */
  boolean stampDue(RaftLog log, long nextDueMillis, long idleStampMillis) {
    long lastStamp = log.lastStampMillis();
    long now = millis();
    boolean idle = now - lastStamp >= idleStampMillis;
    boolean overdue = now > nextDueMillis && lastStamp <= nextDueMillis;
    return nextDueMillis != Long.MAX_VALUE && (idle || overdue);
  }
}
