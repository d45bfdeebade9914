package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ConditionsFalse;
import io.lockstep.kv.result.Failure.DuplicateKey;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.OperationRefused;
import io.lockstep.kv.result.Failure.RevisionUnreadable;
import io.lockstep.kv.result.Failure.TxnTooLarge;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.Success;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.result.TxnBound;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Contract 4: transactions, with a full copy of the keys taken before each. */
final class ModelTxns {
  private final Model model;
  private TreeMap<Bytes, KeyRecord> before = new TreeMap<>();
  private Set<LeaseId> runningBefore = new TreeSet<>();
  private long compared;
  private long deleted;
  private long read;

  ModelTxns(Model model) {
    this.model = model;
  }

  Result run(Txn txn) {
    Bytes twice = twice(txn.transaction());
    if (twice != null) {
      return new DuplicateKey(twice);
    }
    Failure guard = model.keys.firstFailure(txn.guards(), new Always(), null, false);
    if (guard != null) {
      return guard;
    }
    before = new TreeMap<>(model.keys.records);
    Runnable leasesBefore = model.leases.remembered();
    runningBefore = new TreeSet<>(model.leases.running.keySet());
    compared = 0;
    deleted = 0;
    read = 0;
    Result result = run(txn.transaction(), true);
    if (result instanceof Failure) {
      model.keys.records.clear();
      model.keys.records.putAll(before);
      model.history.forget();
      leasesBefore.run();
    }
    return result;
  }

  private Result run(Transaction transaction, boolean outermost) {
    for (int i = 0; i < transaction.conditions().size(); i++) {
      Boolean holds = holds(transaction.conditions().get(i));
      if (holds == null) {
        return new TxnTooLarge(TxnBound.KEYS_COMPARED, 10_000);
      }
      if (!holds) {
        List<Operation> otherwise = transaction.otherwise();
        if (otherwise == null && outermost) {
          return new ConditionsFalse(i);
        }
        return branch(false, otherwise == null ? List.of() : otherwise);
      }
    }
    return branch(true, transaction.then());
  }

  private Result branch(boolean then, List<Operation> operations) {
    List<Success> results = new ArrayList<>();
    for (Operation operation : operations) {
      Result result = execute(operation);
      if (result instanceof Failure failure) {
        return new OperationRefused(then, results.size(), failure);
      }
      results.add((Success) result);
    }
    return new TxnDone(then, results);
  }

  private Result execute(Operation operation) {
    return switch (operation) {
      case Operation.Put put ->
          model.keys.put(
              new Put(
                  put.key(),
                  put.value(),
                  put.contentType(),
                  put.lease(),
                  new Always(),
                  List.of(),
                  false));
      case Operation.Add add ->
          model.keys.add(new Add(add.key(), add.delta(), new Always(), List.of(), false));
      case Operation.Get get -> get(get);
      case Operation.Delete delete -> delete(delete);
      case Operation.Find find -> find(find.query());
      case Operation.Rewrite rewrite -> rewrite(rewrite);
      case Operation.Nested nested -> run(nested.transaction(), false);
    };
  }

  private Result get(Operation.Get get) {
    List<KeyRecord> all = within(model.keys.records, get.range());
    List<KeyRecord> found = new ArrayList<>();
    for (KeyRecord record : all.subList(0, Math.min(all.size(), get.limit()))) {
      KeyRecord shown =
          get.keysOnly()
              ? new KeyRecord(record.key(), Bytes.EMPTY, record.contentType(), record.meta())
              : record;
      read += ModelKeys.weight(shown);
      if (read > 1 << 20) {
        return new TxnTooLarge(TxnBound.ANSWER_BYTES, 1 << 20);
      }
      found.add(shown);
    }
    return new RecordsFound(found, all.size(), all.size() > found.size());
  }

