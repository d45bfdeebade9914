package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.watch.WatchForm;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.http.watch.WatchState;
import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Selection;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;

/** {@code /v1/watch}: streams of changes. */
public final class WatchResource implements Resource {
  /** Where keys begin in a path. */
  public static final String PREFIX = "/v1/watch/";

  private static final long NOW = -1;
  private final Coordinator coordinator;
  private final Reads reads;
  private final WatchHub hub;

  public WatchResource(Coordinator coordinator, Reads reads, WatchHub hub) {
    this.coordinator = coordinator;
    this.reads = reads;
    this.hub = hub;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /v1/watch");
    if (!exchange.method().equals("GET")) {
      Methods.notAllowed(exchange, "GET");
      return;
    }
    exchange.refuseBody();
    if (!coordinator.serves()) {
      throw new Rejected(Problems.of(Refusal.DIVERGED));
    }
    Bytes name = KvResource.key(exchange, PREFIX);
    Query query = exchange.query();
    boolean prefix = query.flag("prefix");
    Selection selection = Selections.of(query.text("kind"), name, prefix, "kind");
    boolean initial = query.flag("initial");
    long from = query.revision("from");
    query.finish();
    if (initial && from != 0) {
      throw Query.bad("initial", "and from exclude each other");
    }
    exchange.with(HttpHeaders.VARY, Names.ACCEPT);
    WatchForm form = form(exchange);
    long after = after(exchange, from);
    if (after != NOW) {
      resume(exchange, form, selection, after);
    } else {
      reads.current(exchange, (x, view) -> begin(x, view, form, selection, initial));
    }
  }

  /** The form that the client takes. */
  static WatchForm form(Exchange exchange) {
    return Accepts.second(
            exchange.header(HttpHeaders.ACCEPT), "text/event-stream", "application/x-ndjson")
        ? WatchForm.LINES
        : WatchForm.EVENTS;
  }

  /** The revision after which to begin; the header of a reconnecting browser wins. */
  private static long after(Exchange exchange, long from) {
    String last = exchange.single(Names.LAST_EVENT_ID);
    if (last != null && !last.isEmpty()) {
      return Query.parse("id=" + last.trim()).number("id", 0, (1L << 53) - 1, NOW);
    }
    return from == 0 ? NOW : from - 1;
  }

  private void resume(Exchange exchange, WatchForm form, Selection selection, long after) {
    KvView view = coordinator.view();
    if (after < view.compactedRevision()) {
      throw new Rejected(KvGet.compacted(view));
    }
    hub.open(exchange, form, selection, after, null);
  }

  private void begin(
      Exchange exchange, KvView view, WatchForm form, Selection selection, boolean initial) {
    WatchState state = null;
    if (initial) {
      if (!Selections.ofKeys(selection)) {
        throw Query.bad("initial", "is for keys");
      }
      state = new WatchState(view, selection, Keys::write);
    }
    hub.open(exchange, form, selection, view.revision(), state);
  }
}
