package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.AdvanceFence;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.ConditionsFalse;
import io.lockstep.kv.result.Failure.IdsExhausted;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.StaleFence;
import io.lockstep.kv.result.Result.FenceAdvanced;
import io.lockstep.kv.result.Result.IdsReserved;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.NumberKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 7 and 9: ids and fences only rise. */
class ContractIdsTest {
  private static final long A = 11;
  private static final long B = 22;

  private final TestMachine cluster = new TestMachine();

  private IdsReserved reserve(long owner, long count) {
    return cluster.apply(IdsReserved.class, new ReserveIds(b("order"), count, owner, 0));
  }

  private IdsTaken take(long count) {
    return cluster.apply(IdsTaken.class, new TakeIds(b("order"), count, false));
  }

  private static TakeIds outOf(IdsReserved block, long first, long count) {
    return new TakeIds(b("order"), count, false, block.since(), first, 0);
  }

  @Test
  void blocksFollowEachOtherAndStayGoodForTheirOwner() {
    IdsReserved first = reserve(A, 100);
    assertEquals(1, first.first());
    assertEquals(101, first.end());
    IdsReserved second = reserve(A, 50);
    assertEquals(101, second.first());
    assertEquals(first.since(), second.since(), "the first block is still good");
    assertEquals(new IdsTaken(5, 7, 0), cluster.apply(outOf(first, 5, 3)));
  }

  @Test
  void anotherOwnersBlockOutdatesAllBefore() {
    IdsReserved ofA = reserve(A, 100);
    IdsReserved ofB = reserve(B, 100);
    assertEquals(101, ofB.first());
    assertEquals(new IdsTaken(201, 203, 0), cluster.apply(outOf(ofA, 5, 3)), "new ones instead");
    IdsTaken late = cluster.apply(IdsTaken.class, outOf(ofB, 101, 1));
    assertEquals(204, late.first(), "ids through the log outdate every block");
  }

  @Test
  void anOwnerThatComesBackDoesNotMakeItsOldBlockGoodAgain() {
    IdsReserved before = reserve(A, 100);
    reserve(B, 100);
    IdsReserved after = reserve(A, 100);
    assertTrue(after.since() > before.since());
    assertEquals(new IdsTaken(301, 301, 0), cluster.apply(outOf(before, 5, 1)));
  }

  @Test
  void onlyABlockAndItsLogTakeARevision() {
    long before = cluster.revision();
    IdsReserved block = reserve(A, 10);
    assertEquals(before + 1, cluster.revision());
    cluster.apply(outOf(block, 3, 2));
    assertEquals(before + 1, cluster.revision(), "ids of a block change nothing");
    take(5);
    assertEquals(before + 2, cluster.revision());
    assertEquals(
        List.of(new Event.OfNumber(before + 2, 0, NumberKind.SEQUENCE, b("order"), 16)),
        cluster.events(before + 2));
  }

  @Test
  void aRetryGetsTheIdsOfTheFirst() {
    IdsReserved block = reserve(A, 100);
    Applied first = cluster.submit("key", new TakeIds(b("order"), 3, false));
    assertEquals(new IdsTaken(101, 103, 0), first.result());
    reserve(B, 100);
    Applied again = cluster.submit("key", new TakeIds(b("order"), 3, false));
    assertEquals(first.result(), again.result());
    assertTrue(again.replayed());
    assertEquals(204, take(1).first(), "the block of B was not touched");
    assertTrue(block.end() < 204);
  }

  @Test
  void stampsRiseWithTheIdsAcrossOwners() {
    IdsReserved a = cluster.apply(IdsReserved.class, new ReserveIds(b("order"), 10, A, 5_000));
    assertEquals(1, a.stampFirst());
    assertEquals(5_000, a.stampEnd());
    IdsTaken inside =
        cluster.apply(IdsTaken.class, new TakeIds(b("order"), 2, true, a.since(), 1, 4_998));
    assertEquals(4_998, inside.stampFirst());
    IdsReserved b = cluster.apply(IdsReserved.class, new ReserveIds(b("order"), 10, B, 4_000));
    assertEquals(5_000, b.stampFirst(), "the clock of B is behind: its time begins where A's ends");
    assertEquals(5_000, b.stampEnd());
    IdsTaken beyond =
        cluster.apply(IdsTaken.class, new TakeIds(b("order"), 2, true, b.since(), 11, 5_000));
    assertEquals(5_000, beyond.stampFirst());
    assertEquals(21, beyond.first(), "time that was not reserved is not given out of a block");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertInstanceOf(KeyLengthInvalid.class, cluster.apply(new TakeIds(b(""), 1, false)));
    cluster.apply(new ReserveIds(b("order"), Sequence.END - 2, A, 0));
    assertEquals(new IdsExhausted(), cluster.apply(new TakeIds(b("order"), 2, false)));
    assertEquals(Sequence.END - 1, take(1).first());
    assertEquals(new IdsExhausted(), cluster.apply(new TakeIds(b("order"), 1, false)));
  }

  @Test
  void aFenceOnlyRises() {
    long before = cluster.revision();
    assertEquals(new FenceAdvanced(47, true), cluster.apply(new AdvanceFence(b("s3"), 47)));
    assertEquals(before + 1, cluster.revision());
    assertEquals(new FenceAdvanced(47, false), cluster.apply(new AdvanceFence(b("s3"), 47)));
    assertEquals(new StaleFence(46, 47), cluster.apply(new AdvanceFence(b("s3"), 46)));
    assertEquals(before + 1, cluster.revision(), "nothing changed");
    assertEquals(47, cluster.view().fence(b("s3")));
    assertEquals(0, cluster.view().fence(b("other")));
  }

  @Test
  void transactionsAskFences() {
    cluster.apply(new AdvanceFence(b("s3"), 47));
    assertInstanceOf(TxnDone.class, cluster.apply(when("s3", Operator.EQUAL, 47)));
    assertInstanceOf(ConditionsFalse.class, cluster.apply(when("s3", Operator.LESS, 47)));
    assertInstanceOf(TxnDone.class, cluster.apply(when("never", Operator.EQUAL, 0)));
  }

  private static Txn when(String fence, Operator operator, long token) {
    Compare condition = new Compare.FenceAt(b(fence), token, operator);
    return new Txn(new Transaction(List.of(condition), List.of(), null), List.of());
  }
}
