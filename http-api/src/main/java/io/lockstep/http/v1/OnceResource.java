package io.lockstep.http.v1;

import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.gate.Once;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;

/** {@code /v1/once/{name}:claim} and {@code :done}: work that is to be done once a period. */
public final class OnceResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/once/";

  private final Coordinator coordinator;
  private final Mutations mutations;

  public OnceResource(Coordinator coordinator, Mutations mutations) {
    this.coordinator = coordinator;
    this.mutations = mutations;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("POST /v1/once/{name}");
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    Verbs verbs = Verbs.of(exchange, PREFIX);
    switch (verbs.verb()) {
      case "claim" -> claim(exchange, verbs.name());
      case "done" -> done(exchange, verbs.name());
      default -> throw Verbs.unknown(verbs.verb());
    }
  }

  private void claim(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/once/{name}:claim");
    Keys.requireName(name);
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          Bytes period = GateFields.required(json, "period", Once.PERIOD_BYTES_MAX);
          long ttl = json.duration("ttl", LeasesResource.TTL_MILLIS_DEFAULT);
          json.finish();
          mutations.submit(
              exchange,
              new Command.ClaimOnce(name, period, ttl, coordinator.nonce()),
              body,
              OnceResource::claimed);
        });
  }

  private static void claimed(Exchange exchange, Applied applied, Result.Success result) {
    Result.PeriodClaimed claimed = Mutations.expect(Result.PeriodClaimed.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .field("token", claimed.token())
            .field("lease", claimed.lease().toString());
    LeaseFields.write(exchange, json, claimed.ttlMillis(), claimed.expiresInMillis());
    exchange.answer(200, applied.revision(), json.end());
  }

  private void done(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/once/{name}:done");
    Keys.requireName(name);
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
              exchange, new Command.FinishOnce(name, token), body, OnceResource::finished);
        });
  }

  private static void finished(Exchange exchange, Applied applied, Result.Success result) {
    Result.PeriodFinished finished = Mutations.expect(Result.PeriodFinished.class, result);
    exchange.answer(
        200,
        applied.revision(),
        exchange.json().begin().field("state", "done").field("token", finished.token()).end());
  }
}
