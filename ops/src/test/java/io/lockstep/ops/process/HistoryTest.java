package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.raft.sim.check.LockSafety;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import io.lockstep.raft.sim.check.Violation;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run's verdict can be bad: each thing that a service could do wrong is found in a history. */
class HistoryTest {
  private static final Frame PUT_A = new Frame(2, List.of(Change.put("k", "a")));
  private static final Frame PUT_B = new Frame(3, List.of(Change.put("k", "b")));
  private static final Frame ONE = new Frame(4, List.of(Change.put("n", "1 by c-1")));
  private static final Frame TWO = new Frame(5, List.of(Change.put("n", "2 by c-2")));

  private final History history = new History();

  @Test
  void aHistoryWithoutFaultIsLegal() {
    goodHistory();
    assertDoesNotThrow(history::check);
  }

  @Test
  void aStaleReadIsFound() {
    goodHistory();
    history.add(operation(new Call.Get("k"), new Response.Found("a", 2, 1), 50, 60));
    assertViolates("histories are linearizable");
  }

  @Test
  void aLostWriteIsFound() {
    goodHistory();
    history.add(operation(new Call.Get("k"), new Response.Missing(), 50, 60));
    assertViolates("histories are linearizable");
  }

  @Test
  void aWriteThatIsSeenAndThenUnseenIsFound() {
    goodHistory();
    history.add(Operation.unknown("x", put("k", "c"), 45));
    history.add(operation(new Call.Get("k"), new Response.Found("c", 6, 3), 50, 60));
    history.add(operation(new Call.Get("k"), new Response.Found("b", 3, 2), 70, 80));
    assertViolates("histories are linearizable");
  }

  @Test
  void aWriteWithoutAnAnswerMayTakeEffectOrNot() {
    goodHistory();
    history.add(Operation.unknown("x", put("k", "c"), 45));
    history.add(operation(new Call.Get("k"), new Response.Found("b", 3, 2), 70, 80));
    assertDoesNotThrow(history::check);
  }

  @Test
  void aChangeThatOneWatcherMissedIsFound() {
    goodHistory();
    history.add(watcher("late", PUT_A, ONE, TWO));
    assertViolates("watches are complete and in order");
  }

  @Test
  void aChangeThatCameTwiceIsFound() {
    goodHistory();
    history.add(watcher("twice", PUT_A, PUT_B, PUT_B, ONE, TWO));
    assertViolates("watches are complete and in order");
  }

  @Test
  void nodesThatTellDifferentChangesAreFound() {
    goodHistory();
    history.add(watcher("other", PUT_A, new Frame(3, List.of(Change.put("k", "z"))), ONE, TWO));
    assertViolates("all nodes tell the same changes");
  }

  @Test
  void aMarkThatOvertakesAChangeIsFound() {
    goodHistory();
    history.add(new Watcher("marked", 2, change -> true, List.of(PUT_A), 3));
    assertViolates("watches are complete and in order");
  }

  @Test
  void anAcknowledgedWriteThatNoWatcherWasToldIsFound() {
    goodHistory();
    history.add(operation(put("other", "z"), new Response.Written(9), 50, 60));
    assertViolates("what is acknowledged is told to watchers");
  }

  @Test
  void anIncrementThatCountedTwiceIsFound() {
    goodHistory(new Frame(6, List.of(Change.put("n", "3 by c-2"))));
    assertViolates("exactly once");
  }

  @Test
  void aCountThatIsNotOneMoreIsFound() {
    goodHistory(new Frame(6, List.of(Change.put("n", "2 by c-3"))));
    history.add(new History.KeyedAnswer("c-3", "n", 6));
    assertViolates("each increment counts once");
  }

  @Test
  void anIncrementWithoutEffectIsFound() {
    goodHistory();
    history.add(new History.KeyedAnswer("c-3", "n", 7));
    assertViolates("no acknowledged write is lost");
  }

  @Test
  void aRetryWithAnotherAnswerIsFound() {
    goodHistory();
    history.add(new History.KeyedAnswer("c-2", "n", 6));
    assertViolates("a retry gets the first answer");
  }

  @Test
  void aRefusedIncrementWithAnEffectIsFound() {
    goodHistory(new Frame(6, List.of(Change.put("n", "3 by c-3"))));
    history.add(new History.KeyedAnswer("c-3", "n", 0));
    assertViolates("what is refused has no effect");
  }

  @Test
  void aTokenThatFallsIsFound() {
    goodHistory();
    history.add(new LockSafety.Grant("lock", 7, "x", 10, 20, 30));
    history.add(new LockSafety.Grant("lock", 6, "y", 40, 50, 60));
    assertViolates("tokens rise");
  }

  @Test
  void twoHoldersAtOneTimeAreFound() {
    goodHistory();
    history.add(new LockSafety.Grant("lock", 6, "x", 10, 20, 60));
    history.add(new LockSafety.Grant("lock", 7, "y", 30, 40, 80));
    assertViolates("one holder at a time");
  }

  @Test
  void aWriteUnderAnOutdatedTokenIsFound() {
    goodHistory();
    history.add(new LockSafety.GuardedWrite("lock", 7, 10));
    history.add(new LockSafety.GuardedWrite("lock", 6, 11));
    assertViolates("no write under an outdated token");
  }

  /** Two puts, a read, two increments, and a watcher that saw it all. */
  private void goodHistory(Frame... more) {
    history.add(operation(put("k", "a"), new Response.Written(2), 0, 10));
    history.add(operation(put("k", "b"), new Response.Written(3), 20, 30));
    history.add(operation(new Call.Get("k"), new Response.Found("b", 3, 2), 32, 40));
    history.add(new History.KeyedAnswer("c-1", "n", 4));
    history.add(new History.KeyedAnswer("c-2", "n", 5));
    List<Frame> frames = new ArrayList<>(List.of(PUT_A, PUT_B, ONE, TWO));
    frames.addAll(List.of(more));
    history.add(watcher("first", frames.toArray(Frame[]::new)));
  }

  private void assertViolates(String property) {
    Violation found = assertThrows(Violation.class, history::check);
    assertEquals(property, found.property(), found::getMessage);
  }

  private static Watcher watcher(String name, Frame... frames) {
    return new Watcher(name, 2, change -> true, List.of(frames), 0);
  }

  private static Call put(String key, String value) {
    return new Call.Put(key, value, new Condition.Always());
  }

  private static Operation<Call, Response> operation(
      Call call, Response response, long invoked, long returned) {
    return Operation.answered("x", call, response, invoked, returned);
  }
}
