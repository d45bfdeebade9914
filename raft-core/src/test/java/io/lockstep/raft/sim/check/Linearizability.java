package io.lockstep.raft.sim.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Decides whether a history is linearizable (Herlihy and Wing): whether its calls can be put in one
 * order that respects real time and explains every response. The search is Wing and Gong's with the
 * memory of Lowe, "Testing for linearizability" (2017): a set of calls already ordered, together
 * with the state they led to, is never tried twice.
 *
 * <p>Linearizability is local (Herlihy and Wing, theorem 1), so a history over many keys is checked
 * a key at a time.
 */
public final class Linearizability {
  /** Enough for some hundred calls on one object with some dozen unknown outcomes. */
  public static final long STEPS_MAX = 2_000_000;

  private Linearizability() {}

  /** The verdict on a history of one object. */
  public static <S, C, R> Verdict check(Model<S, C, R> model, List<Operation<C, R>> history) {
    return check(model, history, STEPS_MAX);
  }

  /**
   * As {@link #check(Model, List)} with a bound on the effort: {@link Verdict.Undecided} beyond it.
   */
  public static <S, C, R> Verdict check(
      Model<S, C, R> model, List<Operation<C, R>> history, long stepsMax) {
    return new OrderSearch<>(model, history, Order.REAL_TIME, stepsMax).verdict();
  }

  /** The verdict on a history of many independent objects: legal only if each object's part is. */
  public static <K extends Comparable<K>, S, C, R> Verdict checkEach(
      Model<S, C, R> model, List<Operation<C, R>> history, Function<C, K> key) {
    Map<K, List<Operation<C, R>>> parts = new TreeMap<>();
    for (Operation<C, R> operation : history) {
      parts.computeIfAbsent(key.apply(operation.call()), k -> new ArrayList<>()).add(operation);
    }
    for (Map.Entry<K, List<Operation<C, R>>> part : parts.entrySet()) {
      Verdict verdict = check(model, part.getValue());
      if (verdict instanceof Verdict.Illegal illegal) {
        return new Verdict.Illegal(part.getKey() + ": " + illegal.explanation());
      }
      if (!verdict.isLegal()) {
        return verdict;
      }
    }
    return new Verdict.Legal();
  }

  /**
   * Decides whether a history is sequentially consistent (Lamport 1979): as {@link #check}, but the
   * order need only respect the order in which each client made its own calls.
   */
  public static <S, C, R> Verdict checkSequential(
      Model<S, C, R> model, List<Operation<C, R>> history) {
    return new OrderSearch<>(model, history, Order.PROGRAM, STEPS_MAX).verdict();
  }

  /** Which calls must come before which. */
  enum Order {
    /** A call that returned before another was made comes first. */
    REAL_TIME,
    /** The calls of one client come in the order in which it made them. */
    PROGRAM
  }
}
