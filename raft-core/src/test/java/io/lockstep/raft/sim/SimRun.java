package io.lockstep.raft.sim;

import io.lockstep.raft.sim.check.Violation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run: faults and load for a while, then every fault ends and progress is demanded within a
 * bound, then the callers stop and all nodes must come to the same state.
 *
 * @param <R> the state machine's result
 */
public final class SimRun<R> {
  private static final int WRITES_DEMANDED = 5;

  private final RunSettings settings;
  private final Simulation simulation;
  private final SimCluster<R> cluster;
  private final Workload<R> workload;
  private final Nemesis<R> nemesis;
  private final MembershipNemesis<R> reshaping;
  private final RotNemesis<R> rotting;
  private final LeaseNemesis<R> leases;

  SimRun(
      RunSettings settings,
      PlantedBug bug,
      LogFactory logs,
      SimService.Factory<R> services,
      Workload.Factory<R> workloads,
      @Nullable Appendable echo) {
    this.settings = settings;
    simulation = new Simulation(settings.seed(), echo);
    cluster = new SimCluster<>(simulation, settings, bug, logs, services);
    workload = workloads.create(cluster);
    nemesis = new Nemesis<>(cluster);
    reshaping = new MembershipNemesis<>(cluster);
    rotting = new RotNemesis<>(cluster);
    leases = new LeaseNemesis<>(cluster);
    cluster.observe(nemesis::observed);
    cluster.onSend(nemesis::sent);
    cluster.onFlood(workload::flood);
  }

  /** A run on the real journal. */
  public static <R> SimRun<R> of(
      RunSettings settings,
      PlantedBug bug,
      SimService.Factory<R> services,
      Workload.Factory<R> workloads,
      @Nullable Appendable echo) {
    return new SimRun<>(settings, bug, SimLogs::open, services, workloads, echo);
  }

  /** Runs to the end or to the first violation. */
  public RunReport run() {
    cluster.startAll();
    workload.start();
    nemesis.start();
    reshaping.start();
    rotting.start();
    leases.start();
    runUntil(settings.faultNanos());
    nemesis.stop();
    reshaping.stop();
    rotting.stop();
    leases.stop();
    cluster.heal();
    demandProgress();
    workload.stop();
    demandAgreement();
    if (cluster.invariants().violation() == null) {
      workload.checkEnd();
    }
    return report();
  }

  private void runUntil(long time) {
    boolean more = true;
    while (more && cluster.invariants().violation() == null) {
      try {
        more = simulation.step(time);
      } catch (RuntimeException | Error thrown) {
        StringWriter stack = new StringWriter();
        thrown.printStackTrace(new PrintWriter(stack));
        cluster.fail("no part of a node throws", stack.toString());
      }
    }
  }

  /** Ten rounds of elections are enough for a cluster without faults. */
  private long patience() {
    long timeout = settings.raftOptions().electionTimeoutMillisMax() * 1_000_000;
    return 10 * timeout + 5_000_000_000L + 100 * settings.clientPauseNanos();
  }

  private void demandProgress() {
    long demanded = workload.progress() + WRITES_DEMANDED;
    long deadline = simulation.now() + patience();
    while (workload.progress() < demanded && simulation.now() < deadline) {
      if (cluster.invariants().violation() != null) {
        return;
      }
      runUntil(simulation.now() + 50_000_000);
    }
    if (workload.progress() < demanded) {
      cluster.fail(
          "a healed cluster makes progress",
          "no " + WRITES_DEMANDED + " writes within " + patience() / 1_000_000 + " ms");
    }
  }

  private void demandAgreement() {
    long deadline = simulation.now() + patience();
    runUntil(simulation.now() + 200_000_000);
    while (!workload.settled() && simulation.now() < deadline) {
      if (cluster.invariants().violation() != null) {
        return;
      }
      runUntil(simulation.now() + 50_000_000);
    }
    if (!workload.settled()) {
      cluster.fail(
          "all nodes come to the same state", "not within " + patience() / 1_000_000 + " ms");
    }
  }

  private FaultTally faults() {
    FaultTally faults = new FaultTally();
    faults.add(nemesis.done());
    faults.add(cluster.network().done());
    faults.add(Fault.MEMBERSHIP, reshaping.done());
    faults.add(Fault.ROT, rotting.done());
    faults.add(Fault.LEASE_READS, leases.done());
    faults.add(Fault.DRIFT, settings.driftPpmMax() > 0 ? 1 : 0);
    return faults;
  }

  private RunReport report() {
    Violation violation = cluster.invariants().violation();
    return new RunReport(
        settings.seed(),
        settings.plan(),
        simulation.trace().digest(),
        simulation.events(),
        simulation.now(),
        workload.operations(),
        faults(),
        violation,
        violation == null ? List.of() : simulation.trace().last(60));
  }
}
