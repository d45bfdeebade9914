package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.raft.RaftStatus;
import java.util.concurrent.TimeUnit;

/**
 * One node's own state, and how old it may be. It holds everything that was acknowledged anywhere
 * {@code ageNanos} ago: that long ago, at most, this node asked for the confirmation that the
 * leader then gave.
 *
 * @param ageNanos on the node's monotonic clock; {@link #UNKNOWN} while nothing was confirmed in
 *     this life of the node
 * @param clusterTimeMillis what cluster time had not passed {@code ageNanos} ago; meaningless while
 *     nothing was confirmed
 */
public record LocalState(KvView view, long ageNanos, long clusterTimeMillis) {
  /** No age is known. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /**
   * The age of a state whose node had this status before the state was taken.
   *
   * @param nowNanos not before the state was taken
   */
  static LocalState of(RaftStatus before, KvView view, long nowNanos) {
    long confirmed = before.confirmedAtNanos();
    return new LocalState(
        view,
        confirmed == RaftStatus.NEVER ? UNKNOWN : Math.max(0, nowNanos - confirmed),
        before.confirmedClusterTimeMillis());
  }

  /** Whether the age is known. */
  public boolean isConfirmed() {
    return ageNanos != UNKNOWN;
  }

  /** Whether the state was the present one at some moment of the last {@code millis}. */
  public boolean within(long millis) {
    return isConfirmed() && ageNanos <= TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /**
   * How long from now on a lease of this state cannot expire, whatever the rest of the cluster
   * does: never too long, and 0 when nothing is known. That its holder or an operator ends it is
   * not known here. See docs/adr/0008-safe-for.md.
   *
   * @param expiresInMillis as this state has it, after its last entry's stamp
   */
  public long safeForMillis(long expiresInMillis) {
    if (!isConfirmed()) {
      return 0;
    }
    long deadline = view.clusterTimeMillis() + expiresInMillis;
    return Math.max(0, deadline - clusterTimeMillis - ageMillis());
  }

  /** The age rounded up, so that it is never told too short. Only where it is known. */
  public long ageMillis() {
    return ageNanos / MILLI + (ageNanos % MILLI == 0 ? 0 : 1);
  }
}
