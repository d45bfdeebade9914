package io.lockstep.raft.node;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Membership;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.storage.LogStore.Room;
import java.io.IOException;

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

  /** A snapshot of this node's state is durable; it took {@code nanos}: on the bulk loop. */
  default void snapshotTaken(SnapshotMeta meta, long bytes, long nanos) {}

  /**
   * A snapshot was not taken, not taken in or not read, for this reason; it is tried again, or
   * another is taken: on the bulk loop.
   */
  default void snapshotFailed(IOException reason) {}

  /** The state is that of a snapshot which a leader sent: on the apply loop. */
  default void snapshotInstalled(SnapshotMeta meta, long nanos) {}

  /**
   * Something on this node's disk was damaged, and the node goes on without it: on whichever loop
   * opens the storage.
   *
   * @param what it is, where, and what happens next
   */
  default void damaged(String what) {}

  /** What this node had lost was replaced, up to {@code last}: on the log loop. */
  default void repaired(EntryId last) {}

  /**
   * This node's state is not that of a majority of the voters: it serves no more. On the raft loop.
   */
  default void stateDiverged(Checkpoint own, Checkpoint majoritys) {}

  /** The room on the log disk changed: on the log loop. */
  default void roomChanged(Room room) {}
}
