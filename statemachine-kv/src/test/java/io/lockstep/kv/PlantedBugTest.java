package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.fail;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.random.PlantedRules;
import io.lockstep.kv.random.Profile;
import io.lockstep.raft.Invariant;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The random runs find each planted bug within few seeds: a test that has never failed is not
 * evidence.
 */
class PlantedBugTest {
  private static final int SEEDS = 20;

  static Rules[] bugs() {
    return new Rules[] {
      new PlantedRules.LeaseDueEarly(),
      new PlantedRules.GrantNotValidated(),
      new PlantedRules.RetryExecuted(),
      new PlantedRules.GuardIgnored(),
      new PlantedRules.GuardAcceptsOlder(),
      new PlantedRules.TokenNotIncreasing(),
      new PlantedRules.OutdatedBlockAccepted(),
      new PlantedRules.FenceGoesBack(),
      new PlantedRules.PermitsOvercommitted(),
      new PlantedRules.LostWorkerNotRested(),
      new PlantedRules.ForcedStillGuards(),
      new PlantedRules.OvertakenTogether(),
      new PlantedRules.TakenInPart(),
      new PlantedRules.DelayIgnored(),
    };
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void isFound(Rules bug) {
    for (int seed = 1; seed <= SEEDS; seed++) {
      if (differs(seed, bug, Profile.EVERYTHING) || differs(seed, bug, Profile.LOCKS)) {
        return;
      }
    }
    fail(bug.getClass().getSimpleName() + " was not found in " + SEEDS + " seeds");
  }

  private static boolean differs(long seed, Rules bug, Profile profile) {
    try {
      new RandomRun(seed, profile, bug, new TreeMap<>()).play();
      return false;
    } catch (AssertionError | Invariant.Broken e) {
      return true;
    }
  }
}
