package io.lockstep.raft.storage;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;

/**
 * That a node has lost entries which it had made durable, and perhaps acknowledged. Its log is a
 * log that is behind; but unlike one that is merely behind, the node must not take part in
 * elections: it may have been one of a majority that committed what it has lost. It grants no vote
 * and starts no election until a leader has brought it, durably, to the commit index of that
 * leader's own term. Until then this outlives restarts.
 *
 * @param kept the last entry before the loss
 * @param seenUpTo the highest index that any record left on the disk tells of: for the operator,
 *     since what is lost may have told of more
 */
public record Repair(EntryId kept, long seenUpTo) {
  public Repair {
    Invariant.check(seenUpTo >= 0, "an index is not negative");
  }
}
