package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;

/**
 * {@code POST /v1/touch/{key}}: lets the lease of a key run anew. The key stays as it is, so no
 * watcher is woken.
 */
public final class TouchResource implements Resource {
  /** Where keys begin in a path. */
  public static final String PREFIX = "/v1/touch/";

  private final Mutations mutations;

  public TouchResource(Mutations mutations) {
    this.mutations = mutations;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("POST /v1/touch");
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    Bytes key = KvResource.key(exchange, PREFIX);
    Keys.require(key);
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody.parse(body).finish();
          mutations.submit(
              exchange,
              new Command.Renew(List.of(new Renewal.OfKey(key))),
              body,
              (x, applied, result) -> touched(x, key, applied, result));
        });
  }

  private static void touched(
      Exchange exchange, Bytes key, Applied applied, Result.Success result) {
    RenewalResult one = Mutations.expect(Result.Renewed.class, result).results().get(0);
    switch (one) {
      case RenewalResult.Alive alive -> {
        JsonText json =
            exchange.json().begin().key("key", key).field("lease", alive.lease().toString());
        LeaseFields.write(exchange, json, alive.ttlMillis(), alive.expiresInMillis());
        exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
      }
      case RenewalResult.Polled polled -> throw Mutations.unexpected(polled.state());
      case RenewalResult.Refused refused -> exchange.problem(Problems.of(refused.failure(), null));
    }
  }
}
