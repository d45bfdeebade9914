package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LeaseWorkerId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LimitDiffers;
import io.lockstep.kv.result.Failure.PoolExhausted;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.Result.WorkerLeased;
import org.junit.jupiter.api.Test;

/**
 * Contract 9: worker ids are bound to a lease, rest when it is lost, and tell a high-water time.
 */
class ContractWorkerIdsTest {
  private static final long TTL = 5_000;

  private final TestMachine cluster = new TestMachine();
  private long nonce;

  private LeaseWorkerId ask(int bits, long wall) {
    return new LeaseWorkerId(b("snowflake"), bits, TTL, ++nonce, wall);
  }

  private WorkerLeased lease(long wall) {
    return cluster.apply(WorkerLeased.class, ask(1, wall));
  }

  @Test
  void theLeastFreeNumberIsLeased() {
    WorkerLeased first = lease(1_000_000);
    assertEquals(0, first.number());
    assertEquals(1_000_000, first.minTimestampMillis());
    assertEquals(TTL, first.expiresInMillis());
    assertEquals(1, lease(1_000_000).number());
    assertEquals(new PoolExhausted(2, 0), cluster.apply(ask(1, 1_000_000)));
    cluster.apply(new LeaseRevoke(first.lease()));
    assertEquals(0, lease(1_000_000).number(), "given back: free at once");
  }

  @Test
  void aLostNumberRestsForATtlAndIsKeptByRenewing() {
    lease(1_000_000);
    WorkerLeased kept = lease(1_000_000);
    cluster.after(TTL).apply(TestMachine.renew(kept.lease()));
    cluster.after(1).tick();
    assertEquals(new PoolExhausted(2, TTL + 1), cluster.apply(ask(1, 1_000_000)));
    cluster.after(TTL - 1).apply(TestMachine.renew(kept.lease()));
    cluster.after(1);
    assertInstanceOf(PoolExhausted.class, cluster.apply(ask(1, 1_000_000)), "not before its time");
    cluster.after(1);
    assertEquals(0, lease(1_000_000).number());
  }

  @Test
  void theHighWaterTimeCoversWhatAnEarlierHolderMayHaveUsed() {
    WorkerLeased first = lease(1_000_000);
    cluster.after(700).apply(new LeaseRevoke(first.lease()));
    assertEquals(1_000_700, lease(5).minTimestampMillis(), "the clock of this node went back");
    cluster.apply(new LeaseRevoke(lease(5).lease()));
    assertEquals(2_000_000, lease(2_000_000).minTimestampMillis());
  }

  @Test
  void aPoolKeepsItsSize() {
    lease(1);
    assertEquals(new LimitDiffers(10, 1), cluster.apply(ask(10, 1)));
    LeaseWorkerId brief = new LeaseWorkerId(b("snowflake"), 1, 10, 1, 1);
    assertInstanceOf(TtlOutOfRange.class, cluster.apply(brief));
  }

  @Test
  void nobodyWatchesAndNoRevisionAdvances() {
    long before = cluster.revision();
    WorkerLeased first = lease(1);
    cluster.apply(new LeaseRevoke(first.lease()));
    assertEquals(before, cluster.revision());
  }

  @Test
  void aReplayPromisesNoTimeThatHasPassed() {
    LeaseWorkerId asked = ask(1, 1);
    Applied first = cluster.submit("key", asked);
    Applied again = cluster.after(2_000).submit("key", asked);
    assertEquals(((WorkerLeased) first.result()).expiringIn(TTL - 2_000), again.result());
    assertTrue(again.replayed());
    assertInstanceOf(LeaseEnded.class, cluster.after(TTL).submit("key", asked).result());
  }
}
