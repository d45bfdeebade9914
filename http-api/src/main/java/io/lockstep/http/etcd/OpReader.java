package io.lockstep.http.etcd;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads etcd's operations, and refuses what etcd refuses before it looks at any state. */
final class OpReader {
  private static final int OPS_MAX = 128;
  private static final List<String> RESULTS = List.of("EQUAL", "GREATER", "LESS", "NOT_EQUAL");
  private static final List<String> TARGETS = List.of("VERSION", "CREATE", "MOD", "VALUE", "LEASE");

  private OpReader() {}

  static EtcdOp.Put put(ProtoJson message) {
    Bytes key = message.bytes("key");
    if (key.isEmpty()) {
      throw new EtcdRefused(EtcdError.KEY_NOT_PROVIDED);
    }
    EtcdOp.Put put =
        new EtcdOp.Put(
            key,
            message.bytes("value"),
            message.number("lease"),
            message.flag("prev_kv"),
            message.flag("ignore_value"),
            message.flag("ignore_lease"));
    if (put.keepValue() && !put.value().isEmpty()) {
      throw new EtcdRefused(EtcdError.VALUE_PROVIDED);
    }
    if (put.keepLease() && put.lease() != 0) {
      throw new EtcdRefused(EtcdError.LEASE_PROVIDED);
    }
    return put;
  }

  static EtcdOp.DeleteRange delete(ProtoJson message) {
    return new EtcdOp.DeleteRange(EtcdRange.range(message), message.flag("prev_kv"));
  }

  static EtcdOp.Txn txn(ProtoJson message) {
    EtcdOp.Txn txn = txn(message, OPS_MAX, 1);
    if (Intervals.overlap(txn.success()) || Intervals.overlap(txn.failure())) {
      throw new EtcdRefused(EtcdError.DUPLICATE_KEY);
    }
    if (steps(txn.transaction()) > Transaction.OPERATIONS_MAX) {
      throw new EtcdRefused(EtcdError.TOO_MANY_OPS);
    }
    return txn;
  }

  private static int steps(Transaction transaction) {
    List<Operation> otherwise = transaction.otherwise();
    return steps(transaction.then()) + (otherwise == null ? 0 : steps(otherwise));
  }

  private static int steps(List<Operation> operations) {
    int sum = operations.size();
    for (Operation operation : operations) {
      sum += operation instanceof Operation.Nested nested ? steps(nested.transaction()) : 0;
    }
    return sum;
  }

  /** Each level takes of what the levels below may have, as etcd counts. */
  private static EtcdOp.Txn txn(ProtoJson message, int opsMax, int depth) {
    List<ProtoJson> compares = message.messages("compare");
    List<ProtoJson> success = message.messages("success");
    List<ProtoJson> failure = message.messages("failure");
    int most = Math.max(compares.size(), Math.max(success.size(), failure.size()));
    if (most > opsMax || depth > Transaction.DEPTH_MAX) {
      throw new EtcdRefused(EtcdError.TOO_MANY_OPS);
    }
    List<Compare> conditions = new ArrayList<>(compares.size());
    for (ProtoJson compare : compares) {
      Compare condition = compare(compare);
      if (condition != null) {
        conditions.add(condition);
      }
    }
    return new EtcdOp.Txn(
        conditions, ops(success, opsMax - most, depth), ops(failure, opsMax - most, depth));
  }

  private static List<EtcdOp> ops(List<ProtoJson> messages, int opsMax, int depth) {
    List<EtcdOp> ops = new ArrayList<>(messages.size());
    for (ProtoJson message : messages) {
      ops.add(op(message, opsMax, depth));
    }
    return ops;
  }

  private static EtcdOp op(ProtoJson message, int opsMax, int depth) {
    ProtoJson range = message.message("request_range");
    ProtoJson put = message.message("request_put");
    ProtoJson delete = message.message("request_delete_range");
    ProtoJson txn = message.message("request_txn");
    if (range != null) {
      return new EtcdOp.Range(EtcdRange.query(range));
    }
    if (put != null) {
      return put(put);
    }
    if (delete != null) {
      return delete(delete);
    }
    if (txn != null) {
      return txn(txn, opsMax, depth + 1);
    }
    throw new EtcdRefused(EtcdError.KEY_NOT_FOUND);
  }

  /** A condition; null for one that always holds. */
  private static @Nullable Compare compare(ProtoJson message) {
    KeyRange range = EtcdRange.range(message);
    Operator operator =
        switch (RESULTS.get(message.oneOf("result", RESULTS))) {
          case "GREATER" -> Operator.GREATER;
          case "LESS" -> Operator.LESS;
          case "NOT_EQUAL" -> Operator.NOT_EQUAL;
          default -> Operator.EQUAL;
        };
    return switch (TARGETS.get(message.oneOf("target", TARGETS))) {
      case "VERSION" -> number(range, operator, message.number("version"), Operand.Version::new);
      case "CREATE" ->
          number(range, operator, message.number("create_revision"), Operand.CreateRevision::new);
      case "MOD" ->
          number(range, operator, message.number("mod_revision"), Operand.ModRevision::new);
      case "LEASE" -> {
        long lease = message.number("lease");
        yield new Compare.Keys(
            range, new Operand.OfLease(lease == 0 ? null : new LeaseId(0, lease)), operator);
      }
      default -> new Compare.Keys(range, new Operand.Value(message.bytes("value")), operator);
    };
  }

  private interface OfNumber {
    Operand of(long number);
  }

  /** What is compared is never negative: with a negative number it is clear how that ends. */
  private static @Nullable Compare number(
      KeyRange range, Operator operator, long number, OfNumber operand) {
    if (number >= 0) {
      return new Compare.Keys(range, operand.of(number), operator);
    }
    return switch (operator) {
      case NOT_EQUAL, GREATER -> null;
      case EQUAL, LESS -> new Compare.Existence(new KeyRange(Bytes.EMPTY, Bytes.EMPTY), true);
    };
  }
}
