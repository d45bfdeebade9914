package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each planted bug is found: a simulator that never fails is no evidence. */
class RaftBugTest {
  private static final Path PAGE = Path.of("..", "docs", "simulator.md");
  private static final int THREADS = 2;

  /** Seeds tried from the recorded one on: changes of the code move what a seed does. */
  private static final int SEEDS_MAX = 1_500;

  private final Scenario scenario = new RaftScenario();

  @ParameterizedTest
  @EnumSource
  void isFound(RaftBug bug) {
    long last = bug.seed() + SEEDS_MAX;
    Hunt hunt = Hunt.of(scenario, bug, bug.seed(), last, THREADS, Hunt.NO_LIMIT);
    System.out.println(hunt);
    RunReport found = hunt.found();
    assertNotNull(found, () -> bug + " hides from seed " + bug.seed() + " to " + last);
    assertTrue(hunt.asRecorded(), () -> hunt + " is not among " + bug.breaks());
    RunReport without = scenario.run(found.seed());
    assertTrue(without.passed(), () -> "seed " + found.seed() + ": " + without.violation());
  }

  @Test
  void theTableOfTheDocsSaysTheSame() {
    assertEquals(List.of(), BugTable.differences(PAGE, List.of(RaftBug.values())));
  }

  @Test
  void theDocsNameEveryClassOfFault() {
    List<String> names = new ArrayList<>(Arrays.stream(Fault.values()).map(Fault::name).toList());
    names.sort(null);
    assertEquals(names, BugTable.names(PAGE, "## Faults"));
  }
}
