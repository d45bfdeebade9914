package io.lockstep.raft.sim;

import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Runs that are about lease reads, whatever the seed says otherwise. */
final class LeaseScenario implements Scenario {
  /** Rates that differ by up to three tenths each way: far beyond the bound of a tenth. */
  static final int WRONG_DRIFT_PPM = 300_000;

  private static final FaultPlan PLAN = new FaultPlan(EnumSet.of(Fault.LEASE_READS, Fault.DRIFT));

  private final String name;
  private final int driftPpmMax;
  private final LongAdder reads = new LongAdder();

  private LeaseScenario(String name, int driftPpmMax) {
    this.name = name;
    this.driftPpmMax = driftPpmMax;
  }

  /** Clocks run as wrong as lease reads assume at most. */
  static LeaseScenario withinTheBound() {
    return new LeaseScenario("leases", RunSettings.LEASE_DRIFT_PPM);
  }

  /** Clocks run more wrong than that. */
  static LeaseScenario beyondTheBound() {
    return new LeaseScenario("clocks beyond the bound", WRONG_DRIFT_PPM);
  }

  /** Reads that a leader served by its lease, in all runs so far. */
  long reads() {
    return reads.sum();
  }

  int driftPpmMax() {
    return driftPpmMax;
  }

  @Override
  public String name() {
    return name;
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
          reads.add(Math.max(0, status.leaseReads() - before[node.index()]));
          before[node.index()] = status.leaseReads();
        });
    return new RaftWorkload(cluster);
  }

  @Override
  public List<PlantedBug> bugs() {
    return List.of();
  }
}
