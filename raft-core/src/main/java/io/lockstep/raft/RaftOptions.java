package io.lockstep.raft;

/**
 * Limits and times of one node. Times are monotonic-clock times.
 *
 * @param heartbeatMillis how often a leader is heard at least
 * @param electionTimeoutMillisMin a follower that heard nothing for less never campaigns, and
 *     grants no vote
 * @param electionTimeoutMillisMax upper end of the randomized election timeout
 * @param appendBytesMax entries in one message to a follower
 * @param inflightMessagesMax unanswered append messages a follower
 * @param inflightBytesMax unanswered append bytes a follower
 * @param tailBytesMax entries kept in memory; older ones are read from the journal
 * @param applyBytesMax entries handed to the applier and not yet applied
 * @param proposalsInflightMax proposals appended by this leader and not yet committed
 * @param idleStampMillis longest time without a stamp while something can fall due
 * @param snapshots when they are taken, and what of the log is kept behind them
 */
public record RaftOptions(
    long heartbeatMillis,
    long electionTimeoutMillisMin,
    long electionTimeoutMillisMax,
    int appendBytesMax,
    int inflightMessagesMax,
    int inflightBytesMax,
    int tailBytesMax,
    int applyBytesMax,
    int proposalsInflightMax,
    long idleStampMillis,
    SnapshotOptions snapshots) {

  /** Presets for members in one building. */
  public static final RaftOptions LAN =
      new RaftOptions(100, 500, 1_000, 1 << 20, 64, 8 << 20, 64 << 20, 8 << 20, 4_096, 1_000);

  /** Presets for members in different towns: a round trip of up to 300 ms. */
  public static final RaftOptions WAN =
      new RaftOptions(500, 3_000, 6_000, 1 << 20, 256, 32 << 20, 64 << 20, 8 << 20, 4_096, 1_000);

  /** An election timeout should span so many round trips, or it is a matter of luck. */
  private static final int ROUND_TRIPS = 10;

  /** With snapshots as by default. */
  public RaftOptions(
      long heartbeatMillis,
      long electionTimeoutMillisMin,
      long electionTimeoutMillisMax,
      int appendBytesMax,
      int inflightMessagesMax,
      int inflightBytesMax,
      int tailBytesMax,
      int applyBytesMax,
      int proposalsInflightMax,
      long idleStampMillis) {
    this(
        heartbeatMillis,
        electionTimeoutMillisMin,
        electionTimeoutMillisMax,
        appendBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        tailBytesMax,
        applyBytesMax,
        proposalsInflightMax,
        idleStampMillis,
        SnapshotOptions.DEFAULT);
  }

  /** The same but for what concerns snapshots. */
  public RaftOptions withSnapshots(SnapshotOptions other) {
    return new RaftOptions(
        heartbeatMillis,
        electionTimeoutMillisMin,
        electionTimeoutMillisMax,
        appendBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        tailBytesMax,
        applyBytesMax,
        proposalsInflightMax,
        idleStampMillis,
        other);
  }

  public RaftOptions {
    Invariant.check(heartbeatMillis > 0, "a heartbeat takes time");
    Invariant.check(
        electionTimeoutMillisMin > heartbeatMillis,
        "an election timeout spans heartbeats",
        electionTimeoutMillisMin,
        heartbeatMillis);
    Invariant.check(
        electionTimeoutMillisMax > electionTimeoutMillisMin,
        "the election timeout is randomized",
        electionTimeoutMillisMax,
        electionTimeoutMillisMin);
    Invariant.check(
        appendBytesMax > 0 && inflightMessagesMax > 0 && inflightBytesMax > 0,
        "limits are positive");
    Invariant.check(
        tailBytesMax > 0 && applyBytesMax > 0 && proposalsInflightMax > 0, "limits are positive");
  }

  /** The longest round trip between members for which these times are wise (thesis 3.9). */
  public long roundTripMillisMax() {
    return electionTimeoutMillisMin / ROUND_TRIPS;
  }
}
