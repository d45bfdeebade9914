package io.lockstep.http.etcd;

import io.lockstep.http.request.Consistency;
import io.lockstep.http.response.JsonText;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.result.Result.RecordsFound;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.txn.KeyQuery;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/** The calls of etcd's service of keys. */
final class KvCalls {
  /** What the keys and values of one answer may weigh. */
  private static final long ANSWER_BYTES_MAX = 32 << 20;

  private KvCalls() {}

  static void range(EtcdCall call, ProtoJson message) {
    KeyQuery query = EtcdRange.query(message);
    Consistency wanted =
        message.flag("serializable") ? new Consistency.Stale() : new Consistency.Linearizable();
    call.read(wanted, view -> answerRange(call, view, query));
  }

  private static void answerRange(EtcdCall call, KvView view, KeyQuery query) {
    RecordsFound found =
        query.in(keysAt(view, query.revision()), Integer.MAX_VALUE, ANSWER_BYTES_MAX);
    if (found == null) {
      throw new EtcdRefused(EtcdError.TOO_LARGE);
    }
    JsonText json = call.begin(view.revision());
    EtcdRange.write(json, found);
    call.end(json, view.revision());
  }

  /** All keys at a revision, the present ones at 0; refused outside of what can be read. */
  static KeySpace keysAt(KvView view, long revision) {
    if (revision > view.revision()) {
      throw new EtcdRefused(EtcdError.FUTURE);
    }
    if (revision <= 0) {
      return view.events().head().keys();
    }
    if (!view.readable(revision)) {
      throw new EtcdRefused(EtcdError.COMPACTED);
    }
    return view.events().at(revision).keys();
  }

  static void put(EtcdCall call, ProtoJson message) {
    EtcdOp.Put put = OpReader.put(message);
    Command plain = put.plain();
    if (plain == null) {
      lone(call, put);
    } else {
      call.submit(plain, (revision, success) -> call.done(revision));
    }
  }

  static void deleteRange(EtcdCall call, ProtoJson message) {
    lone(call, OpReader.delete(message));
  }

  /** Removes one key. */
  static void remove(EtcdCall call, Bytes key) {
    if (key.isEmpty()) {
      throw new EtcdRefused(EtcdError.KEY_NOT_PROVIDED);
    }
    Operation removal = new Operation.Delete(KeyRange.of(key), 0);
    call.submit(
        new Command.Txn(new Transaction(List.of(), List.of(removal), List.of()), List.of()),
        (revision, success) -> call.done(revision));
  }

  private static void lone(EtcdCall call, EtcdOp op) {
    Transaction transaction = new Transaction(List.of(), EtcdOp.steps(List.of(op)), List.of());
    call.submit(
        new Command.Txn(transaction, List.of()),
        (revision, success) -> {
          JsonText json = call.begin(revision);
          OpResults.writeLone(json, op, EtcdCall.expect(TxnDone.class, success).results());
          call.end(json, revision);
        });
  }

  static void txn(EtcdCall call, ProtoJson message) {
    EtcdOp.Txn txn = OpReader.txn(message);
    call.submit(
        new Command.Txn(txn.transaction(), List.of()),
        (revision, success) -> {
          TxnDone done = EtcdCall.expect(TxnDone.class, success);
          JsonText json = call.begin(revision);
          new OpResults(json, revision, done.results()).write(txn, done);
          call.end(json, revision);
        });
  }

  /**
   * Forgets the past before a revision, as far as this service lets it be forgotten. What etcd has
   * compacted last is the oldest that can still be read.
   */
  static void compact(EtcdCall call, ProtoJson message) {
    long revision = message.number("revision");
    call.read(
        view -> {
          if (revision > view.revision()) {
            throw new EtcdRefused(EtcdError.FUTURE);
          }
          long compacted = view.compactedRevision();
          if (compacted > 0 && revision <= compacted + 1) {
            throw new EtcdRefused(EtcdError.COMPACTED);
          }
          if (revision <= 1) {
            call.done(view.revision());
          } else {
            call.submit(
                new Command.Compact(revision - 1), (at, success) -> call.done(view.revision()));
          }
        });
  }
}
