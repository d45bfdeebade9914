package io.lockstep.raft.script;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.RaftCore;
import org.junit.jupiter.api.Test;

/** Safety among faults and progress after them, for many seeds. */
class RandomClusterTest {
  @Test
  void staysSafeAndGoesOn() {
    long committed = 0;
    long served = 0;
    long compactions = 0;
    long installed = 0;
    long rotted = 0;
    for (long seed = 1; seed <= Long.getLong("raft.seeds", 300); seed++) {
      RandomCluster cluster = new RandomCluster(seed, size(seed), 400, RaftCore::new);
      try {
        cluster.run();
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed, failure);
      }
      committed += cluster.committed();
      served += cluster.served();
      compactions += cluster.compactions();
      installed += cluster.installed();
      rotted += cluster.rotted();
    }
    assertTrue(committed > 9_000, "enough was written: " + committed);
    assertTrue(served > 5_000, "enough was read: " + served);
    assertTrue(compactions > 500, "logs were compacted often enough: " + compactions);
    assertTrue(rotted > 100, "disks lost something often enough: " + rotted);
    assertTrue(installed > 150, "snapshots were installed often enough: " + installed);
  }

  private static int size(long seed) {
    return seed % 10 == 0 ? 1 : seed % 3 == 0 ? 5 : 3;
  }
}
