package io.lockstep.raft;

/**
 * What a snapshot stands for: the effect of every entry up to and including {@code last} (thesis
 * 5.1).
 *
 * @param last the last entry that is part of it; never {@link EntryId#NONE}
 * @param clusterTimeMillis the stamp of that entry: cluster time goes on from there
 * @param membership the one in force at that index
 */
public record SnapshotMeta(EntryId last, long clusterTimeMillis, Membership membership) {
  public SnapshotMeta {
    Invariant.check(last.index() > 0, "a snapshot stands for entries");
    Invariant.check(clusterTimeMillis >= 0, "cluster time is not negative");
  }
}
