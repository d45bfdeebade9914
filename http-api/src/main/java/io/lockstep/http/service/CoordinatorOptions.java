package io.lockstep.http.service;

import io.lockstep.raft.Invariant;

/**
 * Bounds and times of a {@link Coordinator}.
 *
 * @param outstandingMax submitted requests without an answer
 * @param outstandingBytesMax their encodings together
 * @param readsMax reads without an answer
 * @param waitsMax lock waits
 * @param sweepMillis how often open requests are looked at: the grain of deadlines and of retries
 * @param readRetryMillis how long a read round may take before another is begun
 * @param renewalWindowMillis how long a renewal may wait for others to share its entry
 * @param renewalsMax renewals that one entry carries
 * @param stallMillisMax a leader that commits nothing for so long takes no more writes
 * @param aliveMillis how often a node with waiters says that it is there
 * @param housekeepingMillis how often a leader looks for what is to be done
 */
public record CoordinatorOptions(
    int outstandingMax,
    long outstandingBytesMax,
    int readsMax,
    int waitsMax,
    long sweepMillis,
    long readRetryMillis,
    long renewalWindowMillis,
    int renewalsMax,
    long stallMillisMax,
    long aliveMillis,
    long housekeepingMillis) {

  /** As documented. */
  public static final CoordinatorOptions DEFAULT =
      new CoordinatorOptions(
          4_096, 64 << 20, 32_768, 10_000, 20, 1_000, 50, 10_000, 500, 1_000, 250);

  public CoordinatorOptions {
    Invariant.check(outstandingMax >= 16 && outstandingBytesMax > 0, "lanes need room");
    Invariant.check(readsMax > 0 && waitsMax > 0 && renewalsMax > 0, "limits are positive");
    Invariant.check(sweepMillis > 0 && readRetryMillis > 0, "times are positive");
    Invariant.check(renewalWindowMillis > 0 && stallMillisMax > 0, "times are positive");
    Invariant.check(aliveMillis > 0 && housekeepingMillis > 0, "times are positive");
  }
}
