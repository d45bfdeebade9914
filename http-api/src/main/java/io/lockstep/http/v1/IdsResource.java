package io.lockstep.http.v1;

import io.lockstep.http.request.JsonBody;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;

/** {@code POST /v1/ids/{name}:next}: ids of sequences, as decimal text. */
public final class IdsResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/ids/";

  private final Mutations mutations;

  public IdsResource(Mutations mutations) {
    this.mutations = mutations;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("POST /v1/ids/{name}:next");
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    Verbs verbs = Verbs.of(exchange, PREFIX);
    if (!verbs.verb().equals("next")) {
      throw Verbs.unknown(verbs.verb());
    }
    Keys.requireName(verbs.name());
    Query query = exchange.query();
    long count = query.number("count", 1, Sequence.COUNT_MAX, 1);
    boolean stamped = stamped(query);
    query.finish();
    exchange.body(
        body -> {
          JsonBody.parse(body).finish();
          mutations.submit(
              exchange,
              new Command.TakeIds(verbs.name(), count, stamped),
              body,
              IdsResource::taken);
        });
  }

  private static boolean stamped(Query query) {
    String format = query.text("format");
    if (format != null && !format.equals("hlc")) {
      throw Query.bad("format", "must be hlc");
    }
    return format != null;
  }

  private static void taken(Exchange exchange, Applied applied, Result.Success result) {
    Result.IdsTaken taken = Mutations.expect(Result.IdsTaken.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .field("first", Long.toString(taken.first()))
            .field("last", Long.toString(taken.last()));
    if (taken.stampFirst() > 0) {
      long more = taken.last() - taken.first();
      json.field("hlc_first", Long.toString(taken.stampFirst()));
      json.field("hlc_last", Long.toString(taken.stampFirst() + more));
    }
    exchange.answer(200, applied.revision(), json.end());
  }
}
