package io.lockstep.http.v1;

import io.lockstep.http.request.Conditions;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/** {@code POST /v1/counters/{name}:add}: counters are keys whose values are decimal text. */
public final class CountersResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/counters/";

  private final Mutations mutations;

  public CountersResource(Mutations mutations) {
    this.mutations = mutations;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("POST /v1/counters/{name}:add");
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    Verbs verbs = Verbs.of(exchange, PREFIX);
    if (!verbs.verb().equals("add")) {
      throw Verbs.unknown(verbs.verb());
    }
    Keys.requireName(verbs.name());
    Query query = exchange.query();
    KeyCondition condition =
        Conditions.of(
            exchange.single(HttpHeaders.IF_MATCH),
            exchange.single(HttpHeaders.IF_NONE_MATCH),
            query.revision("if_revision"));
    boolean returnCurrent = KvPut.returnCurrent(query);
    query.finish();
    List<LockGuard> guards = Conditions.guards(exchange.headers(Names.IF_LOCK));
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          long delta = json.integer("delta");
          json.finish();
          mutations.submit(
              exchange,
              new Command.Add(verbs.name(), delta, condition, guards, returnCurrent),
              body,
              (x, applied, result) -> added(x, verbs.name(), applied, result));
        });
  }

  private static void added(Exchange exchange, Bytes name, Applied applied, Result.Success result) {
    Result.Added added = Mutations.expect(Result.Added.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .key("key", name)
            .field("value", Long.toString(added.value()))
            .field("revision", added.meta().modRevision());
    Keys.write(json, added.meta()).end();
    exchange.with(HttpHeaders.ETAG, Keys.etag(added.meta().modRevision()));
    exchange.answer(200, applied.revision(), json);
  }
}
