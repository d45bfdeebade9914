package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.watch.NamedWatch;
import io.lockstep.http.watch.WatchForm;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.http.watch.WatchState;
import io.lockstep.kv.KvView;
import io.lockstep.kv.watch.Selection;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * {@code POST /v1/watch}: many watches on one stream, each known by its id. What is got from there
 * is one watch.
 */
public final class WatchesResource implements Resource {
  /** The route. */
  public static final String PATH = "/v1/watch";

  /** How many watches one stream carries. */
  public static final int WATCHES_MAX = 1_000;

  private static final int ID_CHARACTERS_MAX = 128;

  private final Coordinator coordinator;
  private final Reads reads;
  private final WatchHub hub;
  private final WatchResource one;

  public WatchesResource(Coordinator coordinator, Reads reads, WatchHub hub, WatchResource one) {
    this.coordinator = coordinator;
    this.reads = reads;
    this.hub = hub;
    this.one = one;
  }

  /** One of them, as it is asked for; {@code from} is 0 for what comes from now on. */
  private record Asked(String id, Selection selection, long from, boolean initial) {}

  @Override
  public void serve(Exchange exchange) {
    switch (exchange.method()) {
      case "GET" -> one.serve(exchange);
      case "POST" -> many(exchange);
      default -> Methods.notAllowed(exchange, "GET, POST");
    }
  }

  private void many(Exchange exchange) {
    exchange.route("POST /v1/watch");
    exchange.query().finish();
    WatchForm form = WatchResource.form(exchange);
    if (!coordinator.serves()) {
      throw new Rejected(Problems.of(Refusal.DIVERGED));
    }
    exchange.body(
        body -> {
          exchange.with(HttpHeaders.VARY, Names.ACCEPT);
          List<Asked> asked = parse(JsonBody.parse(body));
          if (asked.stream().allMatch(one -> one.from() > 0)) {
            open(exchange, form, coordinator.view(), asked);
          } else {
            reads.current(exchange, (x, view) -> open(x, form, view, asked));
          }
        });
  }

  private void open(Exchange exchange, WatchForm form, KvView view, List<Asked> asked) {
    List<NamedWatch> watches = new ArrayList<>(asked.size());
    for (Asked one : asked) {
      WatchState state = one.initial() ? new WatchState(view, one.selection(), Keys::write) : null;
      long after = one.from() == 0 ? view.revision() : one.from() - 1;
      watches.add(new NamedWatch(one.id(), one.selection(), after, state));
    }
    hub.open(exchange, form, view.revision(), watches);
  }

  private static List<Asked> parse(JsonBody json) {
    List<JsonBody> items = json.objects("watches", WATCHES_MAX);
    json.finish();
    if (items == null || items.isEmpty()) {
      throw JsonBody.missing("watches");
    }
    List<Asked> asked = new ArrayList<>(items.size());
    Set<String> ids = new HashSet<>();
    for (JsonBody item : items) {
      Asked one = one(item);
      if (!ids.add(one.id())) {
        throw item.refuse("id", "is that of another watch too");
      }
      asked.add(one);
    }
    return asked;
  }

  private static Asked one(JsonBody item) {
    String id = item.text("id");
    if (id == null || id.isEmpty() || id.length() > ID_CHARACTERS_MAX) {
      throw item.refuse("id", "must be a text of 1 to " + ID_CHARACTERS_MAX + " characters");
    }
    String kind = item.text("kind");
    boolean ofKeys = kind == null || kind.equals("key");
    String exact = ofKeys ? "key" : "name";
    Bytes name = item.bytes(exact, exact + "_b64");
    Bytes prefix = item.bytes("prefix", "prefix_b64");
    if ((name == null) == (prefix == null)) {
      throw item.refuse(exact, "or field 'prefix' must be there, and not both");
    }
    Selection selection =
        prefix == null
            ? Selections.of(kind, Objects.requireNonNull(name), false, "kind")
            : Selections.of(kind, prefix, true, "kind");
    long from = item.number("from", 1, 0);
    boolean initial = item.truth("initial", false);
    item.finish();
    if (initial && !Selections.ofKeys(selection)) {
      throw item.refuse("initial", "is for keys");
    }
    if (initial && from != 0) {
      throw item.refuse("initial", "and field 'from' exclude each other");
    }
    return new Asked(id, selection, from, initial);
  }
}