  private Result find(KeyQuery query) {
    Map<Bytes, KeyRecord> records = model.keys.records;
    if (query.revision() > 0) {
      Map<Bytes, KeyRecord> then = model.history.keysAt(query.revision());
      if (then == null) {
        return new RevisionUnreadable(
            query.revision(), model.history.oldest(), model.history.revision());
      }
      records = then;
    }
    List<KeyRecord> all = within(records, query.range());
    if (query.countOnly()) {
      return new RecordsFound(List.of(), all.size(), false);
    }
    List<KeyRecord> kept = new ArrayList<>();
    for (KeyRecord record : all) {
      // Without an order one more than the limit is looked at, and only those are put in order.
      boolean enough =
          query.order() == KeyQuery.Order.NONE
              && query.bounds().equals(KeyQuery.Bounds.NONE)
              && query.limit() > 0
              && kept.size() > query.limit();
      if (!enough && within(query.bounds(), record.meta())) {
        kept.add(record);
      }
    }
    kept.sort(
        (one, other) ->
            query.order() == KeyQuery.Order.DESCENDING
                ? order(query.target(), other, one)
                : order(query.target(), one, other));
    List<KeyRecord> found = new ArrayList<>();
    for (KeyRecord record : kept) {
      if (query.limit() > 0 && found.size() == query.limit()) {
        break;
      }
      found.add(
          query.keysOnly()
              ? new KeyRecord(record.key(), Bytes.EMPTY, record.contentType(), record.meta())
              : record);
    }
    read += found.stream().mapToLong(ModelKeys::weight).sum();
    return read > 1 << 20
        ? new TxnTooLarge(TxnBound.ANSWER_BYTES, 1 << 20)
        : new RecordsFound(found, all.size(), kept.size() > found.size());
  }

  private static boolean within(KeyQuery.Bounds bounds, KeyMeta meta) {
    return (bounds.modMin() == 0 || bounds.modMin() <= meta.modRevision())
        && (bounds.modMax() == 0 || bounds.modMax() >= meta.modRevision())
        && (bounds.createMin() == 0 || bounds.createMin() <= meta.createRevision())
        && (bounds.createMax() == 0 || bounds.createMax() >= meta.createRevision());
  }

  private static int order(KeyQuery.Target target, KeyRecord one, KeyRecord other) {
    return switch (target) {
      case KEY -> one.key().compareTo(other.key());
      case VERSION -> Long.compare(one.meta().version(), other.meta().version());
      case CREATE_REVISION ->
          Long.compare(one.meta().createRevision(), other.meta().createRevision());
      case MOD_REVISION -> Long.compare(one.meta().modRevision(), other.meta().modRevision());
      case VALUE -> one.value().compareTo(other.value());
    };
  }

  private Result rewrite(Operation.Rewrite rewrite) {
    KeyRecord old = model.keys.records.get(rewrite.key());
    if (old == null) {
      return new KeyNotFound();
    }
    Operation.Content value = rewrite.value();
    return model.keys.put(
        new Put(
            rewrite.key(),
            value == null ? old.value() : value.bytes(),
            value == null ? old.contentType() : value.type(),
            rewrite.lease(),
            new Always(),
            List.of(),
            false));
  }

  private Result delete(Operation.Delete delete) {
    List<KeyRecord> all = within(model.keys.records, delete.range());
    long count = delete.limit() == 0 ? all.size() : Math.min(all.size(), delete.limit());
    deleted += count;
    if (deleted > model.limits.keysOfRangeDeleteMax()) {
      return new TxnTooLarge(TxnBound.KEYS_DELETED, model.limits.keysOfRangeDeleteMax());
    }
    for (int i = 0; i < count; i++) {
      model.keys.remove(all.get(i).key(), KeyChange.DELETE);
    }
    return new KeysDeleted(count, count < all.size());
  }

  private static List<KeyRecord> within(Map<Bytes, KeyRecord> records, KeyRange range) {
    return records.values().stream().filter(record -> range.contains(record.key())).toList();
  }

