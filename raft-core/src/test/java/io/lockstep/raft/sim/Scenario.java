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

  /** Runs {@code seed} as the suite does. */
  default RunReport run(long seed) {
    return run(RunSettings.of(seed), PlantedBug.NONE, null);
  }
}
