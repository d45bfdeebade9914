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
 */
public record LocalState(KvView view, long ageNanos) {
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
        view, confirmed == RaftStatus.NEVER ? UNKNOWN : Math.max(0, nowNanos - confirmed));
  }

  /** Whether the age is known. */
  public boolean isConfirmed() {
    return ageNanos != UNKNOWN;
  }

  /** Whether the state was the present one at some moment of the last {@code millis}. */
  public boolean within(long millis) {
    return isConfirmed() && ageNanos <= TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** The age rounded up, so that it is never told too short. Only where it is known. */
  public long ageMillis() {
    return ageNanos / MILLI + (ageNanos % MILLI == 0 ? 0 : 1);
  }
}
