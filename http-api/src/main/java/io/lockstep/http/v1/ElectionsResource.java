package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LocalState;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** {@code /v1/elections/{name}}: stand, publish, hand over, resign, and see who is elected. */
public final class ElectionsResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/elections/";

  private static final int CANDIDATES_SHOWN_MAX = 1_000;

  private final LockAcquisition acquisition;
  private final HolderRequests holders;
  private final Tickets tickets;
  private final Mutations mutations;
  private final Reads reads;

  public ElectionsResource(
      Coordinator coordinator, Mutations mutations, Reads reads, SignedGrants grants) {
    this.acquisition = new LockAcquisition(coordinator, grants);
    this.holders = new HolderRequests(mutations, grants);
    this.tickets = new Tickets(coordinator, mutations, grants);
    this.mutations = mutations;
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("elections");
    boolean ofTicket = exchange.query().has(Tickets.PARAMETER);
    if (!ofTicket || !exchange.method().equals("GET")) {
      Accepts.json(exchange);
    }
    switch (exchange.method()) {
      case "GET", "HEAD" -> {
        if (ofTicket) {
          exchange.route("GET /v1/elections/{name}?ticket");
          tickets.poll(exchange, named(exchange));
        } else {
          look(exchange);
        }
      }
      case "DELETE" -> {
        exchange.route("DELETE /v1/elections/{name}?ticket");
        tickets.leave(exchange, named(exchange));
      }
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        Keys.requireName(verbs.name());
        change(exchange, LockName.election(verbs.name()), verbs);
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST, DELETE");
    }
  }

  private static LockName named(Exchange exchange) {
    Bytes name = exchange.target().bytesFrom(PREFIX.length());
    Keys.requireName(name);
    return LockName.election(name);
  }

  private void change(Exchange exchange, LockName name, Verbs verbs) {
    switch (verbs.verb()) {
      case "campaign" -> {
        exchange.route("POST /v1/elections/{name}:campaign");
        acquisition.serve(exchange, name, verbs.path());
      }
      case "proclaim" -> {
        exchange.route("POST /v1/elections/{name}:proclaim");
        proclaim(exchange, name);
      }
      case "transfer" -> {
        exchange.route("POST /v1/elections/{name}:transfer");
        transfer(exchange, name);
      }
      case "resign" -> {
        exchange.route("POST /v1/elections/{name}:resign");
        holders.release(exchange, name, "resigned");
      }
      case "renew" -> {
        exchange.route("POST /v1/elections/{name}:renew");
        holders.renew(exchange, name, "elected");
      }
      default -> throw Verbs.unknown(verbs.verb());
    }
  }

  private void proclaim(Exchange exchange, LockName name) {
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          Right right = Right.of(json);
          Bytes value = json.bytes("value", "value_base64");
          json.finish();
          if (value == null) {
            throw JsonBody.missing("value");
          }
          mutations.submit(
              exchange,
              new Command.Proclaim(name, right.claim(), value),
              body,
              ElectionsResource::proclaimed);
        });
  }

  private static void proclaimed(Exchange exchange, Applied applied, Result.Success result) {
    Result.Proclaimed proclaimed = Mutations.expect(Result.Proclaimed.class, result);
    answer(exchange, applied, proclaimed.name(), "elected", proclaimed.token(), null);
  }

  private void transfer(Exchange exchange, LockName name) {
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          Right right = Right.of(json);
          String to = json.text("to");
          json.finish();
          if (to == null) {
            throw JsonBody.missing("to");
          }
          mutations.submit(
              exchange,
              new Command.Transfer(name, right.claim(), AcquireBody.checkedOwner("to", to)),
              body,
              ElectionsResource::transferred);
        });
  }

  private static void transferred(Exchange exchange, Applied applied, Result.Success result) {
    Result.Transferred to = Mutations.expect(Result.Transferred.class, result);
    answer(exchange, applied, to.name(), "transferred", to.token(), to.owner());
  }

  private static void answer(
      Exchange exchange,
      Applied applied,
      LockName name,
      String state,
      long token,
      @Nullable String owner) {
    JsonText json = exchange.json().begin().field("state", state).key("name", name.text());
    json.field("token", token);
    if (owner != null) {
      json.field("owner", owner);
    }
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  private void look(Exchange exchange) {
    exchange.route("GET /v1/elections/{name}");
    exchange.refuseBody();
    LockName name = named(exchange);
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    reads.readStale(exchange, wanted, (x, view, stale) -> show(x, view, stale, name));
  }

  private static void show(
      Exchange exchange, KvView view, @Nullable LocalState stale, LockName name) {
    LockView election = view.lock(name, CANDIDATES_SHOWN_MAX);
    HolderInfo winner = election == null ? null : election.holder();
    if (election == null || winner == null) {
      exchange.problem(Problem.of(ProblemCode.ELECTION_VACANT, "nobody is elected"));
      return;
    }
    JsonText json = exchange.json().begin().key("name", name.text()).field("state", "elected");
    json.content(election.value());
    LockFields.write(json, winner, stale)
        .field("held_for_ms", election.heldForMillis())
        .field("queue_length", election.queueLength())
        .name("candidates")
        .beginArray();
    for (LockView.Place candidate : election.queue()) {
      LockFields.writeCandidate(json, candidate);
    }
    json.endArray().field("revision", view.revision()).end();
    exchange.answer(200, view.revision(), json);
  }
}
