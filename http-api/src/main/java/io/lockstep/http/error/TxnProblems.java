package io.lockstep.http.error;

import io.lockstep.http.response.Utf8;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.TxnBound;
import io.lockstep.raft.bytes.Bytes;

/** What a client is told when a transaction or an addition was refused: a total switch. */
final class TxnProblems {
  private TxnProblems() {}

  static Problem of(Failure.OfTransaction failure) {
    return switch (failure) {
      case Failure.NotANumber not ->
          Problem.of(ProblemCode.NOT_A_NUMBER, "the key's value is not a decimal number");
      case Failure.CounterOverflow over ->
          Problem.of(ProblemCode.COUNTER_OVERFLOW, "the sum does not fit into 64 bits")
              .with("value", Long.toString(over.value()));
      case Failure.DuplicateKey twice -> ofDuplicate(twice.key());
      case Failure.ConditionsFalse not ->
          Problem.of(
                  ProblemCode.CONDITIONS_FALSE,
                  "condition " + not.condition() + " does not hold; the first is 0")
              .with("condition", not.condition());
      case Failure.OperationRefused refused ->
          Problems.of(refused.cause(), null)
              .with("branch", refused.then() ? "then" : "else")
              .with("operation", refused.operation());
      case Failure.TxnTooLarge large ->
          Problems.limited(ProblemCode.TRANSACTION_TOO_LARGE, whatOf(large.bound()), large.limit());
    };
  }

  private static String whatOf(TxnBound bound) {
    return switch (bound) {
      case KEYS_COMPARED -> "keys compared by conditions over prefixes";
      case KEYS_DELETED -> "keys deleted by one transaction";
      case ANSWER_BYTES -> "bytes read by one transaction";
    };
  }

  private static Problem ofDuplicate(Bytes key) {
    Problem problem =
        Problem.of(ProblemCode.DUPLICATE_KEY, "a branch writes one key more than once");
    return Utf8.valid(key) ? problem.with("key", key.utf8()) : problem;
  }
}
