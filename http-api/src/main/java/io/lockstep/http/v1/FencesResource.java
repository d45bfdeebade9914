package io.lockstep.http.v1;

import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;

/**
 * {@code POST /v1/fences/{resource}:advance} and {@code GET /v1/fences/{resource}}: the greatest
 * token that a resource has seen, for resources that cannot remember one.
 */
public final class FencesResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/fences/";

  private final Mutations mutations;
  private final Reads reads;

  public FencesResource(Mutations mutations, Reads reads) {
    this.mutations = mutations;
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("/v1/fences/{resource}");
    switch (exchange.method()) {
      case "GET", "HEAD" -> read(exchange);
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        if (!verbs.verb().equals("advance")) {
          throw Verbs.unknown(verbs.verb());
        }
        Keys.requireName(verbs.name());
        advance(exchange, verbs.name());
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST");
    }
  }

  private void read(Exchange exchange) {
    exchange.route("GET /v1/fences/{resource}");
    exchange.refuseBody();
    Bytes name = exchange.target().bytesFrom(PREFIX.length());
    Keys.requireName(name);
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    reads.read(
        exchange,
        wanted,
        (x, view) -> x.answer(200, view.revision(), fence(x, name, view.fence(name)).end()));
  }

  private void advance(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/fences/{resource}:advance");
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          long token = json.number("token", 1, 0);
          if (token == 0) {
            throw JsonBody.missing("token");
          }
          json.finish();
          mutations.submit(
              exchange,
              new Command.AdvanceFence(name, token),
              body,
              (x, applied, result) -> advanced(x, name, applied, result));
        });
  }

  private static void advanced(
      Exchange exchange, Bytes name, Applied applied, Result.Success result) {
    Result.FenceAdvanced advanced = Mutations.expect(Result.FenceAdvanced.class, result);
    JsonText json = fence(exchange, name, advanced.token()).field("advanced", advanced.changed());
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  private static JsonText fence(Exchange exchange, Bytes name, long token) {
    return exchange.json().begin().key("resource", name).field("token", token);
  }
}
