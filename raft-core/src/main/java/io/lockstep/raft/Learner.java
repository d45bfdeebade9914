package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/**
 * A member that gets the log and counts in no quorum (thesis 4.2.1).
 *
 * @param id the member
 * @param observer whether it stays one; otherwise the leader makes it a voter once it is caught up
 * @param replaces the voter that leaves in the step in which this one becomes a voter; null for
 *     none, as always for an observer
 */
public record Learner(NodeId id, boolean observer, @Nullable NodeId replaces)
    implements Comparable<Learner> {
  public Learner {
    Invariant.check(!observer || replaces == null, "an observer replaces nobody");
  }

  @Override
  public int compareTo(Learner other) {
    return id.compareTo(other.id);
  }
}
