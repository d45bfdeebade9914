package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;

/** {@code /v1/leases}: grant, look at, renew and revoke leases. */
public final class LeasesResource implements Resource {
  /** The route of all leases. */
  public static final String PATH = "/v1/leases";

  private static final String PREFIX = PATH + "/";
  private static final String BULK = PATH + ":renew";
  private static final int RENEWALS_MAX = 10_000;
  private static final int ATTACHED_MAX = 10_000;
  static final long TTL_MILLIS_DEFAULT = 15_000;

  private final Coordinator coordinator;
  private final Mutations mutations;
  private final Reads reads;
  private final LeaseListings listing;

  public LeasesResource(Coordinator coordinator, Mutations mutations, Reads reads) {
    this.coordinator = coordinator;
    this.mutations = mutations;
    this.reads = reads;
    this.listing = new LeaseListings(reads);
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    String path = exchange.target().path();
    if (path.equals(PATH) || path.equals(BULK)) {
      exchange.route("leases");
      if (path.equals(PATH) && isRead(exchange)) {
        listing.serve(exchange);
      } else if (!exchange.method().equals("POST")) {
        Methods.notAllowed(exchange, path.equals(PATH) ? "GET, HEAD, POST" : "POST");
      } else if (path.equals(PATH) && !exchange.query().has("verb")) {
        grant(exchange);
      } else {
        renewMany(exchange);
      }
    } else if (path.startsWith(PREFIX)) {
      one(exchange);
    } else {
      exchange.problem(Problem.of(ProblemCode.NO_SUCH_ROUTE, "nothing is served at this path"));
    }
  }

  private static boolean isRead(Exchange exchange) {
    return exchange.method().equals("GET") || exchange.method().equals("HEAD");
  }

  private void one(Exchange exchange) {
    exchange.route("leases/{id}");
    switch (exchange.method()) {
      case "GET", "HEAD" -> look(exchange, idOf(exchange.target().textFrom(PREFIX.length())));
      case "DELETE" -> revoke(exchange, idOf(exchange.target().textFrom(PREFIX.length())));
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        if (!verbs.verb().equals("renew")) {
          throw Verbs.unknown(verbs.verb());
        }
        renew(exchange, idOf(verbs.name().utf8()));
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST, DELETE");
    }
  }

