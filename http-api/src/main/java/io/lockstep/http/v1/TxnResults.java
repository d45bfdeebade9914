package io.lockstep.http.v1;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.txn.Operation;

/** How the results of a transaction's operations are shown: each begins as its operation did. */
final class TxnResults {
  private TxnResults() {}

  static void write(Exchange exchange, JsonText json, Operation operation, Result.Success result) {
    json.begin();
    switch (operation) {
      case Operation.Put put -> {
        json.key("put", put.key());
        if (result instanceof Result.TtlKeyPut done) {
          Keys.write(json.field("created", done.created()), done.meta());
          LeaseFields.write(exchange, json, done.ttlMillis(), done.expiresInMillis());
        } else {
          Result.KeyPut done = Mutations.expect(Result.KeyPut.class, result);
          Keys.write(json.field("created", done.created()), done.meta());
        }
      }
      case Operation.Add add -> {
        Result.Added done = Mutations.expect(Result.Added.class, result);
        json.key("add", add.key())
            .field("value", Long.toString(done.value()))
            .field("created", done.created());
        Keys.write(json, done.meta());
      }
      case Operation.Get get ->
          write(json, get, Mutations.expect(Result.RecordsFound.class, result));
      case Operation.Delete delete -> {
        Result.KeysDeleted done = Mutations.expect(Result.KeysDeleted.class, result);
        json.key("delete", delete.range().from());
        if (isPrefix(delete.range())) {
          json.field("prefix", true).field("deleted", done.deleted()).field("more", done.more());
        } else {
          json.field("deleted", done.deleted());
        }
      }
      case Operation.Find find -> throw new IllegalStateException("no request finds");
      case Operation.Rewrite rewrite -> throw new IllegalStateException("no request rewrites");
      case Operation.Nested nested -> throw new IllegalStateException("no request nests");
    }
    json.end();
  }

  private static void write(JsonText json, Operation.Get get, Result.RecordsFound found) {
    json.key("get", get.range().from());
    if (!isPrefix(get.range())) {
      json.field("found", !found.records().isEmpty());
      if (!found.records().isEmpty()) {
        Keys.writeContent(json, found.records().getFirst());
      }
      return;
    }
    json.field("prefix", true).name(get.keysOnly() ? "keys" : "items").beginArray();
    for (KeyRecord record : found.records()) {
      if (get.keysOnly()) {
        Keys.writeElement(json, record.key());
      } else {
        Keys.write(json, record);
      }
    }
    json.endArray().field("count", found.count()).field("more", found.more());
  }

  private static boolean isPrefix(KeyRange range) {
    return !range.equals(KeyRange.of(range.from()));
  }
}
