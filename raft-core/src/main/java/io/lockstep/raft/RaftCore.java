package io.lockstep.raft;

import java.util.ArrayList;
import java.util.List;

/**
 * One member's protocol state: a function from inputs to effects. Not thread-safe; the same start
 * and the same inputs give the same effects.
 */
public class RaftCore {
  private final NodeId self;
  private final HardState hardState;
  private final RecoveredLog log;

  /**
   * Starts as a follower.
   *
   * @param hardState durable, its term is at least that of the last entry
   * @param startNumber counts the starts of this node; no two lives share one
   * @param seed of the randomized timeouts
   * @param nowNanos the node's monotonic clock
   */
  public RaftCore(
      NodeId self,
      Membership membership,
      RaftOptions options,
      HardState hardState,
      RecoveredLog log,
      long startNumber,
      long seed,
      long nowNanos) {
    Invariant.check(
        hardState.term() >= log.last().term(),
        "the durable term is not below the last entry's: else the hard state was lost",
        hardState.term(),
        log.last().term());
    this.self = self;
    this.hardState = hardState;
    this.log = log;
  }

  /**
   * Takes one input in.
   *
   * @param nowNanos the node's monotonic clock; never goes back
   * @return what to do, in order; the caller may keep and change it
   */
  public List<Effect> step(long nowNanos, Input input) {
    return new ArrayList<>();
  }

  /** This node's view of itself now. */
  public RaftStatus status() {
    return new RaftStatus(
        self,
        RaftStatus.RoleName.FOLLOWER,
        hardState.term(),
        null,
        log.last(),
        log.last().index(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        RaftStatus.NEVER);
  }
}
