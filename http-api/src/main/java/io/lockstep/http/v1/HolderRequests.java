package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What those may ask who hold a lock or have won an election: to renew, and to give back. */
final class HolderRequests {
  private final Mutations mutations;
  private final SignedGrants grants;

  HolderRequests(Mutations mutations, SignedGrants grants) {
    this.mutations = mutations;
    this.grants = grants;
  }

  /** Gives back; the answer says {@code state}. */
  void release(Exchange exchange, LockName name, String state) {
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          Right right = Right.of(json);
          json.finish();
          mutations.submit(
              exchange,
              new Command.LockRelease(name, right.claim()),
              body,
              (x, applied, result) -> released(x, state, applied, result));
        });
  }

  private static void released(
      Exchange exchange, String state, Applied applied, Result.Success result) {
    Result.LockReleased released = Mutations.expect(Result.LockReleased.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .field("state", state)
            .key("name", released.name().text())
            .field("token", released.token());
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  /** Renews; the answer to a token says {@code state}. */
  void renew(Exchange exchange, LockName name, String state) {
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          Right right = Right.of(json);
          boolean signed = AcquireBody.signed(json);
          json.finish();
          if (signed) {
            grants.require();
          }
          mutations.submit(
              exchange,
              new Command.Renew(List.of(right.renewal(name))),
              body,
              (x, applied, result) -> renewed(x, name, state, right, signed, applied, result));
        });
  }

  private void renewed(
      Exchange exchange,
      LockName name,
      String state,
      Right right,
      boolean signed,
      Applied applied,
      Result.Success result) {
    RenewalResult one = Mutations.expect(Result.Renewed.class, result).results().get(0);
    switch (one) {
      case RenewalResult.Alive alive -> {
        if (signed) {
          grants.sign(
              exchange,
              List.of(name),
              alive.lease(),
              exchange.deadlineNanos(0),
              token -> answer(exchange, name, state, right, token, applied, alive));
        } else {
          answer(exchange, name, state, right, null, applied, alive);
        }
      }
      case RenewalResult.Polled polled -> throw Mutations.unexpected(polled.state());
      case RenewalResult.Refused refused -> exchange.problem(Problems.of(refused.failure(), null));
    }
  }

  private static void answer(
      Exchange exchange,
      LockName name,
      String state,
      Right right,
      SignedGrants.@Nullable Signed signed,
      Applied applied,
      RenewalResult.Alive alive) {
    JsonText json = exchange.json().begin().key("name", name.text());
    if (right.token() != 0) {
      json.field("state", state).field("token", right.token());
    }
    json.field("lease", alive.lease().toString());
    LeaseFields.write(exchange, json, alive.ttlMillis(), alive.expiresInMillis());
    SignedGrants.Signed.write(json, signed, List.of(name));
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }
}
