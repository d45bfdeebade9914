package io.lockstep.kv.txn;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Conditions, and what is done when all hold, else what is done instead: all of it or nothing, at
 * one revision.
 *
 * @param otherwise null when there is nothing to do instead: then conditions that do not hold are a
 *     failure
 */
public record Transaction(
    List<Compare> conditions, List<Operation> then, @Nullable List<Operation> otherwise) {
  /** The most conditions, and the most operations of one branch. Part of the format. */
  public static final int ITEMS_MAX = 256;

  /** The most operations in all branches together. Part of the format. */
  public static final int OPERATIONS_MAX = 1_024;

  /** How deep transactions may lie in one another. Part of the format. */
  public static final int DEPTH_MAX = 8;

  /** The most keys that comparisons of ranges may look at. Part of the format. */
  public static final int COMPARED_KEYS_MAX = 10_000;

  /** The most bytes of keys and values that the answer may hold. Part of the format. */
  public static final int ANSWER_BYTES_MAX = 1 << 20;

  /** The most keys that one operation may read. Part of the format. */
  public static final int READ_KEYS_MAX = 10_000;

  public Transaction {
    conditions = List.copyOf(conditions);
    then = List.copyOf(then);
    otherwise = otherwise == null ? null : List.copyOf(otherwise);
  }

  /**
   * Whether it removes and does nothing that could make the state grow: such a transaction is let
   * in when there is no more room. One that only reads is not: its entry takes room and gives none.
   */
  public boolean onlyRemoves() {
    boolean grows = anyPut(then) || otherwise != null && anyPut(otherwise);
    return !grows && (anyDelete(then) || otherwise != null && anyDelete(otherwise));
  }

  private static boolean anyPut(List<Operation> operations) {
    for (Operation operation : operations) {
      boolean one =
          switch (operation) {
            case Operation.Put put -> true;
            case Operation.Add add -> true;
            case Operation.Rewrite rewrite -> true;
            case Operation.Get get -> false;
            case Operation.Find find -> false;
            case Operation.Delete delete -> false;
            case Operation.Nested(Transaction(var conditions, var then, var otherwise)) ->
                anyPut(then) || otherwise != null && anyPut(otherwise);
          };
      if (one) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyDelete(List<Operation> operations) {
    for (Operation operation : operations) {
      boolean one =
          operation instanceof Operation.Delete
              || operation instanceof Operation.Nested nested && nested.transaction().onlyRemoves();
      if (one) {
        return true;
      }
    }
    return false;
  }
}
