package io.lockstep.kv;

/**
 * Sizes and times for metrics.
 *
 * @param nextDueMillis cluster time; {@link Long#MAX_VALUE} when nothing can fall due
 * @param expiryLagMillis how long after its deadline, in cluster time, the lease that expired last
 *     did
 * @param workerIds that are leased
 * @param idleLocks that are remembered though nobody holds or waits for them
 */
public record KvFigures(
    long keys,
    long leases,
    long locksHeld,
    long workerIds,
    long idleLocks,
    long waiters,
    long storedAnswers,
    long historyRevisions,
    long historyBytes,
    long nextDueMillis,
    long expiryLagMillis) {}
