package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Utf8;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/** The calls of etcd's service of elections. */
final class ElectionCalls {
  private static final EtcdError NO_LEADER =
      new EtcdError(EtcdError.UNKNOWN, "election: no leader");
  private static final EtcdError NOT_LEADER =
      new EtcdError(EtcdError.UNKNOWN, "election: not leader");
  private static final EtcdError LEADER_MISSING =
      new EtcdError(EtcdError.UNKNOWN, "\"leader\" field must be provided");

  private ElectionCalls() {}

  /** Answers when the candidate is elected. */
  static void campaign(EtcdCall call, WatchHub hub, ProtoJson message) {
    Bytes name = message.bytes("name");
    Bytes value = message.bytes("value");
    LockCalls.withLease(
        call,
        message.number("lease"),
        lease ->
            new Candidacy(
                    call,
                    hub,
                    name,
                    lease,
                    (first, entered, present) -> elected(call, name, first, entered))
                .enter(value));
  }

  private static void elected(EtcdCall call, Bytes name, Candidacy first, long entered) {
    JsonText json = call.begin(entered).name("leader").begin();
    ProtoText.bytes(json, "name", name);
    ProtoText.bytes(json, "key", first.key());
    ProtoText.number(json, "rev", first.created());
    ProtoText.number(json, "lease", first.lease());
    call.end(json.end(), entered);
  }

  /** Who leads, as it told: its key and the revision that created it. */
  private record Leader(Bytes key, long revision, long lease) {
    static Leader of(ProtoJson message) {
      ProtoJson leader = message.message("leader");
      if (leader == null) {
        throw new EtcdRefused(LEADER_MISSING);
      }
      Bytes key = leader.bytes("key");
      if (key.isEmpty()) {
        throw new EtcdRefused(EtcdError.KEY_NOT_PROVIDED);
      }
      return new Leader(key, leader.number("rev"), leader.number("lease"));
    }

    /** A transaction that is done while it leads. */
    Transaction doing(Operation operation) {
      return new Transaction(
          List.of(Candidacy.createdAt(key, Math.max(0, revision))), List.of(operation), List.of());
    }
  }

  static void proclaim(EtcdCall call, ProtoJson message) {
    Leader leader = Leader.of(message);
    Bytes value = message.bytes("value");
    LeaseBinding binding =
        leader.lease() == 0
            ? new LeaseBinding.KeepLease()
            : new LeaseBinding.Attach(new LeaseId(0, leader.lease()));
    String type = Utf8.valid(value) ? "text/plain; charset=utf-8" : "application/octet-stream";
    call.submit(
        new Command.Txn(
            leader.doing(new Operation.Put(leader.key(), value, type, binding)), List.of()),
        (revision, success) -> {
          if (EtcdCall.expect(TxnDone.class, success).then()) {
            call.done(revision);
          } else {
            call.refuse(NOT_LEADER);
          }
        });
  }

  static void resign(EtcdCall call, ProtoJson message) {
    Leader leader = Leader.of(message);
    call.submit(
        new Command.Txn(
            leader.doing(new Operation.Delete(KeyRange.of(leader.key()), 0)), List.of()),
        (revision, success) -> call.done(revision));
  }

  static void leader(EtcdCall call, ProtoJson message) {
    Bytes prefix = Candidacy.below(message.bytes("name"));
    call.read(
        view -> {
          KeyRecord first = Candidacy.first(view.events().head().keys(), prefix);
          if (first == null) {
            throw new EtcdRefused(NO_LEADER);
          }
          JsonText json = call.begin(view.revision()).name("kv");
          ProtoText.key(json, first);
          call.end(json, view.revision());
        });
  }
}
