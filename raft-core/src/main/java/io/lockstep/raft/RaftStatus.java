package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/**
 * A node's own view of itself at one moment; what it says of others may be old.
 *
 * @param leader null while none is known
 * @param firstIndex of the log that is kept: a follower that needs an earlier entry of this leader
 *     gets a snapshot
 * @param leaderChanges how often the known leader changed in this life of the node
 * @param firstIndexOfTerm on a leader the index of the entry that opened its term, else 0
 * @param readRounds read rounds confirmed by this node as leader
 * @param leaseReads reads, and questions of followers, that it answered by its lease
 * @param confirmedAtNanos a moment of this node's monotonic clock: what it has applied holds
 *     everything that was acknowledged anywhere before it; {@link #NEVER} until there was one
 * @param confirmedClusterTimeMillis what bounds cluster time from that moment on: an entry that is
 *     committed {@code d} after it, by the leaders' clocks, is stamped with at most this and {@code
 *     d}, rounded up; 0 until there was one. See docs/adr/0008-safe-for.md
 * @param membership in force at this node; it need not be committed
 * @param repairing whether this node has lost entries that it had made durable, and so neither
 *     votes nor campaigns until a leader has replaced them
 * @param state whether the state here is the others', as far as compared
 */
public record RaftStatus(
    NodeId self,
    RoleName role,
    long term,
    @Nullable NodeId leader,
    long firstIndex,
    EntryId lastLog,
    long flushedIndex,
    long commitIndex,
    long appliedIndex,
    long clusterTimeMillis,
    long leaderChanges,
    long firstIndexOfTerm,
    long readRounds,
    long leaseReads,
    int proposalsInflight,
    long confirmedAtNanos,
    long confirmedClusterTimeMillis,
    Membership membership,
    boolean repairing,
    StateAgreement state) {

  /** No moment. */
  public static final long NEVER = Long.MIN_VALUE;

  /** The name of a role, for people and metrics. */
  public enum RoleName {
    FOLLOWER,
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER
  }

  public boolean isLeader() {
    return role == RoleName.LEADER;
  }
}
