package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/** What an operator can ask to be changed about who takes part, and by which rules (thesis 4). */
public sealed interface MembershipChange {
  /**
   * A new member: it gets the log, and becomes a voter by itself once it is caught up (thesis
   * 4.2.1).
   *
   * @param observer whether it stays a learner
   * @param replaces the voter that leaves when this one becomes one; null for none
   */
  record AddLearner(Contact contact, boolean observer, @Nullable NodeId replaces)
      implements MembershipChange {
    /** Throws {@link IllegalArgumentException} for an observer that is to replace a voter. */
    public AddLearner {
      if (observer && replaces != null) {
        throw new IllegalArgumentException("an observer replaces no voter");
      }
    }
  }

  /** A learner becomes a voter. */
  record Promote(NodeId id) implements MembershipChange {}

  /** A member leaves. */
  record Remove(NodeId id) implements MembershipChange {}

  /** Reads are served by the leader's lease from now on, or no longer (thesis 6.4.1). */
  record LeaseReads(boolean on) implements MembershipChange {}
}
