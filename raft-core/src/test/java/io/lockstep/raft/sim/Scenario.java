package io.lockstep.raft.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kind of run: what lies above the log, and who calls it. */
public interface Scenario {
  /** How the launcher calls it. */
  String name();

  /** Runs once; everything that may differ from another run is in the arguments. */
  RunReport run(RunSettings settings, PlantedBug bug, @Nullable Appendable echo);

  /** The bugs that can be planted in it. */
  List<PlantedBug> bugs();

  /** These runs with other conditions: a bug, or without some classes of fault. */
  default Scenario with(PlantedBug bug, List<Fault> without) {
    Scenario plain = this;
    return new Scenario() {
      @Override
      public String name() {
        return plain.name();
      }

      @Override
      public RunReport run(RunSettings settings, PlantedBug other, @Nullable Appendable echo) {
        FaultPlan plan = settings.plan();
        for (Fault fault : without) {
          plan = plan.without(fault);
        }
        return plain.run(RunSettings.of(settings.seed(), plan), bug, echo);
      }

      @Override
      public List<PlantedBug> bugs() {
        return plain.bugs();
      }
    };
  }

  /** Runs {@code seed} as the suite does. */
  default RunReport run(long seed) {
    return run(RunSettings.of(seed), PlantedBug.NONE, null);
  }
}
