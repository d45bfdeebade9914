package io.lockstep.kv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.random.Profile;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Long random runs against the slow model: every answer, every event and, now and then, all state.
 * One seed alone: {@code -Dkv.seed=N -Dkv.seeds=1}.
 */
@Execution(ExecutionMode.CONCURRENT)
class RandomRunTest {
  private static final long FIRST_SEED = Long.getLong("kv.seed", 1);
  private static final long SEEDS = Long.getLong("kv.seeds", 100);
  private static final int LEAST_SEEDS_FOR_COVERAGE = 50;
  private static final int LEAST_OF_EACH_RESULT = 10;

  @Test
  void everythingOnFewNames() {
    SortedMap<String, Integer> answers = run(Profile.EVERYTHING);
    if (SEEDS >= LEAST_SEEDS_FOR_COVERAGE) {
      demandAll(Result.Success.class, answers);
      demandAll(Failure.class, answers);
      assertTrue(answers.getOrDefault("PolledLockQueued", 0) >= LEAST_OF_EACH_RESULT, "polls");
      assertTrue(answers.getOrDefault("PolledLockGranted", 0) >= LEAST_OF_EACH_RESULT, "polls");
      assertTrue(answers.getOrDefault("TogetherLockQueued", 0) >= 100, "several locks");
      assertTrue(answers.getOrDefault("TogetherLockGranted", 0) >= 100, "several locks");
    }
  }

  @Test
  void whatClientsDo() {
    run(Profile.CLIENTS);
  }

  @Test
  void locksAndLeases() {
    run(Profile.LOCKS);
  }

  /** A run that never gave some answer proves nothing about it. */
  private static void demandAll(Class<?> vocabulary, SortedMap<String, Integer> answers) {
    for (Class<?> kind : vocabulary.getPermittedSubclasses()) {
      if (kind.isSealed()) {
        demandAll(kind, answers);
        continue;
      }
      int given = answers.getOrDefault(kind.getSimpleName(), 0);
      int least = kind == Failure.AmbiguousToken.class ? 1 : LEAST_OF_EACH_RESULT;
      assertTrue(given >= least, () -> kind.getSimpleName() + " was given " + given);
    }
  }

  private static SortedMap<String, Integer> run(Profile profile) {
    SortedMap<String, Integer> answers = new TreeMap<>();
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      RandomRun run = new RandomRun(seed, profile, new Rules(), answers);
      try {
        run.play();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed " + seed + " of " + profile + ", entry " + run.index + ": " + run.last, e);
      }
    }
    return answers;
  }
}
