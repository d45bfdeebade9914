package io.lockstep.sim;

import io.lockstep.raft.sim.RaftScenario;
import io.lockstep.raft.sim.Scenario;
import io.lockstep.raft.sim.SimMain;
import java.util.List;

/**
 * Runs the simulator from a shell: of the log alone, or with {@code --level system} of all of it.
 */
public final class SystemSimMain {
  private SystemSimMain() {}

  public static void main(String[] args) throws InterruptedException {
    List<Scenario> scenarios = List.of(new RaftScenario(), new SystemScenario());
    System.exit(new SimMain(scenarios, System.out).run(args));
  }
}
