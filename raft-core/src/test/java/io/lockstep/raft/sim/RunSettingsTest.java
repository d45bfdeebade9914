package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a seed decides. */
class RunSettingsTest {
  @Test
  void aSeedsOwnPlanGivesTheRunThatTheSeedGives() {
    for (long seed = 1; seed <= 500; seed++) {
      RunSettings settings = RunSettings.of(seed);
      assertEquals(settings, RunSettings.of(seed, settings.plan()), "seed " + seed);
    }
  }

  @Test
  void whatIsTakenOutOfARunStaysOut() {
    Scenario plain = new RaftScenario();
    Scenario without = plain.with(PlantedBug.NONE, List.of(Fault.KILL, Fault.MEMBERSHIP));
    for (long seed = 1; seed <= 30; seed++) {
      RunReport report = without.run(seed);
      assertEquals(0, report.faults().of(Fault.KILL), "seed " + seed);
      assertEquals(0, report.faults().of(Fault.MEMBERSHIP), "seed " + seed);
    }
  }

  @Test
  void everyClassOfFaultIsOnInSomeRunsAndOffInOthers() {
    for (Fault fault : Fault.values()) {
      TreeSet<Boolean> seen = new TreeSet<>();
      for (long seed = 1; seed <= 300; seed++) {
        seen.add(RunSettings.of(seed).plan().has(fault));
      }
      assertTrue(seen.size() == 2, fault + " is always " + seen);
    }
  }
}