  /** Null when too many keys would be looked at. */
  private @Nullable Boolean holds(Compare condition) {
    return switch (condition) {
      case Compare.Keys keys -> {
        List<KeyRecord> all = within(before, keys.range());
        compared += all.size();
        if (compared > 10_000) {
          yield null;
        }
        yield all.isEmpty() ? holds(keys, null) : all.stream().allMatch(one -> holds(keys, one));
      }
      case Compare.Existence existence ->
          within(before, existence.range()).isEmpty() != existence.exists();
      case Compare.LockHeld(LockGuard guard) -> {
        ModelLocks.Lock lock = model.locks.byName.get(LockName.lock(guard.name()));
        yield lock != null && lock.find(grant -> grant.token() == guard.token()) != null;
      }
      case Compare.FenceAt(Bytes fence, long token, Operator operator) -> {
        int side = Long.compare(model.ids.fences.getOrDefault(fence, 0L), token);
        yield switch (operator) {
          case EQUAL -> side == 0;
          case NOT_EQUAL -> side != 0;
          case LESS -> side < 0;
          case GREATER -> side > 0;
        };
      }
      case Compare.LeaseAlive alive -> runningBefore.contains(alive.lease()) == alive.alive();
    };
  }

  private static boolean holds(Compare.Keys compared, @Nullable KeyRecord record) {
    return switch (compared.operand()) {
      case Operand.ModRevision of ->
          holds(
              compared.operator(), record == null ? 0 : record.meta().modRevision(), of.revision());
      case Operand.CreateRevision of ->
          holds(
              compared.operator(),
              record == null ? 0 : record.meta().createRevision(),
              of.revision());
      case Operand.Version of ->
          holds(compared.operator(), record == null ? 0 : record.meta().version(), of.version());
      case Operand.Value of ->
          record != null && holds(compared.operator(), record.value().compareTo(of.value()), 0);
      case Operand.OfLease of ->
          holds(
              compared.operator(),
              order(record == null ? null : record.meta().lease(), of.lease()),
              0);
    };
  }

  private static int order(@Nullable LeaseId one, @Nullable LeaseId other) {
    if (one == null || other == null) {
      return Boolean.compare(one != null, other != null);
    }
    return one.compareTo(other);
  }

  private static boolean holds(Operator operator, long left, long right) {
    return switch (operator) {
      case EQUAL -> left == right;
      case NOT_EQUAL -> left != right;
      case LESS -> left < right;
      case GREATER -> left > right;
    };
  }

  /** A write as far as it can be told before it is done. */
  private record Write(KeyRange range, boolean put) {}

  /** Contract 1: a key changes once at one revision. Looks at every pair of a branch's writes. */
  private static @Nullable Bytes twice(Transaction transaction) {
    TreeSet<Bytes> keys = new TreeSet<>();
    addTwice(keys, transaction);
    return keys.isEmpty() ? null : keys.first();
  }

  private static void addTwice(Set<Bytes> keys, Transaction transaction) {
    addTwice(keys, transaction.then());
    List<Operation> otherwise = transaction.otherwise();
    if (otherwise != null) {
      addTwice(keys, otherwise);
    }
  }

  private static void addTwice(Set<Bytes> keys, List<Operation> operations) {
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i) instanceof Operation.Nested(Transaction inner)) {
        addTwice(keys, inner);
      }
      for (int j = 0; j < i; j++) {
        for (Write one : writes(operations.get(i))) {
          for (Write other : writes(operations.get(j))) {
            if (one.put() && other.range().contains(one.range().from())) {
              keys.add(one.range().from());
            }
            if (other.put() && one.range().contains(other.range().from())) {
              keys.add(other.range().from());
            }
          }
        }
      }
    }
  }

  private static List<Write> writes(Operation operation) {
    return switch (operation) {
      case Operation.Put put -> List.of(new Write(KeyRange.of(put.key()), true));
      case Operation.Add add -> List.of(new Write(KeyRange.of(add.key()), true));
      case Operation.Rewrite one -> List.of(new Write(KeyRange.of(one.key()), true));
      case Operation.Get get -> List.of();
      case Operation.Find find -> List.of();
      case Operation.Delete delete -> List.of(new Write(delete.range(), false));
      case Operation.Nested(Transaction inner) -> {
        List<Write> all = new ArrayList<>();
        inner.then().forEach(one -> all.addAll(writes(one)));
        List<Operation> otherwise = inner.otherwise();
        if (otherwise != null) {
          otherwise.forEach(one -> all.addAll(writes(one)));
        }
        yield all;
      }
    };
  }
}
