package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each planted bug is found: a simulator that never fails is no evidence. */
class RaftBugTest {
  /** Seeds tried from the recorded one on: changes of the code move what a seed does. */
  private static final int SEEDS_MAX = 1_500;

  private final Scenario scenario = new RaftScenario();

  @ParameterizedTest
  @EnumSource
  void isFound(RaftBug bug) {
    for (long seed = bug.seed(); seed < bug.seed() + SEEDS_MAX; seed++) {
      RunReport report = scenario.run(RunSettings.of(seed), bug, null);
      if (!report.passed()) {
        System.out.println(bug + ": seed " + seed + ", " + report.violation().property());
        assertTrue(scenario.run(seed).passed(), "seed " + seed + " fails without the bug, too");
        return;
      }
    }
    throw new AssertionError(bug + " hides for " + SEEDS_MAX + " seeds");
  }
}
