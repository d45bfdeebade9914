package io.lockstep.raft.node;

import io.lockstep.raft.ChangeOutcome;

/**
 * Where the fate of one membership change is reported: exactly one call, which must not block. It
 * comes on the raft loop; or, when too many changes wait, on the caller's own thread before the
 * asking method returns.
 */
@FunctionalInterface
public interface ChangeCompletion {
  void answered(ChangeOutcome outcome);
}
