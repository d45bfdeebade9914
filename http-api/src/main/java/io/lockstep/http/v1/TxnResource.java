package io.lockstep.http.v1;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Conditions;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.txn.Operation;
import io.lockstep.kv.txn.Transaction;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/** {@code POST /v1/txn}: conditions, and what is done when they hold or do not. */
public final class TxnResource implements Resource {
  /** The route. */
  public static final String PATH = "/v1/txn";

  private final Coordinator coordinator;
  private final Mutations mutations;

  public TxnResource(Coordinator coordinator, Mutations mutations) {
    this.coordinator = coordinator;
    this.mutations = mutations;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("POST /v1/txn");
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    exchange.query().finish();
    if (exchange.single(HttpHeaders.IF_MATCH) != null
        || exchange.single(HttpHeaders.IF_NONE_MATCH) != null) {
      throw new Rejected(
          ProblemCode.BAD_HEADER, "If-Match is for one key: conditions go into \"if\" here");
    }
    List<LockGuard> guards = Conditions.guards(exchange.headers(Names.IF_LOCK));
    exchange.body(
        body -> {
          Transaction transaction = TxnBody.parse(JsonBody.parse(body), coordinator::nonce);
          mutations.submit(
              exchange,
              new Command.Txn(transaction, guards),
              body,
              (x, applied, result) -> done(x, transaction, applied, result));
        });
  }

  private static void done(
      Exchange exchange, Transaction transaction, Applied applied, Result.Success result) {
    Result.TxnDone done = Mutations.expect(Result.TxnDone.class, result);
    List<Operation> otherwise = transaction.otherwise();
    List<Operation> branch = done.then() || otherwise == null ? transaction.then() : otherwise;
    JsonText json =
        exchange
            .json()
            .begin()
            .field("branch", done.then() ? "then" : "else")
            .field("revision", applied.revision())
            .name("results")
            .beginArray();
    for (int i = 0; i < branch.size(); i++) {
      TxnResults.write(exchange, json, branch.get(i), done.results().get(i));
    }
    exchange.answer(200, applied.revision(), json.endArray().end());
  }
}
