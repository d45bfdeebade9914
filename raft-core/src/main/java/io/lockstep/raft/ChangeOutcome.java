package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/** What became of a membership change: the whole of what its caller may conclude. */
public sealed interface ChangeOutcome {
  /**
   * It is done and committed.
   *
   * @param index that of the entry that ended it
   * @param membership in force from there on
   */
  record Done(long index, Membership membership) implements ChangeOutcome {}

  /** Nothing happened and nothing will: this node does not lead. */
  record NotLeader(@Nullable NodeId leader) implements ChangeOutcome {}

  /** Nothing happened and nothing will. */
  record Refused(ChangeRefusal reason) implements ChangeOutcome {}

  /** Nothing happened and nothing will: too many changes wait. */
  record Overloaded() implements ChangeOutcome {}

  /** It may take effect or not: the leader that began it lost its office. */
  record Unknown() implements ChangeOutcome {}
}
