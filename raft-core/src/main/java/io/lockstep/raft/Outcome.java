package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/** What became of a proposal or a read: the whole of what its caller may conclude. */
public sealed interface Outcome {
  /**
   * The proposal is in the log for ever, at {@code index}; its effect shows when that index is
   * applied.
   */
  record Committed(long index) implements Outcome {}

  /**
   * State applied up to {@code index} or later holds all that was acknowledged before the read
   * began.
   */
  record ReadAt(long index) implements Outcome {}

  /**
   * Nothing happened and nothing will: this node does not lead. {@code leader} is null while none
   * is known.
   */
  record NotLeader(@Nullable NodeId leader) implements Outcome {}

  /** Nothing happened and nothing will: a bounded queue is full. */
  record Overloaded() implements Outcome {}

  /** The proposal may or may not take effect, now or later. Never reported for a read. */
  record Unknown() implements Outcome {}
}
