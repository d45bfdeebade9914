package io.lockstep.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.BugTable;
import io.lockstep.raft.sim.Hunt;
import io.lockstep.raft.sim.PlantedBug;
import io.lockstep.raft.sim.RaftScenario;
import io.lockstep.raft.sim.RunReport;
import io.lockstep.raft.sim.Scenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each bug above the log is found from its recorded seed or, when a change of the code has moved
 * it, from one of the next; and the same seed without the bug passes.
 */
class SystemPlantedBugsTest {
  private static final Path PAGE = Path.of("..", "docs", "simulator.md");
  private static final int SEEDS_MAX = 200;
  private static final int THREADS = 2;

  private final Scenario scenario = new SystemScenario();

  @ParameterizedTest
  @EnumSource
  void isFound(SystemBug bug) {
    long last = bug.seed() + SEEDS_MAX;
    Hunt hunt = Hunt.of(scenario, bug, bug.seed(), last, THREADS, Hunt.NO_LIMIT);
    System.out.println(hunt);
    RunReport found = hunt.found();
    assertNotNull(found, () -> bug + " hides from seed " + bug.seed() + " to " + last);
    assertTrue(hunt.asRecorded(), () -> hunt + ": " + found.violation());
    RunReport without = scenario.run(found.seed());
    assertTrue(without.passed(), () -> "seed " + found.seed() + ": " + without.violation());
  }

  @Test
  void theTableOfTheDocsSaysTheSame() {
    assertEquals(List.of(), BugTable.differences(PAGE, List.of(SystemBug.values())));
  }

  @Test
  void theTablesHaveNoBugThatIsNotPlanted() {
    List<String> names = new ArrayList<>();
    new RaftScenario().bugs().stream().map(PlantedBug::name).forEach(names::add);
    scenario.bugs().stream().map(PlantedBug::name).forEach(names::add);
    names.sort(null);
    assertEquals(names, BugTable.names(PAGE, "## Planted bugs"));
  }
}
