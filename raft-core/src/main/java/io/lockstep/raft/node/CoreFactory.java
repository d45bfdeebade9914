package io.lockstep.raft.node;

import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftCore;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.RecoveredLog;

/**
 * Makes the core of a node; {@code RaftCore::new} outside of tests. Called once, on the raft loop.
 */
@FunctionalInterface
public interface CoreFactory {
  RaftCore create(
      NodeId self,
      Membership membership,
      RaftOptions options,
      HardState hardState,
      RecoveredLog log,
      long startNumber,
      long seed,
      long nowNanos);
}
