package io.lockstep.http.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.raft.node.Timing;
import org.junit.jupiter.api.Test;

/** When holders are told to renew. */
class LeaseFieldsTest {
  private static final long MILLI = 1_000_000;

  private static int strain(long queueMillis, long replicateMillis, long applyMillis) {
    return LeaseFields.strainOf(
        new Timing(queueMillis * MILLI, 0, replicateMillis * MILLI, applyMillis * MILLI));
  }

  @Test
  void aLeaderThatCommitsAtOnceIsNotUnderStrain() {
    assertEquals(0, strain(50, 5, 1), "a renewal waits for others to share its entry");
    assertEquals(0, strain(60, 30, 10));
  }

  @Test
  void strainGrowsWithTheTimeThatAnEntryTakesAndEnds() {
    assertEquals(500, strain(250, 250, 50));
    assertEquals(1_000, strain(0, 1_000, 0));
    assertEquals(1_000, strain(9_000, 9_000, 9_000));
  }

  @Test
  void aThirdAtEaseAndStillTimeForAnotherTryUnderStrain() {
    assertEquals(4_500, LeaseFields.renewAfter(15_000, 0, 0));
    assertEquals(5_235, LeaseFields.renewAfter(15_000, 0, 49));
    assertEquals(6_375, LeaseFields.renewAfter(15_000, 500, 0));
    assertEquals(8_985, LeaseFields.renewAfter(15_000, 1_000, 49));
    assertEquals(0, LeaseFields.renewAfter(0, 1_000, 0));
  }
}
