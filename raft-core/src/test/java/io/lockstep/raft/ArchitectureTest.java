package io.lockstep.raft;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.lockstep.style.Architecture;
import org.junit.jupiter.api.Test;

/** What the Raft module may know. */
class ArchitectureTest {
  private static final JavaClasses MAIN = Architecture.mainCode();

  @Test
  void theProtocolIsAFunction() {
    Architecture.check(
        MAIN,
        Architecture.protocol(
            "io.lockstep.raft", "io.lockstep.raft.quorum", "io.lockstep.raft.progress"));
  }

  @Test
  void onlyPeerKnowsVertx() {
    Architecture.onlyIn("io.vertx..", "io.lockstep.raft.peer..").check(MAIN);
    Architecture.onlyIn("io.netty..", "io.lockstep.raft.peer..").check(MAIN);
  }

  @Test
  void onlyItsJournalKnowsChronicle() {
    Architecture.onlyIn("net.openhft..", "io.lockstep.raft.journal.chronicle..").check(MAIN);
  }

  @Test
  void nothingKnowsHttpJsonOrMetrics() {
    Architecture.never(
            "io.vertx.core.http..",
            "io.vertx.core.json..",
            "com.fasterxml.jackson..",
            "io.micrometer..",
            "java.net.http..")
        .check(MAIN);
  }

  @Test
  void nothingKnowsAHigherModule() {
    Architecture.never("io.lockstep.kv..", "io.lockstep.http..", "io.lockstep.ops..").check(MAIN);
  }

  @Test
  void nothingReadsConfigurationOrWaitsForAFuture() {
    Architecture.readsNoConfiguration().check(MAIN);
    Architecture.waitsForNoFuture().check(MAIN);
  }

  @Test
  void eachStateHasOneOwner() {
    Architecture.check(MAIN, Architecture.everywhere());
  }
}
