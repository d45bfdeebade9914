package io.lockstep.kv;

import static io.lockstep.kv.TestMachine.b;
import static io.lockstep.kv.TestMachine.put;
import static io.lockstep.kv.TestMachine.release;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding.Attach;
import io.lockstep.kv.command.LeaseBinding.Detach;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ConditionsFalse;
import io.lockstep.kv.result.Failure.DuplicateKey;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.OperationRefused;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Failure.TxnTooLarge;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.result.TxnBound;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract 4: transactions, a test for each sentence. */
class ContractTxnTest {
  private final TestMachine cluster = new TestMachine();

  private static Operation.Put set(String key, String value) {
    return new Operation.Put(b(key), b(value), "text/plain", new Detach());
  }

  private static Operation.Get get(String key) {
    return new Operation.Get(KeyRange.of(b(key)), 1, false);
  }

  private static Operation.Delete remove(String prefix) {
    return new Operation.Delete(KeyRange.prefix(b(prefix)), 0);
  }

  private static Compare is(String key, Operand operand, Operator operator) {
    return new Compare.Keys(KeyRange.of(b(key)), operand, operator);
  }

  private static Compare is(String key, Operand operand) {
    return is(key, operand, Operator.EQUAL);
  }

  private static Txn txn(List<Compare> conditions, Operation... then) {
    return new Txn(new Transaction(conditions, List.of(then), null), List.of());
  }

  private boolean holds(Compare condition) {
    Transaction asked = new Transaction(List.of(condition), List.of(), List.of());
    return cluster.apply(TxnDone.class, new Txn(asked, List.of())).then();
  }

  @Test
  void allOperationsShareOneRevisionAndEachHasItsResult() {
    cluster.apply(put("b/1", "x"));
    cluster.apply(put("b/2", "x"));
    Applied applied =
        cluster.submit(
            txn(
                List.of(),
                set("a", "1"),
                new Operation.Add(b("n"), 5),
                get("a"),
                remove("b/"),
                get("none")));
    assertEquals(4, applied.revision());
    List<Result.Success> results = ((TxnDone) applied.result()).results();
    assertEquals(4, ((KeyPut) results.get(0)).meta().modRevision());
    assertEquals(5, ((Result.Added) results.get(1)).value());
    RecordsFound found = (RecordsFound) results.get(2);
    assertEquals(b("1"), found.records().getFirst().value(), "a step sees those before it");
    assertEquals(new KeysDeleted(2, false), results.get(3));
    assertEquals(new RecordsFound(List.of(), 0, false), results.get(4));
    assertEquals(4, cluster.events(4).size(), "one frame for all");
    assertEquals("5", cluster.value("n"));
    assertNull(cluster.value("b/1"));
  }

  @Test
  void aTransactionThatOnlyReadsAdvancesNothing() {
    cluster.apply(put("a", "1"));
    Applied read = cluster.submit(txn(List.of(), get("a")));
    assertEquals(2, read.revision());
    assertEquals(2, cluster.revision());
    cluster.apply(txn(List.of(), remove("none")));
    assertEquals(2, cluster.revision(), "nor does one that deletes nothing");
  }

  @Test
  void theBranchIsChosenByAllConditions() {
    cluster.apply(put("a", "1"));
    Transaction both =
        new Transaction(
            List.of(is("a", new Operand.Version(1)), is("a", new Operand.Value(b("1")))),
            List.of(set("a", "then")),
            List.of(set("a", "else")));
    assertTrue(cluster.apply(TxnDone.class, new Txn(both, List.of())).then());
    assertEquals("then", cluster.value("a"));
    assertEquals(false, cluster.apply(TxnDone.class, new Txn(both, List.of())).then());
    assertEquals("else", cluster.value("a"));
  }

  @Test
  void withoutElseFalseConditionsAreAFailureThatNamesTheFirst() {
    cluster.apply(put("a", "1"));
    Applied refused =
        cluster.submit(
            txn(
                List.of(is("a", new Operand.Version(1)), is("a", new Operand.Version(2))),
                set("a", "2")));
    assertEquals(new ConditionsFalse(1), refused.result());
    assertEquals(2, refused.revision());
    assertEquals("1", cluster.value("a"));
  }

  @Test
  void everyTargetIsComparedByEveryOperator() {
    LeaseId lease = cluster.lease(60_000);
    cluster.apply(put("a", "m"));
    cluster.apply(put("a", "m"));
    cluster.apply(put("on", "x", lease));
    assertTrue(holds(is("a", new Operand.ModRevision(3))));
    assertTrue(holds(is("a", new Operand.CreateRevision(2))));
    assertTrue(holds(is("a", new Operand.CreateRevision(3), Operator.LESS)));
    assertTrue(holds(is("a", new Operand.Version(1), Operator.GREATER)));
    assertTrue(holds(is("a", new Operand.Version(1), Operator.NOT_EQUAL)));
    assertTrue(holds(is("a", new Operand.Value(b("l")), Operator.GREATER)));
    assertTrue(holds(is("a", new Operand.Value(b("n")), Operator.LESS)));
    assertEquals(false, holds(is("a", new Operand.Value(b("m")), Operator.LESS)));
    assertTrue(holds(is("on", new Operand.OfLease(lease))));
    assertTrue(holds(is("a", new Operand.OfLease(null))));
    assertEquals(false, holds(is("on", new Operand.OfLease(null))));
  }

