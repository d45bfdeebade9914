package io.lockstep.sim;

import io.lockstep.kv.result.Applied;
import io.lockstep.raft.sim.Fault;
import io.lockstep.raft.sim.PlantedBug;
import io.lockstep.raft.sim.RunReport;
import io.lockstep.raft.sim.RunSettings;
import io.lockstep.raft.sim.Scenario;
import io.lockstep.raft.sim.SimRun;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything but sockets and HTTP: clients call coordinators, coordinators use the real log. */
public final class SystemScenario implements Scenario {
  private final SystemTally tally = new SystemTally();

  /** What was done in all runs so far. */
  SystemTally tally() {
    return tally;
  }

  @Override
  public String name() {
    return "system";
  }

  @Override
  public RunReport run(RunSettings settings, PlantedBug bug, @Nullable Appendable echo) {
    SystemBug planted = bug instanceof SystemBug system ? system : null;
    Witness witness = new Witness(SystemBug.rules(planted));
    return SimRun.<Applied>of(
            settings.plan().has(Fault.OVERLOAD) ? settings.withDefaultOptions() : settings,
            bug,
            node -> new SystemService(node, planted, settings, witness),
            cluster -> new SystemWorkload(cluster, witness, planted, tally),
            echo)
        .run();
  }

  @Override
  public List<PlantedBug> bugs() {
    return List.of(SystemBug.values());
  }
}
