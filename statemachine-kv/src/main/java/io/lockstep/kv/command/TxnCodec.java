package io.lockstep.kv.command;

import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The binary encoding of transactions: part of that of commands, and total like it. */
final class TxnCodec {
  private final ByteReader in;
  private int operations;

  private TxnCodec(ByteReader in) {
    this.in = in;
  }

  static void write(ByteWriter out, Transaction transaction) {
    out.varint(transaction.conditions().size());
    transaction.conditions().forEach(condition -> write(out, condition));
    write(out, transaction.then());
    List<Operation> otherwise = transaction.otherwise();
    out.bool(otherwise != null);
    if (otherwise != null) {
      write(out, otherwise);
    }
  }

  static Transaction read(ByteReader in) {
    return new TxnCodec(in).transaction(1);
  }

  private Transaction transaction(int depth) {
    if (depth > Transaction.DEPTH_MAX) {
      throw new Malformed("transactions lie deeper in one another than " + Transaction.DEPTH_MAX);
    }
    int count = FieldCodec.count(in, Transaction.ITEMS_MAX);
    List<Compare> conditions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      conditions.add(compare());
    }
    List<Operation> then = operations(depth);
    return new Transaction(conditions, then, in.bool() ? operations(depth) : null);
  }

  private static void write(ByteWriter out, Compare condition) {
    switch (condition) {
      case Compare.Keys(KeyRange range, Operand operand, Operator operator) -> {
        write(out.u8(0), range);
        write(out, operand);
        out.u8(operator.code());
      }
      case Compare.Existence(KeyRange range, boolean exists) -> {
        write(out.u8(1), range);
        out.bool(exists);
      }
      case Compare.LockHeld(LockGuard guard) -> out.u8(2).bytes(guard.name()).varint(guard.token());
      case Compare.FenceAt(Bytes fence, long token, Operator operator) ->
          out.u8(4).bytes(fence).varint(token).u8(operator.code());
      case Compare.LeaseAlive(LeaseId lease, boolean alive) -> {
        FieldCodec.write(out.u8(3), lease);
        out.bool(alive);
      }
    }
  }

  private Compare compare() {
    int tag = in.u8();
    return switch (tag) {
      case 0 -> new Compare.Keys(range(), operand(), operator());
      case 1 -> new Compare.Existence(range(), in.bool());
      case 2 -> new Compare.LockHeld(new LockGuard(in.bytes(), in.varint()));
      case 3 -> new Compare.LeaseAlive(FieldCodec.leaseId(in), in.bool());
      case 4 -> new Compare.FenceAt(in.bytes(), in.varint(), operator());
      default -> throw new Malformed("unknown condition of a transaction " + tag);
    };
  }

  private static void write(ByteWriter out, Operand operand) {
    switch (operand) {
      case Operand.ModRevision(long revision) -> out.u8(0).varint(revision);
      case Operand.CreateRevision(long revision) -> out.u8(1).varint(revision);
      case Operand.Version(long version) -> out.u8(2).varint(version);
      case Operand.Value(Bytes value) -> out.u8(3).bytes(value);
      case Operand.OfLease(LeaseId lease) -> {
        out.u8(4).bool(lease != null);
        if (lease != null) {
          FieldCodec.write(out, lease);
        }
      }
    }
  }

  private Operand operand() {
    int tag = in.u8();
    return switch (tag) {
      case 0 -> new Operand.ModRevision(in.varint());
      case 1 -> new Operand.CreateRevision(in.varint());
      case 2 -> new Operand.Version(in.varint());
      case 3 -> new Operand.Value(FieldCodec.bytes(in, CommandCodec.VALUE_BYTES_MAX));
      case 4 -> new Operand.OfLease(in.bool() ? FieldCodec.leaseId(in) : null);
      default -> throw new Malformed("unknown operand " + tag);
    };
  }

  private Operator operator() {
    int code = in.u8();
    for (Operator operator : Operator.values()) {
      if (operator.code() == code) {
        return operator;
      }
    }
    throw new Malformed("unknown operator " + code);
  }

  private static void write(ByteWriter out, List<Operation> operations) {
    out.varint(operations.size());
    for (Operation operation : operations) {
      switch (operation) {
        case Operation.Put(Bytes key, Bytes value, String contentType, LeaseBinding lease) -> {
          out.u8(0).bytes(key).bytes(value).text(contentType);
          CommandCodec.write(out, lease);
        }
        case Operation.Add(Bytes key, long delta) -> out.u8(1).bytes(key).i64(delta);
        case Operation.Get(KeyRange range, int limit, boolean keysOnly) -> {
          write(out.u8(2), range);
          out.varint(limit).bool(keysOnly);
        }
        case Operation.Delete(KeyRange range, long limit) -> {
          write(out.u8(3), range);
          out.varint(limit);
        }
        case Operation.Nested(Transaction inner) -> write(out.u8(4), inner);
        case Operation.Find(KeyQuery query) -> KeyQueryCodec.write(out.u8(5), query);
        case Operation.Rewrite(Bytes key, Operation.Content value, LeaseBinding lease) -> {
          out.u8(6).bytes(key).bool(value != null);
          if (value != null) {
            out.bytes(value.bytes()).text(value.type());
          }
          CommandCodec.write(out, lease);
        }
      }
    }
  }

  private List<Operation> operations(int depth) {
    int count = FieldCodec.count(in, Transaction.ITEMS_MAX);
    operations += count;
    if (operations > Transaction.OPERATIONS_MAX) {
      throw new Malformed("a transaction of more than " + Transaction.OPERATIONS_MAX + " steps");
    }
    List<Operation> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(operation(depth));
    }
    return list;
  }

  private Operation operation(int depth) {
    int tag = in.u8();
    return switch (tag) {
      case 0 ->
          new Operation.Put(
              in.bytes(),
              FieldCodec.bytes(in, CommandCodec.VALUE_BYTES_MAX),
              FieldCodec.text(in),
              CommandCodec.readBinding(in));
      case 1 -> new Operation.Add(in.bytes(), in.i64());
      case 2 ->
          new Operation.Get(
              range(), (int) FieldCodec.number(in, Transaction.READ_KEYS_MAX), in.bool());
      case 3 -> new Operation.Delete(range(), in.varint());
      case 4 -> new Operation.Nested(transaction(depth + 1));
      case 5 -> new Operation.Find(KeyQueryCodec.read(in));
      case 6 -> new Operation.Rewrite(in.bytes(), content(), CommandCodec.readBinding(in));
      default -> throw new Malformed("unknown operation " + tag);
    };
  }

  private Operation.@Nullable Content content() {
    return in.bool()
        ? new Operation.Content(
            FieldCodec.bytes(in, CommandCodec.VALUE_BYTES_MAX), FieldCodec.text(in))
        : null;
  }

  /** Whether it has operations that came with the third format of requests. */
  static boolean isOfThirdFormat(Transaction transaction) {
    List<Operation> otherwise = transaction.otherwise();
    return transaction.conditions().stream().anyMatch(Compare.FenceAt.class::isInstance)
        || anyOfThirdFormat(transaction.then())
        || otherwise != null && anyOfThirdFormat(otherwise);
  }

  private static boolean anyOfThirdFormat(List<Operation> operations) {
    for (Operation operation : operations) {
      boolean one =
          switch (operation) {
            case Operation.Put put -> false;
            case Operation.Add add -> false;
            case Operation.Get get -> false;
            case Operation.Delete delete -> false;
            case Operation.Find find -> true;
            case Operation.Rewrite rewrite -> true;
            case Operation.Nested(Transaction inner) -> isOfThirdFormat(inner);
          };
      if (one) {
        return true;
      }
    }
    return false;
  }

  static void write(ByteWriter out, KeyRange range) {
    Bytes end = range.end();
    out.bytes(range.from()).bool(end != null);
    if (end != null) {
      out.bytes(end);
    }
  }

  private KeyRange range() {
    return range(in);
  }

  static KeyRange range(ByteReader in) {
    Bytes from = in.bytes();
    @Nullable Bytes end = in.bool() ? in.bytes() : null;
    return new KeyRange(from, end);
  }
}
