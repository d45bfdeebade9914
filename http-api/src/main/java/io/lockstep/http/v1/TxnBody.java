package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A transaction as its JSON says it. */
final class TxnBody {
  private static final int READ_KEYS_DEFAULT = 1_000;
  private static final List<String> OPERANDS =
      List.of("mod_revision", "create_revision", "version", "value", "value_base64", "lease");
  private static final List<String> STEPS = List.of("put", "add", "get", "delete");

  private final LongSupplier nonces;

  private TxnBody(LongSupplier nonces) {
    this.nonces = nonces;
  }

  /** Reads a transaction; {@code nonces} are for the leases that it makes. */
  static Transaction parse(JsonBody json, LongSupplier nonces) {
    return new TxnBody(nonces).transaction(json);
  }

  private Transaction transaction(JsonBody json) {
    List<JsonBody> conditions = json.objects("if", Transaction.ITEMS_MAX);
    List<JsonBody> then = json.objects("then", Transaction.ITEMS_MAX);
    List<JsonBody> otherwise = json.objects("else", Transaction.ITEMS_MAX);
    json.finish();
    if (then == null && otherwise == null) {
      throw JsonBody.missing("then");
    }
    List<Compare> compares = new ArrayList<>();
    if (conditions != null) {
      conditions.forEach(one -> compares.add(compare(one)));
    }
    return new Transaction(
        compares,
        then == null ? List.of() : operations(then),
        otherwise == null ? null : operations(otherwise));
  }

  private static Compare ofFence(JsonBody json) {
    String name = json.text("fence");
    if (name == null || !json.has("token")) {
      throw json.refuse("token", "must be there: a fence is compared with a token");
    }
    Bytes fence = Bytes.utf8(name);
    Keys.requireName(fence);
    return new Compare.FenceAt(fence, json.number("token", 0, 0), operator(json));
  }

  private static Compare compare(JsonBody json) {
    Compare compare;
    if (json.has("lock")) {
      String name = json.text("lock");
      long token = json.number("token", 1, 0);
      if (name == null || token == 0) {
        throw json.refuse("token", "must be there: a lock is compared with a token");
      }
      Bytes lock = Bytes.utf8(name);
      Keys.requireName(lock);
      compare = new Compare.LockHeld(new LockGuard(lock, token));
    } else if (json.has("fence")) {
      compare = ofFence(json);
    } else if (json.has("alive")) {
      boolean alive = json.truth("alive", true);
      compare = new Compare.LeaseAlive(lease(json), alive);
    } else {
      compare = ofKeys(json);
    }
    json.finish();
    return compare;
  }

  private static Compare ofKeys(JsonBody json) {
    Bytes key = json.bytes("key", "key_b64");
    Bytes prefix = json.bytes("prefix", "prefix_b64");
    if ((key == null) == (prefix == null)) {
      throw json.refuse(
          "key", "must be there, or prefix, or lock and token, or lease and alive; and only one");
    }
    if (key != null) {
      Keys.require(key);
    }
    String existence = key != null ? "exists" : "empty";
    KeyRange range = key != null ? KeyRange.of(key) : KeyRange.prefix(prefixOf(json, prefix));
    if (json.has(existence)) {
      boolean told = json.truth(existence, true);
      return new Compare.Existence(range, key != null == told);
    }
    return new Compare.Keys(range, operand(json, existence), operator(json));
  }

  private static Bytes prefixOf(JsonBody json, @Nullable Bytes prefix) {
    if (prefix == null) {
      throw json.refuse("prefix", "must be there");
    }
    return prefix;
  }

  private static Operand operand(JsonBody json, String existence) {
    List<String> given = OPERANDS.stream().filter(json::has).toList();
    if (given.size() != 1) {
      throw json.refuse(
          given.isEmpty() ? existence : given.get(1),
          "one of "
              + existence
              + ", "
              + String.join(", ", OPERANDS)
              + " must be there, and only one");
    }
    return switch (given.getFirst()) {
      case "mod_revision" -> new Operand.ModRevision(json.number("mod_revision", 0, 0));
      case "create_revision" -> new Operand.CreateRevision(json.number("create_revision", 0, 0));
      case "version" -> new Operand.Version(json.number("version", 0, 0));
      case "lease" -> new Operand.OfLease(json.isNull("lease") ? null : lease(json));
      default -> new Operand.Value(value(json));
    };
  }

