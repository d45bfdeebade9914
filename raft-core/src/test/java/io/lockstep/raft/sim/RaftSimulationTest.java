package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The protocol, the driver and the journal under thousands of seeds. */
class RaftSimulationTest {
  private static final long SEEDS = Long.getLong("sim.seeds", 1_200);
  private static final int TWICE = 100;
  private static final int THREADS = 2;

  private final Scenario scenario = new RaftScenario();

  @Test
  void noSeedBreaksAPropertyAndTheSameSeedGivesTheSameRun() {
    Map<Long, Long> digests = new ConcurrentHashMap<>();
    SimSuite suite =
        SimSuite.of(scenario, 1, SEEDS, THREADS, r -> digests.put(r.seed(), r.digest()));
    System.out.println("raft: " + suite.summary());
    assertTrue(suite.failed().isEmpty(), () -> suite.firstFailure(scenario));
    assertTrue(suite.operations() > 100 * SEEDS, "callers got answers: " + suite.operations());
    for (Fault fault : Fault.values()) {
      assertTrue(suite.faults().of(fault) > 0, "never happened: " + fault);
    }
    for (long seed = 1; seed <= Math.min(TWICE, SEEDS); seed++) {
      RunReport again = scenario.run(seed);
      assertEquals(digests.get(seed), again.digest(), "seed " + seed + " ran in two ways");
    }
  }
}
