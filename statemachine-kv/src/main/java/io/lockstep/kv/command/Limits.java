package io.lockstep.kv.command;

/**
 * The limits that apply consults: replicated state, the same on every node, changed only by a
 * command.
 *
 * @param historyRevisionsMin so many revisions stay readable, unless they alone pass a quarter of
 *     the quota
 * @param historyMillisMax of cluster time; older revisions are due for compaction
 * @param quotaBytes what all state together may take; 0 while it was not set: no quota
 * @param idleLockMillis of cluster time; a lock that nobody holds or waits for is remembered so
 *     long
 * @param serverSilenceMillis of cluster time; a node unheard for longer loses the places that it
 *     waits for
 * @param storedAnswersMax of requests with an idempotency key
 * @param storedAnswerMillisMin of cluster time; no younger answer is forgotten
 * @param storedAnswerBytesMax a longer answer is kept as outcome and revision only
 * @param endedLeasesMax the ends of so many leases are remembered with their revision
 */
public record Limits(
    long valueBytesMax,
    long historyRevisionsMin,
    long historyMillisMax,
    long quotaBytes,
    long leaseTtlMillisMin,
    long leaseTtlMillisMax,
    long keysOnLeaseMax,
    long keysOfRangeDeleteMax,
    long waitersOnLockMax,
    long idleLocksMax,
    long idleLockMillis,
    long serverSilenceMillis,
    long storedAnswersMax,
    long storedAnswerMillisMax,
    long storedAnswerMillisMin,
    long storedAnswerBytesMax,
    long endedLeasesMax) {
  /** A key or the name of a lock has 1 to so many bytes; part of the frozen grammar. */
  public static final int KEY_BYTES_MAX = 1024;

  private static final long HISTORY_BYTES_WITHOUT_QUOTA = 64L << 20;

  /** What a new cluster starts with. */
  public static final Limits DEFAULT =
      new Limits(
          512 << 10,
          10_000,
          3_600_000,
          0,
          1_000,
          86_400_000,
          10_000,
          10_000,
          10_000,
          100_000,
          3_600_000,
          3_000,
          200_000,
          86_400_000,
          60_000,
          4096,
          10_000);

  /** What the past may take before it is due for compaction: a quarter of the quota. */
  public long historyBytesMax() {
    return quotaBytes == 0 ? HISTORY_BYTES_WITHOUT_QUOTA : quotaBytes / 4;
  }

  /** These limits with another quota. */
  public Limits withQuotaBytes(long bytes) {
    return new Limits(
        valueBytesMax,
        historyRevisionsMin,
        historyMillisMax,
        bytes,
        leaseTtlMillisMin,
        leaseTtlMillisMax,
        keysOnLeaseMax,
        keysOfRangeDeleteMax,
        waitersOnLockMax,
        idleLocksMax,
        idleLockMillis,
        serverSilenceMillis,
        storedAnswersMax,
        storedAnswerMillisMax,
        storedAnswerMillisMin,
        storedAnswerBytesMax,
        endedLeasesMax);
  }
}
