package io.lockstep.raft.sim.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.check.RegisterModel.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LinearizabilityTest {
  @TestFactory
  Stream<DynamicTest> everyKnownHistoryGetsItsVerdict() {
    List<KnownHistory> histories = KnownHistory.all();
    assertTrue(histories.size() >= 22, "histories.json was read whole");
    return histories.stream().map(h -> DynamicTest.dynamicTest(h.toString(), () -> agree(h)));
  }

  private static void agree(KnownHistory history) {
    RegisterModel model = new RegisterModel(history.initial());
    Verdict realTime = Linearizability.check(model, history.operations());
    assertEquals(history.linearizable(), realTime.isLegal(), () -> "linearizable: " + realTime);
    Verdict program = Linearizability.checkSequential(model, history.operations());
    assertEquals(history.sequential(), program.isLegal(), () -> "sequential: " + program);
  }

  /** The search agrees with trying every order of every subset of the unknown calls. */
  @Test
  void agreesWithTryingEveryOrder() {
    int legal = 0;
    for (long seed = 0; seed < 3_000; seed++) {
      List<Operation<Call, String>> history = small(new SplittableRandom(seed));
      RegisterModel model = new RegisterModel("0");
      boolean expected = EveryOrder.explains(model, history);
      legal += expected ? 1 : 0;
      Verdict verdict = Linearizability.check(model, history);
      long shown = seed;
      assertEquals(expected, verdict.isLegal(), () -> "seed " + shown + " " + history + verdict);
    }
    assertTrue(legal > 300 && legal < 2_700, "both verdicts occur often: " + legal);
  }

  private static List<Operation<Call, String>> small(SplittableRandom random) {
    List<Operation<Call, String>> history = new ArrayList<>();
    int size = 2 + random.nextInt(5);
    for (int i = 0; i < size; i++) {
      String value = Integer.toString(random.nextInt(3));
      int kind = random.nextInt(5);
      Call call =
          switch (kind) {
            case 0, 1 -> new Call.Read();
            case 2 -> new Call.Write(value);
            case 3 -> new Call.CompareAndSet(Integer.toString(random.nextInt(3)), value);
            default -> new Call.FetchAndAdd(1);
          };
      String response =
          switch (kind) {
            case 2 -> RegisterModel.OK;
            case 3 -> random.nextBoolean() ? RegisterModel.OK : RegisterModel.ERROR;
            default -> value;
          };
      long invoked = random.nextInt(40);
      boolean lost = kind > 1 && random.nextInt(4) == 0;
      history.add(
          lost
              ? Operation.unknown("c" + i, call, invoked)
              : Operation.answered("c" + i, call, response, invoked, invoked + random.nextInt(20)));
    }
    return history;
  }

  @Test
  void aBoundedSearchSaysThatItDidNotFinish() {
    List<Operation<Call, String>> history = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      history.add(Operation.answered("c" + i, new Call.Write("v" + i), RegisterModel.OK, 0, 100));
    }
    history.add(Operation.answered("r", new Call.Read(), "never written", 200, 210));
    Verdict verdict = Linearizability.check(new RegisterModel("0"), history, 10_000);
    assertInstanceOf(Verdict.Undecided.class, verdict);
  }

  @Test
  void thousandsOfCallsOnManyKeysAreDecidedQuickly() {
    SplittableRandom random = new SplittableRandom(7);
    List<Operation<Call, String>> history = new ArrayList<>();
    long value = 0;
    for (int i = 0; i < 400; i++) {
      long at = i * 10L;
      boolean write = random.nextBoolean();
      value = write ? i : value;
      Call call = write ? new Call.Write(Long.toString(value)) : new Call.Read();
      String response = write ? RegisterModel.OK : Long.toString(value);
      long before = random.nextInt(4);
      long after = 1L + random.nextInt(4);
      history.add(Operation.answered("c" + i % 7, call, response, at - before, at + after));
      if (i % 20 == 0) {
        history.add(Operation.unknown("u" + i, new Call.Write("lost" + i), at));
      }
    }
    assertTrue(Linearizability.check(new RegisterModel("0"), history).isLegal());
  }
}
