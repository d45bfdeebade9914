package io.lockstep.kv.random;

import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random transactions about the names that a {@link CommandGenerator} uses. */
final class TxnGenerator {
  private static final int NESTED_MAX = 2;
  private static final List<KeyQuery.Order> ORDERS = List.of(KeyQuery.Order.values());
  private static final List<KeyQuery.Target> TARGETS = List.of(KeyQuery.Target.values());
  private static final List<Operator> OPERATORS = List.of(Operator.values());

  private final SplittableRandom random;
  private final Names names;

  /** What there is to be written and compared. */
  interface Names {
    Bytes key();

    Bytes prefix();

    Operation.Put put();

    Operation.Rewrite rewrite();

    Bytes value();

    long delta();

    long revision();

    LeaseId lease();

    LockGuard guard();
  }

  TxnGenerator(SplittableRandom random, Names names) {
    this.random = random;
    this.names = names;
  }

  Transaction next(int depth) {
    List<Compare> conditions = new ArrayList<>();
    while (random.nextInt(3) > 0 && conditions.size() < 4) {
      conditions.add(compare());
    }
    List<Operation> then = operations(depth);
    return new Transaction(conditions, then, random.nextInt(3) == 0 ? null : operations(depth));
  }

  private List<Operation> operations(int depth) {
    List<Operation> operations = new ArrayList<>();
    while (random.nextInt(4) > 0 && operations.size() < 6) {
      operations.add(operation(depth));
    }
    return operations;
  }

  private Operation operation(int depth) {
    int kind = random.nextInt(20);
    if (kind < 6) {
      return names.put();
    }
    if (kind < 9) {
      return new Operation.Add(names.key(), names.delta());
    }
    if (kind < 12) {
      return new Operation.Get(range(), random.nextInt(5), random.nextBoolean());
    }
    if (kind >= 18) {
      return names.rewrite();
    }
    if (kind >= 16) {
      return new Operation.Find(query());
    }
    if (kind < 15 || depth == NESTED_MAX) {
      KeyRange wide = random.nextBoolean() ? range() : KeyRange.prefix(names.prefix());
      return new Operation.Delete(wide, random.nextBoolean() ? 0 : random.nextInt(3));
    }
    return new Operation.Nested(next(depth + 1));
  }

  private KeyQuery query() {
    return new KeyQuery(
        random.nextBoolean() ? range() : KeyRange.prefix(names.prefix()),
        random.nextInt(3) == 0 ? names.revision() + random.nextInt(2) : 0,
        random.nextInt(-1, 5),
        ORDERS.get(random.nextInt(3)),
        TARGETS.get(random.nextInt(5)),
        new KeyQuery.Bounds(bound(), bound(), bound(), bound()),
        random.nextBoolean(),
        random.nextInt(6) == 0);
  }

  private long bound() {
    return random.nextInt(6) == 0 ? names.revision() : 0;
  }

  private KeyRange range() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> KeyRange.of(names.key());
      case 2 -> KeyRange.prefix(names.prefix());
      case 3 -> new KeyRange(names.key(), names.key());
      default -> new KeyRange(names.key(), null);
    };
  }

  private Compare compare() {
    return switch (random.nextInt(9)) {
      case 0 -> new Compare.Existence(range(), random.nextBoolean());
      case 1 -> new Compare.LockHeld(names.guard());
      case 2 -> new Compare.LeaseAlive(names.lease(), random.nextBoolean());
      case 3 -> {
        Bytes fence = Bytes.utf8("fence-" + random.nextInt(2));
        long token = IdGenerator.tokenOf(random) - 1;
        yield new Compare.FenceAt(fence, token, OPERATORS.get(random.nextInt(4)));
      }
      default -> new Compare.Keys(range(), operand(), OPERATORS.get(random.nextInt(4)));
    };
  }

  private Operand operand() {
    return switch (random.nextInt(6)) {
      case 0 -> new Operand.CreateRevision(names.revision());
      case 1 -> new Operand.Version(random.nextInt(4));
      case 2 -> new Operand.Value(names.value());
      case 3 -> new Operand.OfLease(random.nextBoolean() ? names.lease() : null);
      default -> new Operand.ModRevision(names.revision());
    };
  }
}
