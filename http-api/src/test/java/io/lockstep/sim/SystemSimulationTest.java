package io.lockstep.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.Fault;
import io.lockstep.raft.sim.RunReport;
import io.lockstep.raft.sim.SimSuite;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The whole system under hundreds of seeds, each judged by the contract. */
class SystemSimulationTest {
  private static final long SEEDS = Long.getLong("sim.system.seeds", 300);
  private static final int TWICE = 40;
  private static final int THREADS = 2;

  private final SystemScenario scenario = new SystemScenario();

  @Test
  void noSeedBreaksTheContractAndTheSameSeedGivesTheSameRun() {
    Map<Long, Long> digests = new ConcurrentHashMap<>();
    SimSuite suite =
        SimSuite.of(scenario, 1, SEEDS, THREADS, r -> digests.put(r.seed(), r.digest()));
    System.out.println("system: " + suite.summary() + "; guests: " + scenario.tally());
    assertTrue(suite.failed().isEmpty(), () -> suite.firstFailure(scenario));
    assertTrue(suite.operations() > 50 * SEEDS, "clients got answers: " + suite.operations());
    for (Fault fault : Fault.values()) {
      assertTrue(suite.faults().of(fault) > 0, "never happened: " + fault);
    }
    for (Offer offer : Offer.values()) {
      assertTrue(scenario.tally().of(offer) > 0, "was of no use: " + offer);
    }
    assertTrue(scenario.tally().leaseReads() > SEEDS, "reads by lease: " + scenario.tally());
    for (long seed = 1; seed <= Math.min(TWICE, SEEDS); seed++) {
      RunReport again = scenario.run(seed);
      assertEquals(digests.get(seed), again.digest(), "seed " + seed + " ran in two ways");
    }
  }
}
