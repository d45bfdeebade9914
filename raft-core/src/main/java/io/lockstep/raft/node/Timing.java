package io.lockstep.raft.node;

import io.lockstep.raft.Invariant;

/**
 * Where the time of one applied command went on the node that led, in nanoseconds. Queue, replicate
 * and apply follow one another and are together the time from the offer to the answer; force runs
 * beside replicate.
 *
 * @param queueNanos from its offer until it was handed to the log and to the other members
 * @param forceNanos from then until the leader's own disk had it, at most {@code replicateNanos};
 *     {@link #NOT_FORCED} when it was committed before that
 * @param replicateNanos from then until a majority had it on disk: it was committed
 * @param applyNanos from the commit until its effect was published
 */
public record Timing(long queueNanos, long forceNanos, long replicateNanos, long applyNanos) {
  /** A majority of the others was faster than the leader's own disk: nobody waited for that. */
  public static final long NOT_FORCED = -1;

  public Timing {
    Invariant.check(queueNanos >= 0, "no span is negative", queueNanos, 0);
    Invariant.check(forceNanos >= NOT_FORCED, "no span is negative", forceNanos, NOT_FORCED);
    Invariant.check(replicateNanos >= 0, "no span is negative", replicateNanos, 0);
    Invariant.check(applyNanos >= 0, "no span is negative", applyNanos, 0);
  }

  /** The same for a caller who had waited {@code nanos} before the command was offered. */
  public Timing afterWaiting(long nanos) {
    return new Timing(queueNanos + Math.max(0, nanos), forceNanos, replicateNanos, applyNanos);
  }
}
