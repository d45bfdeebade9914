package io.lockstep.bench;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.lockstep.style.Architecture;
import org.junit.jupiter.api.Test;

/** What the benchmarks may know. */
class ArchitectureTest {
  private static final JavaClasses MAIN = Architecture.mainCode();

  @Test
  void nothingKnowsOpsOrMetrics() {
    Architecture.never("io.lockstep.ops..", "io.micrometer..").check(MAIN);
  }

  @Test
  void eachStateHasOneOwner() {
    Architecture.check(MAIN, Architecture.everywhere());
  }
}
