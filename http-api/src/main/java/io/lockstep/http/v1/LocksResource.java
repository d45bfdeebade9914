package io.lockstep.http.v1;

import io.lockstep.http.request.Consistency;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LocalState;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** {@code /v1/locks/{name}}: acquire, renew, release and look at locks, shared and exclusive. */
public final class LocksResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/locks/";

  private static final int SHOWN_MAX = 1_000;

  private final LockAcquisition acquisition;
  private final HolderRequests holders;
  private final Tickets tickets;
  private final ForceRelease forces;
  private final Reads reads;

  public LocksResource(
      Coordinator coordinator, Mutations mutations, Reads reads, SignedGrants grants) {
    this.acquisition = new LockAcquisition(coordinator, grants);
    this.holders = new HolderRequests(mutations, grants);
    this.tickets = new Tickets(coordinator, mutations, grants);
    this.forces = new ForceRelease(coordinator);
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("locks");
    boolean ofTicket = exchange.query().has(Tickets.PARAMETER);
    if (!ofTicket || !exchange.method().equals("GET")) {
      Accepts.json(exchange);
    }
    switch (exchange.method()) {
      case "GET", "HEAD" -> {
        if (ofTicket) {
          exchange.route("GET /v1/locks/{name}?ticket");
          tickets.poll(exchange, named(exchange));
        } else {
          look(exchange);
        }
      }
      case "DELETE" -> {
        if (ofTicket) {
          exchange.route("DELETE /v1/locks/{name}?ticket");
          tickets.leave(exchange, named(exchange));
        } else {
          exchange.route("DELETE /v1/locks/{name}?force");
          forces.serve(exchange, named(exchange));
        }
      }
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        Keys.requireName(verbs.name());
        switch (verbs.verb()) {
          case "acquire" -> {
            exchange.route("POST /v1/locks/{name}:acquire");
            acquisition.serve(exchange, LockName.lock(verbs.name()), verbs.path());
          }
          case "release" -> {
            exchange.route("POST /v1/locks/{name}:release");
            holders.release(exchange, LockName.lock(verbs.name()), "released");
          }
          case "renew" -> {
            exchange.route("POST /v1/locks/{name}:renew");
            holders.renew(exchange, LockName.lock(verbs.name()), "held");
          }
          default -> throw Verbs.unknown(verbs.verb());
        }
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST, DELETE");
    }
  }

  private static LockName named(Exchange exchange) {
    Bytes name = exchange.target().bytesFrom(PREFIX.length());
    Keys.requireName(name);
    return LockName.lock(name);
  }

  private void look(Exchange exchange) {
    exchange.route("GET /v1/locks/{name}");
    exchange.refuseBody();
    Bytes name = named(exchange).text();
    Consistency wanted = Consistency.of(exchange.query());
    boolean history = exchange.query().flag("history");
    exchange.query().finish();
    if (history) {
      reads.read(exchange, wanted, (x, view) -> showHistory(x, view, name));
    } else {
      reads.readStale(exchange, wanted, (x, view, stale) -> show(x, view, stale, name));
    }
  }

  private static String state(@Nullable LockView lock) {
    if (lock != null && lock.holder() != null) {
      return "held";
    }
    if (lock != null && lock.opensInMillis() > 0) {
      return "lock-delay";
    }
    return lock == null || lock.queueLength() == 0 ? "free" : "reserved";
  }

  /** The grants that ended and are remembered, the oldest end first. */
  private static void showHistory(Exchange exchange, KvView view, Bytes name) {
    LockView lock = view.lock(name, 0);
    JsonText json = exchange.json().begin().key("name", name).name("history").beginArray();
    if (lock != null) {
      for (PastGrant past : lock.past()) {
        LockFields.write(json, past, view.clusterTimeMillis());
      }
    }
    json.endArray().field("revision", view.revision()).end();
    exchange.answer(200, view.revision(), json);
  }

  private static void show(Exchange exchange, KvView view, @Nullable LocalState stale, Bytes name) {
    LockView lock = view.lock(name, SHOWN_MAX);
    HolderInfo holder = lock == null ? null : lock.holder();
    JsonText json = exchange.json().begin().key("name", name).field("state", state(lock));
    if (lock != null && holder != null) {
      json.field("mode", LockFields.text(lock.mode()));
      if (lock.mode() == LockMode.EXCLUSIVE) {
        LockFields.write(json, holder, stale).field("held_for_ms", lock.heldForMillis());
      } else {
        json.field("expires_in_ms", holder.expiresInMillis())
            .field("holder_count", lock.holderCount());
        LockFields.writeHolders(json, lock, stale);
      }
    }
    if (lock != null && lock.opensInMillis() > 0) {
      json.field("opens_in_ms", lock.opensInMillis());
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
