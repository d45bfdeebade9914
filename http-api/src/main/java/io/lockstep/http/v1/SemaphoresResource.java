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
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lock.SemaphoreView;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** {@code /v1/semaphores/{name}}: acquire, renew, release and look at permits. */
public final class SemaphoresResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/semaphores/";

  private static final int SHOWN_MAX = 1_000;

  private final LockAcquisition acquisition;
  private final HolderRequests holders;
  private final Reads reads;

  public SemaphoresResource(
      Coordinator coordinator, Mutations mutations, Reads reads, SignedGrants grants) {
    this.acquisition = new LockAcquisition(coordinator, grants);
    this.holders = new HolderRequests(mutations, grants);
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("semaphores");
    switch (exchange.method()) {
      case "GET", "HEAD" -> look(exchange);
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        Keys.requireName(verbs.name());
        change(exchange, LockName.semaphore(verbs.name()), verbs);
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST");
    }
  }

  private void change(Exchange exchange, LockName name, Verbs verbs) {
    switch (verbs.verb()) {
      case "acquire" -> {
        exchange.route("POST /v1/semaphores/{name}:acquire");
        acquisition.serve(exchange, name, verbs.path());
      }
      case "release" -> {
        exchange.route("POST /v1/semaphores/{name}:release");
        holders.release(exchange, name, "released");
      }
      case "renew" -> {
        exchange.route("POST /v1/semaphores/{name}:renew");
        holders.renew(exchange, name, "held");
      }
      default -> throw Verbs.unknown(verbs.verb());
    }
  }

  private void look(Exchange exchange) {
    exchange.route("GET /v1/semaphores/{name}");
    exchange.refuseBody();
    Bytes name = exchange.target().bytesFrom(PREFIX.length());
    Keys.requireName(name);
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    reads.readStale(exchange, wanted, (x, view, stale) -> show(x, view, stale, name));
  }

  private static void show(Exchange exchange, KvView view, @Nullable LocalState stale, Bytes name) {
    SemaphoreView semaphore = view.semaphore(name, SHOWN_MAX);
    JsonText json = exchange.json().begin().key("name", name);
    if (semaphore == null || semaphore.limit() == 0) {
      json.field("state", "free").field("permits_held", 0);
    } else {
      json.field("state", semaphore.permitsHeld() == 0 ? "free" : "held")
          .field("limit", semaphore.limit())
          .field("permits_held", semaphore.permitsHeld())
          .field("permits_free", semaphore.limit() - semaphore.permitsHeld());
    }
    json.field("holder_count", semaphore == null ? 0 : semaphore.holderCount());
    json.name("holders").beginArray();
    if (semaphore != null) {
      for (SemaphoreView.Holding one : semaphore.holders()) {
        LockFields.write(json.begin().field("permits", one.permits()), one.holder(), stale)
            .field("held_for_ms", one.heldForMillis())
            .end();
      }
    }
    json.endArray()
        .field("queue_length", semaphore == null ? 0 : semaphore.queueLength())
        .name("queue")
        .beginArray();
    if (semaphore != null) {
      for (SemaphoreView.Wanting one : semaphore.queue()) {
        LockFields.writeWanting(json, one);
      }
    }
    json.endArray().field("revision", view.revision()).end();
    exchange.answer(200, view.revision(), json);
  }
}
