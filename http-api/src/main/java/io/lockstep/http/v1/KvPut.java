package io.lockstep.http.v1;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Conditions;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.response.Utf8;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code PUT /v1/kv/{key}}. */
final class KvPut {
  static final String TEXT = "text/plain; charset=utf-8";
  private static final String OCTETS = "application/octet-stream";
  private static final String FORM = "application/x-www-form-urlencoded";

  private final Coordinator coordinator;
  private final Mutations mutations;

  KvPut(Coordinator coordinator, Mutations mutations) {
    this.coordinator = coordinator;
    this.mutations = mutations;
  }

  void serve(Exchange exchange, Bytes key) {
    exchange.route("PUT /v1/kv");
    Keys.require(key);
    Query query = exchange.query();
    LeaseBinding lease = lease(query);
    KeyCondition condition =
        Conditions.of(
            exchange.single(HttpHeaders.IF_MATCH),
            exchange.single(HttpHeaders.IF_NONE_MATCH),
            query.revision("if_revision"));
    boolean returnCurrent = returnCurrent(query);
    query.finish();
    Accepts.json(exchange);
    List<LockGuard> guards = Conditions.guards(exchange.headers(Names.IF_LOCK));
    String declared = contentType(exchange.single(HttpHeaders.CONTENT_TYPE));
    int valueBytesMax = (int) coordinator.view().limits().valueBytesMax();
    exchange.body(
        valueBytesMax,
        ProblemCode.VALUE_TOO_LARGE,
        value ->
            mutations.submit(
                exchange,
                new Command.Put(
                    key,
                    value,
                    declared == null ? guessed(value) : declared,
                    lease,
                    condition,
                    guards,
                    returnCurrent),
                value,
                (x, applied, result) -> render(x, key, applied, result)));
  }

  static boolean returnCurrent(Query query) {
    String wanted = query.text("return");
    if (wanted == null) {
      return false;
    }
    if (!wanted.equals("current")) {
      throw Query.bad("return", "can only be current");
    }
    return true;
  }

  private LeaseBinding lease(Query query) {
    String lease = query.text("lease");
    boolean keep = query.flag("keep_lease");
    String ttl = query.text("ttl");
    if (ttl != null) {
      if (lease != null || keep) {
        throw Query.bad("ttl", "makes a lease of its own: leave lease and keep_lease out");
      }
      return new LeaseBinding.OwnTtl(Durations.millis("ttl", ttl), coordinator.nonce());
    }
    if (lease == null) {
      return keep ? new LeaseBinding.KeepLease() : new LeaseBinding.Detach();
    }
    if (keep) {
      throw Query.bad("keep_lease", "and lease exclude each other");
    }
    LeaseId id = LeaseId.parse(lease);
    if (id == null) {
      throw Query.bad("lease", "is not the id of a lease");
    }
    return new LeaseBinding.Attach(id);
  }

  /** What the client says that the value is; null when it says nothing of worth. */
  private static @Nullable String contentType(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return null;
    }
    if (header.toLowerCase(Locale.ROOT).startsWith(FORM)) {
      return null;
    }
    boolean printable = header.length() <= FieldCodec.TEXT_BYTES_MAX;
    for (int i = 0; i < header.length() && printable; i++) {
      printable = header.charAt(i) >= 0x20 && header.charAt(i) < 0x7f;
    }
    if (!printable) {
      throw new Rejected(
          ProblemCode.BAD_HEADER, "Content-Type must be at most 256 printable ASCII characters");
    }
    return header;
  }

  static String guessed(Bytes value) {
    return Utf8.valid(value) ? TEXT : OCTETS;
  }

  private static void render(Exchange exchange, Bytes key, Applied applied, Result.Success result) {
    if (result instanceof Result.TtlKeyPut put) {
      JsonText json = begin(exchange, key, put.meta());
      LeaseFields.write(exchange, json, put.ttlMillis(), put.expiresInMillis());
      exchange.answer(put.created() ? 201 : 200, applied.revision(), json.end());
      return;
    }
    Result.KeyPut put = Mutations.expect(Result.KeyPut.class, result);
    JsonText json = begin(exchange, key, put.meta());
    exchange.answer(put.created() ? 201 : 200, applied.revision(), json.end());
  }

  private static JsonText begin(Exchange exchange, Bytes key, KeyMeta meta) {
    exchange.with(HttpHeaders.ETAG, Keys.etag(meta.modRevision()));
    JsonText json = exchange.json().begin().key("key", key).field("revision", meta.modRevision());
    return Keys.write(json, meta);
  }
}