  @Test
  void anAbsentKeyIsAtRevisionZeroAndHasNoValue() {
    assertTrue(holds(is("none", new Operand.ModRevision(0))));
    assertTrue(holds(is("none", new Operand.Version(0))));
    assertTrue(holds(is("none", new Operand.CreateRevision(1), Operator.LESS)));
    assertTrue(holds(is("none", new Operand.OfLease(null))));
    for (Operator operator : Operator.values()) {
      assertEquals(false, holds(is("none", new Operand.Value(b("x")), operator)), operator.name());
    }
  }

  @Test
  void rangesAreEmptyOrEveryKeyInThemIsAsWanted() {
    KeyRange range = KeyRange.prefix(b("r/"));
    assertTrue(holds(new Compare.Existence(range, false)));
    cluster.apply(put("r/1", "x"));
    cluster.apply(put("r/2", "x"));
    assertTrue(holds(new Compare.Existence(range, true)));
    assertTrue(holds(new Compare.Keys(range, new Operand.Version(1), Operator.EQUAL)));
    cluster.apply(put("r/2", "y"));
    assertEquals(
        false, holds(new Compare.Keys(range, new Operand.Version(1), Operator.EQUAL)), "not all");
  }

  @Test
  void conditionsAreOfLocksUnderATokenAndOfLeasesThatRun() {
    LeaseId lease = cluster.lease(60_000);
    long token = cluster.lock("l", lease).token();
    assertTrue(holds(new Compare.LockHeld(new LockGuard(b("l"), token))));
    assertEquals(false, holds(new Compare.LockHeld(new LockGuard(b("l"), token - 1))));
    assertTrue(holds(new Compare.LeaseAlive(lease, true)));
    cluster.apply(release("l", token));
    assertEquals(false, holds(new Compare.LockHeld(new LockGuard(b("l"), token))));
    cluster.apply(new LeaseRevoke(lease));
    assertTrue(holds(new Compare.LeaseAlive(lease, false)));
  }

  @Test
  void aStepThatCannotBeDoneUndoesThoseBeforeIt() {
    LeaseId runs = cluster.lease(60_000);
    LeaseId ended = cluster.lease(60_000);
    cluster.apply(new LeaseRevoke(ended));
    cluster.apply(put("a", "1"));
    long revision = cluster.revision();
    long hash = cluster.view().stateHash();
    Operation.Put onEnded = new Operation.Put(b("z"), b("x"), "text/plain", new Attach(ended));
    Operation.Put onRunning = new Operation.Put(b("y"), b("x"), "text/plain", new Attach(runs));
    OperationRefused refused =
        cluster.apply(
            OperationRefused.class,
            txn(List.of(), set("a", "2"), onRunning, remove("none"), onEnded));
    assertEquals(3, refused.operation());
    assertTrue(refused.then());
    assertInstanceOf(LeaseEnded.class, refused.cause());
    assertEquals("1", cluster.value("a"));
    assertNull(cluster.value("y"));
    assertEquals(revision, cluster.revision());
    assertEquals(0, cluster.view().lease(runs, 10).keyCount());
    assertTrue(hash != cluster.view().stateHash(), "the index has moved on");
    cluster.apply(put("b", "1"));
    assertEquals(1, cluster.events(cluster.revision()).size(), "nothing was left over");
  }

  @Test
  void aKeyIsWrittenOnceAtOneRevision() {
    assertEquals(
        new DuplicateKey(b("a")), cluster.apply(txn(List.of(), set("a", "1"), set("a", "2"))));
    assertEquals(
        new DuplicateKey(b("a")),
        cluster.apply(txn(List.of(), set("a", "1"), new Operation.Add(b("a"), 1))));
    assertEquals(
        new DuplicateKey(b("p/x")), cluster.apply(txn(List.of(), remove("p/"), set("p/x", "2"))));
    assertEquals(
        new DuplicateKey(b("p/x")), cluster.apply(txn(List.of(), set("p/x", "2"), remove("p/"))));
    Transaction apart = new Transaction(List.of(), List.of(set("a", "1")), List.of(set("a", "2")));
    assertInstanceOf(TxnDone.class, cluster.apply(new Txn(apart, List.of())));
    Operation nested = new Operation.Nested(apart);
    assertEquals(new DuplicateKey(b("a")), cluster.apply(txn(List.of(), nested, set("a", "3"))));
    assertInstanceOf(TxnDone.class, cluster.apply(txn(List.of(), remove("p/"), remove("p/"))));
  }

