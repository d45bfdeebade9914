package io.lockstep.kv;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.lockstep.style.Architecture;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the state machine may know. */
class ArchitectureTest {
  private static final JavaClasses MAIN = Architecture.mainCode();

  @Test
  void theStateMachineIsAFunctionOfTheLog() {
    Architecture.check(MAIN, Architecture.stateMachine("io.lockstep.kv.."));
  }

  @Test
  void ofRaftOnlyTheContractIsKnown() {
    Architecture.knowsOnly(
            new String[] {"io.lockstep.kv.."},
            "io.lockstep.raft..",
            new String[] {"io.lockstep.raft.statemachine", "io.lockstep.raft.bytes"},
            Set.of(
                "io.lockstep.raft.Entry",
                "io.lockstep.raft.EntryKind",
                "io.lockstep.raft.Contact",
                "io.lockstep.raft.Invariant",
                "io.lockstep.raft.Learner",
                "io.lockstep.raft.Membership",
                "io.lockstep.raft.MembershipCodec",
                "io.lockstep.raft.NodeId"))
        .check(MAIN);
  }

  @Test
  void nothingKnowsHttpJsonOrMetrics() {
    Architecture.never(
            "io.vertx..",
            "io.netty..",
            "net.openhft..",
            "com.fasterxml.jackson..",
            "io.micrometer..")
        .check(MAIN);
  }

  @Test
  void nothingKnowsAHigherModule() {
    Architecture.never("io.lockstep.http..", "io.lockstep.ops..").check(MAIN);
  }

  @Test
  void nothingReadsConfiguration() {
    Architecture.readsNoConfiguration().check(MAIN);
  }

  @Test
  void eachStateHasOneOwner() {
    Architecture.check(MAIN, Architecture.everywhere());
  }
}
