package io.lockstep.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each family of rules finds exactly the fixtures that break it. */
class ArchitectureRulesTest {
  private static final String FIXTURE = "io.lockstep.style.fixture";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPackages(FIXTURE)
          .that(
              DescribedPredicate.describe(
                  "fixtures", type -> type.getPackageName().equals(FIXTURE)));

  static Stream<Arguments> families() {
    Set<String> impure =
        Set.of(
            "DrawsAtRandom",
            "IteratesByChance",
            "IteratesByHash",
            "ReadsTheClock",
            "ReadsTheWallClock",
            "RunsInParallel",
            "StartsAThread",
            "TakesALock",
            "TouchesFiles",
            "TouchesTime",
            "WaitsForAFuture");
    ArchRule contract =
        Architecture.knowsOnly(
            new String[] {FIXTURE},
            "io.lockstep.raft..",
            new String[] {"io.lockstep.raft.statemachine"},
            Set.of("io.lockstep.raft.Entry"));
    return Stream.of(
        Arguments.of("protocol", Architecture.protocol(FIXTURE), impure),
        Arguments.of("stateMachine", Architecture.stateMachine(FIXTURE), impure),
        Arguments.of("noLocks", List.of(Architecture.noLocks()), Set.of("TakesALock")),
        Arguments.of(
            "makesNoThreads", List.of(Architecture.makesNoThreads()), Set.of("StartsAThread")),
        Arguments.of(
            "waitsForNoFuture",
            List.of(Architecture.waitsForNoFuture()),
            Set.of("WaitsForAFuture")),
        Arguments.of(
            "readsNoConfiguration",
            List.of(Architecture.readsNoConfiguration()),
            Set.of("ReadsTheEnvironment")),
        Arguments.of(
            "onlyIn",
            List.of(Architecture.onlyIn("java.time..", "io.lockstep.elsewhere")),
            Set.of("TouchesTime")),
        Arguments.of("never", List.of(Architecture.never("java.time..")), Set.of("TouchesTime")),
        Arguments.of("knowsOnly", List.of(contract), Set.of("KnowsTheLog")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void findsTheFixturesThatBreakIt(String family, List<ArchRule> rules, Set<String> expected) {
    Predicate<String> brokenBy =
        name ->
            rules.stream()
                .flatMap(rule -> rule.evaluate(CLASSES).getFailureReport().getDetails().stream())
                .anyMatch(detail -> detail.contains(FIXTURE + "." + name));
    Set<String> broken = new TreeSet<>();
    CLASSES.stream().map(type -> type.getSimpleName()).filter(brokenBy).forEach(broken::add);
    assertEquals(new TreeSet<>(expected), broken, family);
  }

  /** A synchronized method cannot be a fixture: the style test would find it first. */
  @Test
  void noSynchronizedMethodsFindsOneOfTheJdk() {
    JavaClasses withOne = new ClassFileImporter().importClasses(StringBuffer.class);
    assertTrue(Architecture.noSynchronizedMethods().evaluate(withOne).hasViolation());
  }
}