  private static Operator operator(JsonBody json) {
    String sign = json.text("op");
    if (sign == null) {
      return Operator.EQUAL;
    }
    for (Operator operator : Operator.values()) {
      if (operator.sign().equals(sign)) {
        return operator;
      }
    }
    throw json.refuse("op", "is one of =, !=, <, >");
  }

  private List<Operation> operations(List<JsonBody> steps) {
    List<Operation> operations = new ArrayList<>(steps.size());
    for (JsonBody step : steps) {
      operations.add(operation(step));
      step.finish();
    }
    return operations;
  }

  private Operation operation(JsonBody json) {
    List<String> given =
        STEPS.stream().filter(name -> json.has(name) || json.has(name + "_b64")).toList();
    if (given.size() != 1) {
      throw json.refuse(
          given.isEmpty() ? "put" : given.get(1),
          "one of put, add, get, delete must be there, and only one");
    }
    String step = given.getFirst();
    Bytes key = json.bytes(step, step + "_b64");
    if (key == null) {
      throw json.refuse(step, "must be a key");
    }
    return switch (step) {
      case "put" -> put(json, key);
      case "add" -> {
        Keys.require(key);
        yield new Operation.Add(key, json.integer("delta"));
      }
      case "get" -> get(json, key);
      default -> delete(json, key);
    };
  }

  private Operation put(JsonBody json, Bytes key) {
    Keys.require(key);
    Bytes value = value(json);
    String contentType = json.text("content_type");
    if (contentType != null && Bytes.utf8(contentType).length() > FieldCodec.TEXT_BYTES_MAX) {
      throw json.refuse("content_type", "is longer than " + FieldCodec.TEXT_BYTES_MAX + " bytes");
    }
    return new Operation.Put(
        key, value, contentType == null ? KvPut.guessed(value) : contentType, binding(json));
  }

  private LeaseBinding binding(JsonBody json) {
    boolean keep = json.truth("keep_lease", false);
    long ttl = json.duration("ttl", -1);
    boolean attach = json.has("lease");
    if ((keep ? 1 : 0) + (ttl >= 0 ? 1 : 0) + (attach ? 1 : 0) > 1) {
      throw json.refuse(
          keep ? "keep_lease" : "ttl", "and lease, ttl, keep_lease exclude each other");
    }
    if (attach) {
      return new LeaseBinding.Attach(lease(json));
    }
    if (ttl >= 0) {
      return new LeaseBinding.OwnTtl(ttl, nonces.getAsLong());
    }
    return keep ? new LeaseBinding.KeepLease() : new LeaseBinding.Detach();
  }

  private static Operation get(JsonBody json, Bytes key) {
    if (!json.truth("prefix", false)) {
      Keys.require(key);
      return new Operation.Get(KeyRange.of(key), 1, false);
    }
    long limit = json.number("limit", 1, READ_KEYS_DEFAULT);
    if (limit > Transaction.READ_KEYS_MAX) {
      throw json.refuse("limit", "is at most " + Transaction.READ_KEYS_MAX);
    }
    return new Operation.Get(KeyRange.prefix(key), (int) limit, json.truth("keys", false));
  }

  private static Operation delete(JsonBody json, Bytes key) {
    if (!json.truth("prefix", false)) {
      Keys.require(key);
      return new Operation.Delete(KeyRange.of(key), 0);
    }
    if (key.isEmpty() && !json.truth("all", false)) {
      throw new Rejected(
          Problem.of(
              ProblemCode.PREFIX_IS_EVERYTHING,
              "the empty prefix is every key: add \"all\":true to mean it"));
    }
    return new Operation.Delete(KeyRange.prefix(key), json.number("limit", 1, 0));
  }

  private static Bytes value(JsonBody json) {
    Bytes value = json.bytes("value", "value_base64");
    if (value == null) {
      throw json.refuse("value", "must be there, or value_base64");
    }
    return value;
  }

  private static LeaseId lease(JsonBody json) {
    String text = json.text("lease");
    LeaseId id = text == null ? null : LeaseId.parse(text);
    if (id == null) {
      throw json.refuse("lease", "is not the id of a lease");
    }
    return id;
  }
}
