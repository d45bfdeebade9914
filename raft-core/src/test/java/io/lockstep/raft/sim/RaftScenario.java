package io.lockstep.raft.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The protocol, the driver and the log, under callers that propose numbers and read. */
public final class RaftScenario implements Scenario {
  @Override
  public String name() {
    return "raft";
  }

  @Override
  public RunReport run(RunSettings settings, PlantedBug bug, @Nullable Appendable echo) {
    return new SimRun<>(
            settings, bug, SimLogs::open, RaftWorkload::service, RaftWorkload::new, echo)
        .run();
  }

  @Override
  public List<PlantedBug> bugs() {
    return List.of(RaftBug.values());
  }
}
