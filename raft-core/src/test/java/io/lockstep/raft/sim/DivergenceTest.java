package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.check.Violation;
import org.junit.jupiter.api.Test;

/** A replica that applies something else is found by the comparison that nodes make themselves. */
class DivergenceTest {
  private static final int SEEDS = 60;
  private static final String FOUND = "no replica is told that its state is another";

  /**
   * In so short a run the bug may not happen, or snapshots may take the replica past each of the
   * few entries at which states are compared.
   */
  private static final int FEW = 100;

  @Test
  void isFoundByTheReplicas() {
    int runs = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      RunSettings settings = RunSettings.of(seed);
      if (settings.nodes() >= 3 && !settings.plan().has(Fault.MEMBERSHIP)) {
        RunReport report =
            new RaftScenario().run(settings, RaftBug.ONE_REPLICA_HAS_ITS_OWN_TIME, null);
        Violation found = report.violation();
        if (found != null) {
          assertEquals(FOUND, found.property(), "seed " + seed);
          runs++;
        } else {
          assertTrue(report.operations() < FEW, "seed " + seed + " hides it");
        }
      }
    }
    assertTrue(runs > SEEDS / 4, "found in " + runs + " runs");
  }
}
