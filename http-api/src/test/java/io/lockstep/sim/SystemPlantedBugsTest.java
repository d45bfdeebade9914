package io.lockstep.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.RunReport;
import io.lockstep.raft.sim.RunSettings;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each bug above the log is found from a recorded seed or, when a change of the simulator has moved
 * it, from one of the next; and the same seed without the bug passes.
 */
class SystemPlantedBugsTest {
  private static final int SEEDS_MAX = 40;
  private static final Set<SystemBug> SHOWN = EnumSet.noneOf(SystemBug.class);

  private final SystemScenario scenario = new SystemScenario();

  @ParameterizedTest
  @CsvSource({
    "LEASE_DUE_EARLY, 16, a lease runs for its whole time",
    "GRANT_NOT_VALIDATED, 2, a grant goes to a lease that runs",
    "RETRY_EXECUTED, 2, exactly once|a retry gets the first answer",
    "FORWARD_SENT_TWICE, 1, exactly once",
    "GUARD_IGNORED, 2, a guarded write needs the present token",
    "GUARD_ACCEPTS_OLDER, 9, a guarded write needs the present token",
    "WATCH_MARK_OVERTAKES, 3, watches are complete and in order",
    "WATCH_RESUME_SKIPS, 1, watches are complete and in order",
    "WATCH_RESUME_REPEATS, 1, watches are complete and in order",
    "AGE_FORGOTTEN, 2, histories are linearizable",
    "ANSWERS_MISSING_AFTER_A_RESTORE, 17, apply is a function|one entry has one answer",
    "DEADLINES_RESET_BY_A_RESTORE, 1, apply is a function|one entry has one answer",
    // The state machine's own check of the rule stops the node.
    "TOKEN_NOT_INCREASING, 2, no part of a node throws",
  })
  void isFound(SystemBug bug, long recorded, String properties) {
    RunReport found = find(bug, recorded);
    String property = found.violation().property();
    assertTrue(
        List.of(properties.split("\\|")).contains(property),
        () -> bug + ", seed " + found.seed() + ": " + found.violation());
    System.out.println(bug + " is found from seed " + found.seed() + ": " + property);
    RunReport without = scenario.run(found.seed());
    assertTrue(
        without.passed(), () -> "seed " + found.seed() + " without it: " + without.violation());
    SHOWN.add(bug);
  }

  private RunReport find(SystemBug bug, long from) {
    for (long seed = from; seed < from + SEEDS_MAX; seed++) {
      RunReport report = scenario.run(RunSettings.of(seed), bug, null);
      if (!report.passed()) {
        return report;
      }
    }
    throw new AssertionError(bug + " is not found in " + SEEDS_MAX + " seeds from " + from);
  }

  @AfterAll
  static void allAreShown() {
    assertEquals(EnumSet.allOf(SystemBug.class), SHOWN, "a bug without a recorded seed");
  }
}
