package io.lockstep.ops;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.lockstep.style.Architecture;
import org.junit.jupiter.api.Test;

/** What the process may know. */
class ArchitectureTest {
  private static final JavaClasses MAIN = Architecture.mainCode();

  @Test
  void jsonAndTheHttpSideOfVertxStayBehindTheHttpInterface() {
    Architecture.never("com.fasterxml.jackson..", "io.vertx.core.http..").check(MAIN);
  }

  @Test
  void nothingKnowsChronicle() {
    Architecture.never("net.openhft..").check(MAIN);
  }

  @Test
  void eachStateHasOneOwner() {
    Architecture.check(MAIN, Architecture.everywhere());
  }
}
