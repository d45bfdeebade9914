package io.lockstep.raft.sim;

import io.lockstep.raft.sim.check.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a run.
 *
 * @param digest of everything that happened: equal for equal seeds
 * @param operations calls that were answered
 * @param faults that were made to happen, by class
 * @param violation null when all went well
 * @param lastLines of the trace, when something did not
 */
public record RunReport(
    long seed,
    FaultPlan plan,
    long digest,
    long events,
    long nanos,
    long operations,
    FaultTally faults,
    @Nullable Violation violation,
    List<String> lastLines) {

  public boolean passed() {
    return violation == null;
  }
}
