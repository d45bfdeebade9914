package io.lockstep.raft.node;

import io.lockstep.raft.Membership;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.storage.LogStore.Room;

/**
 * Hears of single events, for histograms and the operator's log. Called on loops; must not block.
 */
public interface NodeListener {
  /** Hears nothing. */
  NodeListener NONE = new NodeListener() {};

  /** Entries became durable: on the log loop. {@code bytes} counts their weight. */
  default void forced(long nanos, int entries, long bytes) {}

  /**
   * Entries were applied and published, {@code nanos} from the first to the publish: on the apply
   * loop.
   */
  default void applied(long nanos, int entries) {}

  /** The role, the term or the known leader changed: on the raft loop. */
  default void roleChanged(RaftStatus before, RaftStatus now) {}

  /** Another membership is in force, not yet committed perhaps: on the raft loop. */
  default void membershipChanged(Membership membership) {}

  /** The room on the log disk changed: on the log loop. */
  default void roomChanged(Room room) {}
}
