package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What lease reads assume of clocks: enough within the bound, and needed beyond it. */
class LeaseSimulationTest {
  private static final long SEEDS = Long.getLong("sim.lease.seeds", 60);
  private static final int THREADS = 2;

  /** A seed that showed it; later ones are tried when the code has moved on. */
  private static final long WRONG_DRIFT_SEED = 33;

  private static final int WRONG_DRIFT_SEEDS_MAX = 500;

  @Test
  void withinTheBoundNoReadIsStale() {
    LeaseScenario scenario = LeaseScenario.withinTheBound();
    SimSuite suite = SimSuite.of(scenario, 1, SEEDS, THREADS, r -> {});
    System.out.println("leases: " + suite.summary() + "; " + scenario.reads() + " reads by lease");
    assertTrue(suite.failed().isEmpty(), () -> suite.firstFailure(scenario));
    assertTrue(scenario.reads() > 100 * SEEDS, "reads by lease: " + scenario.reads());
  }

  @Test
  void beyondTheBoundAStaleReadIsFound() {
    LeaseScenario scenario = LeaseScenario.beyondTheBound();
    RunReport found = null;
    long end = WRONG_DRIFT_SEED + WRONG_DRIFT_SEEDS_MAX;
    for (long seed = WRONG_DRIFT_SEED; seed < end && found == null; seed++) {
      found = failed(scenario.run(seed));
    }
    assertNotNull(found, "no stale read in " + WRONG_DRIFT_SEEDS_MAX + " seeds");
    System.out.println("clocks beyond the bound: seed " + found.seed() + ", " + found.violation());
    assertTrue(LeaseCommand.isStale(found), "" + found.violation());
  }

  private static @Nullable RunReport failed(RunReport report) {
    return report.passed() ? null : report;
  }

  /** That none was stale within the bound says nothing where none was stale beyond it. */
  @Test
  void theCommandFailsWhenNothingIsFoundBeyondTheBound() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    assertEquals(
        1, new LeaseCommand(1, out).run(1, 1), () -> said.toString(StandardCharsets.UTF_8));
    assertEquals(0, new LeaseCommand(1, out).run(WRONG_DRIFT_SEED, 1));
  }
}