  @Test
  void whatLiesWithinIsJudgedByTheStateBeforeTheWhole() {
    Transaction inner =
        new Transaction(
            List.of(new Compare.Existence(KeyRange.of(b("a")), true)),
            List.of(set("b", "seen")),
            List.of(set("b", "not seen")));
    TxnDone done =
        cluster.apply(TxnDone.class, txn(List.of(), set("a", "1"), new Operation.Nested(inner)));
    assertEquals(false, ((TxnDone) done.results().get(1)).then());
    assertEquals("not seen", cluster.value("b"));
  }

  @Test
  void guardsComeBeforeConditions() {
    LeaseId lease = cluster.lease(60_000);
    long token = cluster.lock("l", lease).token();
    Transaction put = new Transaction(List.of(), List.of(set("a", "1")), null);
    assertInstanceOf(
        StaleToken.class, cluster.apply(new Txn(put, List.of(new LockGuard(b("l"), token - 1)))));
    assertInstanceOf(
        TxnDone.class, cluster.apply(new Txn(put, List.of(new LockGuard(b("l"), token)))));
  }

  @Test
  void aRetryGetsTheFirstAnswerAndNothingIsDoneAgain() {
    Txn txn = txn(List.of(), new Operation.Add(b("n"), 1));
    Applied first = cluster.submit("key", txn);
    Applied again = cluster.submit("key", txn);
    assertTrue(again.replayed());
    assertEquals(first.result(), again.result());
    assertEquals(first.revision(), again.revision());
    assertEquals("1", cluster.value("n"));
  }

  @Test
  void whatItReadsAndRemovesIsBounded() {
    byte[] large = new byte[400 << 10];
    for (int i = 0; i < 3; i++) {
      Operation.Put put = new Operation.Put(b("large/" + i), Bytes.wrap(large), "", new Detach());
      cluster.apply(TxnDone.class, txn(List.of(), put));
    }
    Operation.Get all = new Operation.Get(KeyRange.prefix(b("large/")), 10, false);
    assertEquals(new TxnTooLarge(TxnBound.ANSWER_BYTES, 1 << 20), cause(txn(List.of(), all)));
    Operation.Get names = new Operation.Get(KeyRange.prefix(b("large/")), 10, true);
    assertInstanceOf(TxnDone.class, cluster.apply(txn(List.of(), names)));
    Limits d = Limits.DEFAULT;
    cluster.apply(
        new SetLimits(
            new Limits(
                d.valueBytesMax(),
                d.historyRevisionsMin(),
                d.historyMillisMax(),
                0,
                1_000,
                86_400_000,
                10_000,
                2,
                10_000,
                10_000,
                3_600_000,
                3_000,
                200_000,
                86_400_000,
                60_000,
                4_096,
                10_000)));
    assertEquals(
        new TxnTooLarge(TxnBound.KEYS_DELETED, 2), cause(txn(List.of(), remove("large/"))));
    Operation.Delete two = new Operation.Delete(KeyRange.prefix(b("large/")), 2);
    TxnDone done = cluster.apply(TxnDone.class, txn(List.of(), two));
    assertEquals(new KeysDeleted(2, true), done.results().getFirst());
  }

  @Test
  void comparisonsLookAtSoManyKeys() {
    for (int i = 0; i < 41; i++) {
      List<Operation> puts = new ArrayList<>();
      for (int k = 0; k < 250; k++) {
        puts.add(set("many/" + i + "/" + k, ""));
      }
      cluster.apply(TxnDone.class, new Txn(new Transaction(List.of(), puts, null), List.of()));
    }
    KeyRange range = KeyRange.prefix(b("many/"));
    Compare all = new Compare.Keys(range, new Operand.Version(1), Operator.EQUAL);
    assertEquals(new TxnTooLarge(TxnBound.KEYS_COMPARED, 10_000), cluster.apply(txn(List.of(all))));
    assertTrue(holds(new Compare.Existence(range, true)), "that looks at none");
  }

  /** What a transaction adds counts against the quota before its revision is closed. */
  @Test
  void aQuotaCountsAllStepsTogether() {
    cluster.apply(new SetLimits(Limits.DEFAULT.withQuotaBytes(200_000)));
    List<Operation> puts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      puts.add(set("k" + i, "x".repeat(400)));
    }
    Transaction all = new Transaction(List.of(), puts, null);
    OperationRefused refused = cluster.apply(OperationRefused.class, new Txn(all, List.of()));
    assertInstanceOf(Failure.QuotaExceeded.class, refused.cause());
    assertEquals(1, cluster.revision());
  }

  private Failure cause(Txn txn) {
    return cluster.apply(OperationRefused.class, txn).cause();
  }
}
