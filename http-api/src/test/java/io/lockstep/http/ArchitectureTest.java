package io.lockstep.http;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.lockstep.style.Architecture;
import org.junit.jupiter.api.Test;

/** What the HTTP interface may know. */
class ArchitectureTest {
  private static final JavaClasses MAIN = Architecture.mainCode();

  @Test
  void theServiceKnowsNoHttp() {
    noClasses()
        .that()
        .resideInAPackage("io.lockstep.http.service..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx.core.http..", "io.netty..", "com.fasterxml.jackson..")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void nothingKnowsMetricsTheJournalOrOps() {
    Architecture.never("io.micrometer..", "net.openhft..", "io.lockstep.ops..").check(MAIN);
  }

  @Test
  void nothingReadsConfigurationMakesThreadsOrWaitsForAFuture() {
    Architecture.readsNoConfiguration().check(MAIN);
    Architecture.makesNoThreads().check(MAIN);
    Architecture.waitsForNoFuture().check(MAIN);
  }

  @Test
  void eachStateHasOneOwner() {
    Architecture.check(MAIN, Architecture.everywhere());
  }
}
