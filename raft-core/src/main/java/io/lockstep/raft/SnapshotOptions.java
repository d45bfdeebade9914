package io.lockstep.raft;

/**
 * When a node takes snapshots, and how much of its log it keeps behind one.
 *
 * @param entriesMax entries applied since the last one, at which the next is taken
 * @param entryBytesMax the same in bytes of those entries
 * @param segmentsMax log segments on the disk at which the next is taken
 * @param tailEntries entries kept behind a snapshot, as far as they are in memory, so that a
 *     follower that is a little behind needs no snapshot
 * @param catchUpBytesMax entries that a leader keeps beyond that for followers that are catching up
 * @param retryMillis how long a leader waits after a snapshot that did not get through
 */
public record SnapshotOptions(
    long entriesMax,
    long entryBytesMax,
    int segmentsMax,
    long tailEntries,
    long catchUpBytesMax,
    long retryMillis) {

  public static final SnapshotOptions DEFAULT =
      new SnapshotOptions(50_000, 64 << 20, 16, 5_000, 1 << 30, 1_000);

  /** The same but for how many entries make a snapshot due. */
  public SnapshotOptions withEntriesMax(long entries) {
    return new SnapshotOptions(
        entries, entryBytesMax, segmentsMax, tailEntries, catchUpBytesMax, retryMillis);
  }

  public SnapshotOptions {
    Invariant.check(entriesMax > 0 && entryBytesMax > 0, "a snapshot stands for entries");
    Invariant.check(segmentsMax > 1, "a log has a segment that is written and others");
    Invariant.check(tailEntries >= 0 && catchUpBytesMax >= 0, "limits are not negative");
    Invariant.check(retryMillis > 0, "a snapshot that failed waits a while");
  }
}
