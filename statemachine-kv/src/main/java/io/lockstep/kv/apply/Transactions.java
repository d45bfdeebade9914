package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ConditionsFalse;
import io.lockstep.kv.result.Failure.DuplicateKey;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.OperationRefused;
import io.lockstep.kv.result.Failure.RevisionUnreadable;
import io.lockstep.kv.result.Failure.TxnTooLarge;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.Success;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.result.TxnBound;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.kv.txn.TxnEvaluator;
import io.lockstep.kv.txn.TxnEvaluator.Facts;
import io.lockstep.kv.txn.TxnEvaluator.Verdict;
import io.lockstep.kv.txn.Writes;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * Executes one transaction. It is refused by the first that fails of: no key written twice, guards,
 * conditions, operations in order; then nothing of it is done.
 */
final class Transactions {
  private final Draft draft;
  private final TxnEvaluator evaluator;
  private long deletesLeft;
  private long answerBytesLeft = Transaction.ANSWER_BYTES_MAX;

  private Transactions(Draft draft) {
    this.draft = draft;
    this.evaluator = new TxnEvaluator(draft.keys, facts(draft));
    this.deletesLeft = draft.limits.keysOfRangeDeleteMax();
  }

  static Result run(Draft draft, Txn command) {
    Bytes twice = Writes.twice(command.transaction());
    if (twice != null) {
      return new DuplicateKey(twice);
    }
    Failure refusal = KeyChanges.guardRefusal(draft, command.guards());
    if (refusal != null) {
      return refusal;
    }
    Draft.Mark before = draft.mark();
    Result result = new Transactions(draft).run(command.transaction(), true);
    if (result instanceof Failure) {
      draft.rollBack(before);
    }
    return result;
  }

  /** The facts of the state as it is now. */
  private static Facts facts(Draft draft) {
    LeaseTable leases = draft.leases;
    return new Facts() {
      @Override
      public boolean holds(LockGuard guard) {
        return draft.rules.holds(guard, draft.locks.get(LockName.lock(guard.name())));
      }

      @Override
      public boolean runs(LeaseId lease) {
        return leases.get(lease) != null;
      }

      @Override
      public long fence(Bytes name) {
        return draft.ids.fence(name);
      }
    };
  }

  private Result run(Transaction transaction, boolean outermost) {
    return switch (evaluator.evaluate(transaction.conditions())) {
      case Verdict.Holds() -> branch(true, transaction.then());
      case Verdict.TooLarge() ->
          new TxnTooLarge(TxnBound.KEYS_COMPARED, Transaction.COMPARED_KEYS_MAX);
      case Verdict.False(int condition) -> {
        List<Operation> otherwise = transaction.otherwise();
        yield otherwise == null && outermost
            ? new ConditionsFalse(condition)
            : branch(false, otherwise == null ? List.of() : otherwise);
      }
    };
  }

  private Result branch(boolean then, List<Operation> operations) {
    List<Success> results = new ArrayList<>(operations.size());
    for (int i = 0; i < operations.size(); i++) {
      switch (execute(operations.get(i))) {
        case Success success -> results.add(success);
        case Failure failure -> {
          return new OperationRefused(then, i, failure);
        }
        case Result.OutcomeOnly outcome -> throw new IllegalStateException("nothing was stored");
      }
    }
    return new TxnDone(then, results);
  }

  private Result execute(Operation operation) {
    return switch (operation) {
      case Operation.Put(Bytes key, Bytes value, String contentType, LeaseBinding lease) ->
          KeyChanges.put(draft, KeyChanges.plainPut(key, value, contentType, lease));
      case Operation.Add(Bytes key, long delta) ->
          KeyChanges.lengthInvalid(key)
              ? new KeyLengthInvalid(Limits.KEY_BYTES_MAX)
              : KeyChanges.add(draft, key, delta, draft.keys.get(key));
      case Operation.Get get -> get(get);
      case Operation.Delete(KeyRange range, long limit) -> delete(range, limit);
      case Operation.Find(KeyQuery query) -> find(query);
      case Operation.Rewrite rewrite -> rewrite(rewrite);
      case Operation.Nested(Transaction inner) -> run(inner, false);
    };
  }

  private Result get(Operation.Get get) {
    long count = draft.keys.count(get.range());
    List<KeyRecord> records = new ArrayList<>();
    for (KeyRecord record : draft.keys.first(get.range(), get.limit())) {
      KeyRecord shown =
          get.keysOnly()
              ? new KeyRecord(record.key(), Bytes.EMPTY, record.contentType(), record.meta())
              : record;
      answerBytesLeft -= shown.weightBytes();
      if (answerBytesLeft < 0) {
        return new TxnTooLarge(TxnBound.ANSWER_BYTES, Transaction.ANSWER_BYTES_MAX);
      }
      records.add(shown);
    }
    return new RecordsFound(records, count, count > records.size());
  }

  private Result find(KeyQuery query) {
    KeySpace keys = query.revision() <= 0 ? draft.keys : draft.keysAt(query.revision());
    if (keys == null) {
      return new RevisionUnreadable(query.revision(), draft.oldestRevision(), draft.revision());
    }
    RecordsFound found = query.in(keys, Transaction.READ_KEYS_MAX, answerBytesLeft);
    if (found == null) {
      return new TxnTooLarge(TxnBound.ANSWER_BYTES, Transaction.ANSWER_BYTES_MAX);
    }
    for (KeyRecord record : found.records()) {
      answerBytesLeft -= record.weightBytes();
    }
    return found;
  }

  private Result rewrite(Operation.Rewrite rewrite) {
    KeyRecord previous = draft.keys.get(rewrite.key());
    if (previous == null) {
      return new KeyNotFound();
    }
    Operation.Content value = rewrite.value();
    return KeyChanges.put(
        draft,
        value == null
            ? KeyChanges.plainPut(
                rewrite.key(), previous.value(), previous.contentType(), rewrite.lease())
            : KeyChanges.plainPut(rewrite.key(), value.bytes(), value.type(), rewrite.lease()));
  }

  private Result delete(KeyRange range, long limit) {
    long count = draft.keys.count(range);
    long wanted = limit == 0 ? count : Math.min(limit, count);
    if (wanted > deletesLeft) {
      return new TxnTooLarge(TxnBound.KEYS_DELETED, draft.limits.keysOfRangeDeleteMax());
    }
    deletesLeft -= wanted;
    return KeyChanges.removeFirst(draft, range, count, wanted);
  }
}
