package io.lockstep.sim;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.sim.PlantedBug;
import io.lockstep.raft.sim.RunReport;
import io.lockstep.raft.sim.RunSettings;
import io.lockstep.raft.sim.Scenario;
import io.lockstep.raft.sim.SimRun;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything but sockets and HTTP: clients call coordinators, coordinators use the real log. */
public final class SystemScenario implements Scenario {
  @Override
  public String name() {
    return "system";
  }

  @Override
  public RunReport run(RunSettings settings, PlantedBug bug, @Nullable Appendable echo) {
    SystemBug planted = bug instanceof SystemBug system ? system : null;
    Witness witness = new Witness(rules(planted));
    return SimRun.<Applied>of(
            settings,
            bug,
            node -> new SystemService(node, rules(planted), settings.seed(), witness),
            cluster -> new SystemWorkload(cluster, witness, planted),
            echo)
        .run();
  }

  private static Rules rules(@Nullable SystemBug planted) {
    return planted == null ? new Rules() : planted.rules();
  }

  @Override
  public List<PlantedBug> bugs() {
    return List.of(SystemBug.values());
  }
}
