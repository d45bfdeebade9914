package io.lockstep.raft.sim;

import io.lockstep.raft.sim.check.Violation;
import java.util.Objects;

/** Takes classes of fault out of the plan of a failing run as long as it fails in the same way. */
public final class Shrink {
  private Shrink() {}

  /** The plan of a run that breaks the same property with as few classes of fault as found. */
  public static RunReport of(Scenario scenario, RunReport failing, PlantedBug bug) {
    RunReport smallest = failing;
    for (Fault fault : failing.plan().faults()) {
      FaultPlan less = smallest.plan().without(fault);
      RunReport tried = scenario.run(RunSettings.of(failing.seed(), less), bug, null);
      if (sameProperty(tried, failing)) {
        smallest = tried;
      }
    }
    return smallest;
  }

  private static boolean sameProperty(RunReport one, RunReport other) {
    Violation violation = one.violation();
    return violation != null
        && violation.property().equals(Objects.requireNonNull(other.violation()).property());
  }
}
