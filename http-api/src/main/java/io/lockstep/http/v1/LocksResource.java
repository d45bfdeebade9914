package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/locks/{name}}: acquire, renew, release and look at locks, shared and exclusive. */
public final class LocksResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/locks/";

  private static final int SHOWN_MAX = 1_000;

  private final LockAcquisition acquisition;
  private final Mutations mutations;
  private final Reads reads;

  public LocksResource(Coordinator coordinator, Mutations mutations, Reads reads) {
    this.acquisition = new LockAcquisition(coordinator);
    this.mutations = mutations;
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("locks");
    switch (exchange.method()) {
      case "GET", "HEAD" -> look(exchange);
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        Keys.requireName(verbs.name());
        switch (verbs.verb()) {
          case "acquire" -> acquisition.serve(exchange, verbs.name());
          case "release" -> release(exchange, verbs.name());
          case "renew" -> renew(exchange, verbs.name());
          default -> throw Verbs.unknown(verbs.verb());
        }
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST");
    }
  }

  /** By which right a holder speaks: its token or its lease. */
  private record Right(long token, @Nullable LeaseId lease) {
    static Right of(JsonBody json) {
      long token = json.number("token", 1, 0);
      String lease = json.text("lease");
      json.finish();
      if ((token == 0) == (lease == null)) {
        throw JsonBody.bad("token", "or field 'lease' must be given, and not both");
      }
      LeaseId id = lease == null ? null : LeaseId.parse(lease);
      if (lease != null && id == null) {
        throw JsonBody.bad("lease", "is not the id of a lease");
      }
      return new Right(token, id);
    }
  }

  private void release(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/locks/{name}:release");
    exchange.query().finish();
    exchange.body(
        body -> {
          Right right = Right.of(JsonBody.parse(body));
          LeaseId lease = right.lease();
          Claim claim = lease == null ? new Claim.ByToken(right.token()) : new Claim.ByLease(lease);
          mutations.submit(
              exchange, new Command.LockRelease(name, claim), body, LocksResource::released);
        });
  }

  private static void released(Exchange exchange, Applied applied, Result.Success result) {
    Result.LockReleased released = Mutations.expect(Result.LockReleased.class, result);
    exchange.answer(
        200,
        applied.revision(),
        exchange
            .json()
            .begin()
            .field("state", "released")
            .key("name", released.name().text())
            .field("token", released.token())
            .field("revision", applied.revision())
            .end());
  }

  private void renew(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/locks/{name}:renew");
    exchange.query().finish();
    exchange.body(
        body -> {
          Right right = Right.of(JsonBody.parse(body));
          LeaseId lease = right.lease();
          Renewal renewal =
              lease == null ? new Renewal.OfGrant(name, right.token()) : new Renewal.OfLease(lease);
          mutations.submit(
              exchange,
              new Command.Renew(List.of(renewal)),
              body,
              (x, applied, result) -> renewed(x, name, right, applied, result));
        });
  }

  private static void renewed(
      Exchange exchange, Bytes name, Right right, Applied applied, Result.Success result) {
    RenewalResult one = Mutations.expect(Result.Renewed.class, result).results().get(0);
    switch (one) {
      case RenewalResult.Alive alive -> {
        JsonText json = exchange.json().begin().key("name", name);
        if (right.token() != 0) {
          json.field("state", "held").field("token", right.token());
        }
        json.field("lease", alive.lease().toString());
        LeaseFields.write(exchange, json, alive.ttlMillis(), alive.expiresInMillis());
        exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
      }
      case RenewalResult.Refused refused -> exchange.problem(Problems.of(refused.failure(), null));
    }
  }

  private void look(Exchange exchange) {
    exchange.route("GET /v1/locks/{name}");
    exchange.refuseBody();
    Bytes name = exchange.target().bytesFrom(PREFIX.length());
    Keys.requireName(name);
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    reads.read(exchange, wanted, (x, view) -> show(x, view, name));
  }

  private static void show(Exchange exchange, KvView view, Bytes name) {
    LockView lock = view.lock(name, SHOWN_MAX);
    HolderInfo holder = lock == null ? null : lock.holder();
    JsonText json =
        exchange.json().begin().key("name", name).field("state", holder == null ? "free" : "held");
    if (lock != null && holder != null) {
      json.field("mode", LockFields.text(lock.mode()));
      if (lock.mode() == LockMode.EXCLUSIVE) {
        LockFields.write(json, holder).field("held_for_ms", lock.heldForMillis());
      } else {
        json.field("expires_in_ms", holder.expiresInMillis())
            .field("holder_count", lock.holderCount());
        LockFields.writeHolders(json, lock);
      }
    }
    json.field("queue_length", lock == null ? 0 : lock.queueLength()).name("queue").beginArray();
    if (lock != null) {
      for (LockView.Place place : lock.queue()) {
        LockFields.write(json, place);
      }
    }
    json.endArray().field("revision", view.revision()).end();
    exchange.answer(200, view.revision(), json);
  }
}
