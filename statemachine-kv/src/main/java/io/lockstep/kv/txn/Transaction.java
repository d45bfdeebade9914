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

  /** Whether some branch may make the state grow. */
  public boolean grows() {
    return grows(then) || otherwise != null && grows(otherwise);
  }

  private static boolean grows(List<Operation> operations) {
    for (Operation operation : operations) {
      boolean one =
          switch (operation) {
            case Operation.Put put -> true;
            case Operation.Add add -> true;
            case Operation.Get get -> false;
            case Operation.Delete delete -> false;
            case Operation.Nested(Transaction inner) -> inner.grows();
          };
      if (one) {
        return true;
      }
    }
    return false;
  }
}
