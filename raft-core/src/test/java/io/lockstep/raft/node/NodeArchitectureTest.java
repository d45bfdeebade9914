package io.lockstep.raft.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import io.lockstep.style.Architecture;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The driver meets time, threads and devices only at its seams, so that it can be simulated. */
class NodeArchitectureTest {
  private static final JavaClasses MAIN = Architecture.mainCode();
  private static final TreeSet<String> QUEUES_AND_UNITS =
      new TreeSet<>(
          List.of(
              "java.util.concurrent.ConcurrentLinkedQueue",
              "java.util.concurrent.ConcurrentSkipListSet",
              "java.util.concurrent.TimeUnit"));

  @Test
  void onlyTheThreadLoopKnowsThreads() {
    noClasses()
        .that()
        .resideInAPackage("io.lockstep.raft.node")
        .and()
        .doNotHaveSimpleName("ThreadLoop")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.util.concurrent.locks..", "java.time..", "java.util.random..")
                .or(DescribedPredicate.describe("threads and chance", this::isThreadOrChance)))
        .check(MAIN);
  }

  @Test
  void nothingWaitsForAnother() {
    noClasses()
        .that()
        .resideInAPackage("io.lockstep.raft.node")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe("executors, futures and latches", this::isConcurrent))
        .check(MAIN);
  }

  @Test
  void nobodyReadsAClockButThroughTheSeam() {
    noClasses()
        .that()
        .resideInAPackage("io.lockstep.raft.node")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(MAIN);
  }

  private boolean isThreadOrChance(JavaClass type) {
    return type.isEquivalentTo(Thread.class)
        || type.isEquivalentTo(Random.class)
        || type.isEquivalentTo(SplittableRandom.class);
  }

  private boolean isConcurrent(JavaClass type) {
    return type.getPackageName().equals("java.util.concurrent")
        && !QUEUES_AND_UNITS.contains(type.getName());
  }
}
