package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.Success;
import io.lockstep.kv.result.Result.TxnDone;
import java.util.Iterator;
import java.util.List;

/**
 * Tells what operations have done. Within a transaction each answer states the revision as it was
 * then: that before it until something changed, and its own from there on.
 */
final class OpResults {
  private final JsonText json;
  private final long before;
  private final long after;
  private boolean changed;

  /** For the answer {@code json} to a command that was applied at revision {@code after}. */
  OpResults(JsonText json, long after, List<Success> results) {
    this.json = json;
    this.after = after;
    this.before = changes(results) ? after - 1 : after;
  }

  private static boolean changes(List<Success> results) {
    for (Success result : results) {
      boolean one =
          result instanceof KeyPut
              || result instanceof KeysDeleted deleted && deleted.deleted() > 0
              || result instanceof TxnDone done && changes(done.results());
      if (one) {
        return true;
      }
    }
    return false;
  }

  /** The answer to a lone operation, as further fields. */
  static void writeLone(JsonText json, EtcdOp op, List<Success> results) {
    new OpResults(json, 0, results).fields(op, results.iterator());
  }

  /** The answer to a transaction, as further fields. */
  void write(EtcdOp.Txn txn, TxnDone done) {
    ProtoText.flag(json, "succeeded", done.then());
    List<EtcdOp> ops = done.then() ? txn.success() : txn.failure();
    if (ops.isEmpty()) {
      return;
    }
    json.name("responses").beginArray();
    Iterator<Success> results = done.results().iterator();
    for (EtcdOp op : ops) {
      json.begin().name(nameOf(op)).begin();
      write(op, results);
      json.end().end();
    }
    json.endArray();
  }

  private void write(EtcdOp op, Iterator<Success> results) {
    if (op instanceof EtcdOp.Txn txn) {
      json.name("header").begin().end();
      write(txn, EtcdCall.expect(TxnDone.class, results.next()));
      return;
    }
    List<Success> own =
        op instanceof EtcdOp.Put put && put.previous()
                || op instanceof EtcdOp.DeleteRange delete && delete.previous()
            ? List.of(results.next(), results.next())
            : List.of(results.next());
    changed |= changes(own);
    json.name("header").begin();
    ProtoText.number(json, "revision", changed ? after : before);
    json.end();
    fields(op, own.iterator());
  }

  private void fields(EtcdOp op, Iterator<Success> results) {
    switch (op) {
      case EtcdOp.Range range -> EtcdRange.write(json, found(results));
      case EtcdOp.Put put -> {
        if (put.previous()) {
          RecordsFound found = found(results);
          if (!found.records().isEmpty()) {
            json.name("prev_kv");
            ProtoText.key(json, found.records().getFirst());
          }
        }
      }
      case EtcdOp.DeleteRange delete -> {
        RecordsFound previous = delete.previous() ? found(results) : null;
        KeysDeleted deleted = EtcdCall.expect(KeysDeleted.class, results.next());
        ProtoText.number(json, "deleted", deleted.deleted());
        if (previous != null) {
          EtcdRange.keys(json, "prev_kvs", previous.records());
        }
      }
      case EtcdOp.Txn txn -> throw new IllegalStateException("a transaction is no lone operation");
    }
  }

  private static RecordsFound found(Iterator<Success> results) {
    return EtcdCall.expect(Result.RecordsFound.class, results.next());
  }

  private static String nameOf(EtcdOp op) {
    return switch (op) {
      case EtcdOp.Range range -> "response_range";
      case EtcdOp.Put put -> "response_put";
      case EtcdOp.DeleteRange delete -> "response_delete_range";
      case EtcdOp.Txn txn -> "response_txn";
    };
  }
}