  private void grant(Exchange exchange) {
    exchange.route("POST /v1/leases");
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          long ttl = json.duration("ttl", TTL_MILLIS_DEFAULT);
          List<Label> labels = LeaseLabels.of(json.textMap("labels", Label.COUNT_MAX));
          json.finish();
          mutations.submit(
              exchange,
              new Command.LeaseGrant(ttl, coordinator.nonce(), labels),
              body,
              LeasesResource::granted);
        });
  }

  private static void granted(Exchange exchange, Applied applied, Result.Success result) {
    Result.LeaseGranted granted = Mutations.expect(Result.LeaseGranted.class, result);
    String id = granted.lease().toString();
    JsonText json = exchange.json().begin().field("id", id);
    LeaseFields.write(exchange, json, granted.ttlMillis(), granted.expiresInMillis());
    exchange.with(HttpHeaders.LOCATION, PREFIX + id);
    exchange.answer(201, applied.revision(), json.field("revision", applied.revision()).end());
  }

  private void renew(Exchange exchange, LeaseId id) {
    exchange.route("POST /v1/leases/{id}:renew");
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody.parse(body).finish();
          mutations.submit(
              exchange,
              new Command.Renew(List.of(new Renewal.OfLease(id))),
              body,
              LeasesResource::renewed);
        });
  }

  private static void renewed(Exchange exchange, Applied applied, Result.Success result) {
    RenewalResult one = Mutations.expect(Result.Renewed.class, result).results().get(0);
    switch (one) {
      case RenewalResult.Alive alive -> {
        JsonText json = exchange.json().begin().field("id", alive.lease().toString());
        LeaseFields.write(exchange, json, alive.ttlMillis(), alive.expiresInMillis());
        exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
      }
      case RenewalResult.Polled polled -> throw Mutations.unexpected(polled.state());
      case RenewalResult.Refused refused -> exchange.problem(Problems.of(refused.failure(), null));
    }
  }

  private void renewMany(Exchange exchange) {
    exchange.route("POST /v1/leases:renew");
    String verb = exchange.query().text("verb");
    if (verb != null && !verb.equals("renew")) {
      throw Verbs.unknown(verb);
    }
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          List<String> ids = json.texts("ids", RENEWALS_MAX);
          json.finish();
          if (ids == null || ids.isEmpty()) {
            throw JsonBody.missing("ids");
          }
          List<Renewal> renewals = new ArrayList<>(ids.size());
          for (String id : ids) {
            LeaseId lease = LeaseId.parse(id);
            if (lease == null) {
              throw JsonBody.bad("ids", "holds what is not the id of a lease");
            }
            renewals.add(new Renewal.OfLease(lease));
          }
          mutations.submit(
              exchange,
              new Command.Renew(renewals),
              body,
              (x, applied, result) -> renewedMany(x, ids, applied, result));
        });
  }

  private static void renewedMany(
      Exchange exchange, List<String> ids, Applied applied, Result.Success result) {
    List<RenewalResult> results = Mutations.expect(Result.Renewed.class, result).results();
    JsonText json = exchange.json().begin().name("results").beginArray();
    for (int i = 0; i < results.size(); i++) {
      json.begin().field("id", ids.get(i));
      switch (results.get(i)) {
        case RenewalResult.Alive alive ->
            LeaseFields.write(exchange, json, alive.ttlMillis(), alive.expiresInMillis());
        case RenewalResult.Polled polled -> throw Mutations.unexpected(polled.state());
        case RenewalResult.Refused refused -> writeRefused(json, refused.failure());
      }
      json.end();
    }
    json.endArray().field("revision", applied.revision()).end();
    exchange.answer(200, applied.revision(), json);
  }

  private static void writeRefused(JsonText json, Failure failure) {
    Problem problem = Problems.of(failure, null);
    json.field("code", problem.code().text()).field("status", problem.status());
  }

  private void revoke(Exchange exchange, LeaseId id) {
    exchange.route("DELETE /v1/leases/{id}");
    exchange.query().finish();
    exchange.refuseBody();
    mutations.submit(
        exchange,
        new Command.LeaseRevoke(id),
        Bytes.EMPTY,
        (x, applied, result) -> {
          Result.LeaseRevoked revoked = Mutations.expect(Result.LeaseRevoked.class, result);
          x.answer(
              200,
              applied.revision(),
              x.json()
                  .begin()
                  .field("id", revoked.lease().toString())
                  .field("keys_deleted", revoked.keysDeleted())
                  .field("revision", applied.revision())
                  .end());
        });
  }

  private void look(Exchange exchange, LeaseId id) {
    exchange.route("GET /v1/leases/{id}");
    boolean attached = exchange.query().flag("attached");
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    exchange.refuseBody();
    reads.read(exchange, wanted, (x, view) -> show(x, view, id, attached));
  }

  private static void show(Exchange exchange, KvView view, LeaseId id, boolean attached) {
    LeaseView lease = view.lease(id, attached ? ATTACHED_MAX : 0);
    if (lease == null) {
      exchange.problem(Problems.of(view.leaseAbsence(id), null));
      return;
    }
    JsonText json = LeaseLabels.write(exchange.json().begin(), lease);
    if (attached) {
      writeAll(json, "keys", lease.keys());
      writeAll(json, "locks", of(LockKind.LOCK, lease.locks()));
      writeAll(json, "waiting_for", of(LockKind.LOCK, lease.places()));
      writeAll(json, "elections", of(LockKind.ELECTION, lease.locks()));
      writeAll(json, "candidacies", of(LockKind.ELECTION, lease.places()));
      writeAll(json, "semaphores", of(LockKind.SEMAPHORE, lease.locks()));
      writeAll(json, "waiting_for_permits", of(LockKind.SEMAPHORE, lease.places()));
    }
    exchange.answer(200, view.revision(), json.field("revision", view.revision()).end());
  }

  private static List<Bytes> of(LockKind kind, List<LockName> names) {
    return names.stream().filter(name -> name.kind() == kind).map(LockName::text).toList();
  }

  private static void writeAll(JsonText json, String name, List<Bytes> names) {
    json.name(name).beginArray();
    for (Bytes one : names) {
      Keys.writeElement(json, one);
    }
    json.endArray();
  }

  private static LeaseId idOf(String text) {
    LeaseId id = LeaseId.parse(text);
    if (id == null) {
      throw new Rejected(
          Problem.of(ProblemCode.LEASE_NOT_FOUND, "no lease ever had an id of this form"));
    }
    return id;
  }
}
