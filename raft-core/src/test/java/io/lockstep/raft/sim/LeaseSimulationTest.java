package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What lease reads assume of clocks: enough within the bound, and needed beyond it. */
class LeaseSimulationTest {
  private static final long SEEDS = Long.getLong("sim.lease.seeds", 60);
  private static final int THREADS = 2;
  private static final FaultPlan PLAN = new FaultPlan(EnumSet.of(Fault.LEASE_READS, Fault.DRIFT));

  /** Rates that differ by up to three tenths each way: far beyond the bound of a tenth. */
  private static final int WRONG_DRIFT_PPM = 300_000;

  /** A seed that showed it; later ones are tried when the code has moved on. */
  private static final long WRONG_DRIFT_SEED = 33;

  private static final int WRONG_DRIFT_SEEDS_MAX = 500;
  private static final Set<String> STALE =
      Set.of(
          "a read sees all that was answered before it",
          "what is confirmed at a moment holds all answered before it");

  private final AtomicLong leaseReads = new AtomicLong();

  /** Runs that are about leases, whatever the seed says otherwise. */
  private final class Leases implements Scenario {
    private final int driftPpmMax;

    Leases(int driftPpmMax) {
      this.driftPpmMax = driftPpmMax;
    }

    @Override
    public String name() {
      return "leases";
    }

    @Override
    public RunReport run(RunSettings settings, PlantedBug bug, @Nullable Appendable echo) {
      RunSettings leased = RunSettings.leases(settings.seed(), PLAN, driftPpmMax);
      return new SimRun<>(leased, bug, SimLogs::open, RaftWorkload::service, this::callers, echo)
          .run();
    }

    private Workload<Long> callers(SimCluster<Long> cluster) {
      long[] before = new long[cluster.nodes().size()];
      cluster.observe(
          (node, status) -> {
            long more = status.leaseReads() - before[node.index()];
            leaseReads.addAndGet(Math.max(0, more));
            before[node.index()] = status.leaseReads();
          });
      return new RaftWorkload(cluster);
    }

    @Override
    public List<PlantedBug> bugs() {
      return List.of();
    }
  }

  @Test
  void withinTheBoundNoReadIsStale() {
    Scenario scenario = new Leases(RunSettings.LEASE_DRIFT_PPM);
    SimSuite suite = SimSuite.of(scenario, 1, SEEDS, THREADS, r -> {});
    System.out.println("leases: " + suite.summary() + "; " + leaseReads + " reads by lease");
    assertTrue(suite.failed().isEmpty(), () -> suite.firstFailure(scenario));
    assertTrue(leaseReads.get() > 100 * SEEDS, "reads by lease: " + leaseReads);
  }

  @Test
  void beyondTheBoundAStaleReadIsFound() {
    Scenario scenario = new Leases(WRONG_DRIFT_PPM);
    List<RunReport> failed = new ArrayList<>();
    long end = WRONG_DRIFT_SEED + WRONG_DRIFT_SEEDS_MAX;
    for (long seed = WRONG_DRIFT_SEED; seed < end && failed.isEmpty(); seed++) {
      RunReport report = scenario.run(seed);
      if (!report.passed()) {
        failed.add(report);
      }
    }
    assertEquals(1, failed.size(), "no stale read in " + WRONG_DRIFT_SEEDS_MAX + " seeds");
    RunReport found = failed.getFirst();
    System.out.println("clocks beyond the bound: seed " + found.seed() + ", " + found.violation());
    assertTrue(STALE.contains(found.violation().property()), "" + found.violation());
  }
}
