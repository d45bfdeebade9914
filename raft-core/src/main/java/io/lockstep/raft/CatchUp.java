package io.lockstep.raft;

/**
 * Whether a learner keeps up, in rounds (thesis 4.2.1): each takes it to where the log ended as the
 * round began. Once a round is over within an election timeout, the learner would hold up no commit
 * for longer than that.
 */
final class CatchUp {
  private final long roundNanosMax;
  private long target;
  private long startNanos;
  private boolean caughtUp;
  private long endNanos;

  CatchUp(long roundNanosMax, long lastIndex, long nowNanos) {
    this.roundNanosMax = roundNanosMax;
    this.target = lastIndex;
    this.startNanos = nowNanos;
  }

  /** It answered: its log matches up to {@code match} of a log that ends at {@code lastIndex}. */
  void answered(long match, long lastIndex, long nowNanos) {
    if (match >= target) {
      caughtUp = nowNanos - startNanos <= roundNanosMax;
      endNanos = nowNanos;
      startNanos = nowNanos;
      target = lastIndex;
    }
  }

  /** Whether its last round was short, and over not longer ago than one may take. */
  boolean caughtUp(long nowNanos) {
    return caughtUp && nowNanos - endNanos <= roundNanosMax;
  }
}
