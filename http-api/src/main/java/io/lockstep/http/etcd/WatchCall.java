package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Outflow;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.watch.Selection;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.TreeMap;

/**
 * A stream of watches, each known by its number. One message is one object, one line and one chunk,
 * sent at once: clients read chunk by chunk. It ends when its client hangs up.
 */
final class WatchCall {
  private static final Bytes ZERO = Bytes.wrap(new byte[1]);
  private static final List<String> FILTERS = List.of("NOPUT", "NODELETE");
  private static final long NONE = -1;

  private final EtcdCall call;
  private final WatchHub hub;
  private final Outflow out;
  private final TreeMap<Long, OneWatch> watches = new TreeMap<>();
  private long nextId;
  private boolean over;

  private WatchCall(EtcdCall call, WatchHub hub) {
    this.call = call;
    this.hub = hub;
    this.out = new Outflow(call.exchange(), this::drained);
  }

  /** Serves all that the client asks for; nothing asks later. */
  static void serve(EtcdCall call, WatchHub hub, List<ProtoJson> messages) {
    List<Ask> asks = messages.stream().map(WatchCall::ask).toList();
    call.read(view -> new WatchCall(call, hub).start(asks, view));
  }

  /** One message of the client's. */
  private sealed interface Ask {
    record Create(KeyRange range, long start, long id, boolean previous, List<Integer> filters)
        implements Ask {}

    record Cancel(long id) implements Ask {}

    record Progress() implements Ask {}

    record Nothing() implements Ask {}
  }

  private static Ask ask(ProtoJson message) {
    ProtoJson create = message.message("create_request");
    ProtoJson cancel = message.message("cancel_request");
    if (create != null) {
      Bytes key = create.bytes("key");
      return new Ask.Create(
          EtcdRange.range(key.isEmpty() ? ZERO : key, create.bytes("range_end")),
          create.number("start_revision"),
          create.number("watch_id"),
          create.flag("prev_kv"),
          create.manyOf("filters", FILTERS));
    }
    if (cancel != null) {
      return new Ask.Cancel(cancel.number("watch_id"));
    }
    return message.has("progress_request") ? new Ask.Progress() : new Ask.Nothing();
  }

  private void start(List<Ask> asks, KvView view) {
    call.exchange().whenGone(this::gone);
    out.begin(200, view.revision(), Names.JSON);
    for (Ask ask : asks) {
      switch (ask) {
        case Ask.Create create -> create(create, view);
        case Ask.Cancel(long id) -> {
          OneWatch watch = watches.remove(id);
          if (watch != null) {
            watch.cancel();
            send(begin(view.revision(), id).field("canceled", true));
          }
        }
        case Ask.Progress progress -> send(begin(view.revision(), NONE));
        case Ask.Nothing nothing -> {}
      }
    }
  }

  private void create(Ask.Create create, KvView view) {
    Bytes end = create.range().end();
    if (end != null && end.compareTo(create.range().from()) <= 0) {
      refuse(view, "mvcc: watcher range is empty");
    } else if (create.id() != 0 && watches.containsKey(create.id())) {
      refuse(view, "mvcc: duplicate watch ID provided on the WatchStream");
    } else {
      long id = create.id() == 0 ? freeId() : create.id();
      JsonText json = begin(view.revision(), id);
      json.field("created", true);
      send(json);
      OneWatch watch = new OneWatch(this, id, create.previous(), create.filters());
      watches.put(id, watch);
      long start = create.start() > 0 ? create.start() : view.revision() + 1;
      watch.open(hub, selection(create.range()), start - 1);
    }
  }

  private void refuse(KvView view, String reason) {
    JsonText json = begin(view.revision(), NONE);
    json.field("created", true).field("canceled", true).field("cancel_reason", reason);
    send(json);
  }

  private long freeId() {
    while (watches.containsKey(nextId)) {
      nextId++;
    }
    return nextId++;
  }

  /** What is watched, in the form that is found fastest. */
  private static Selection selection(KeyRange range) {
    if (range.equals(KeyRange.of(range.from()))) {
      return new Selection.OneKey(range.from());
    }
    if (range.equals(KeyRange.prefix(range.from()))) {
      return new Selection.KeyPrefix(range.from());
    }
    return new Selection.KeysIn(range);
  }

  EtcdCall call() {
    return call;
  }

  /** A message's beginning, in an open object; 0 for a header without a revision. */
  JsonText begin(long revision, long id) {
    JsonText json = call.exchange().json().begin().name("result").begin();
    call.node().header(json, revision);
    ProtoText.number(json, "watch_id", id);
    return json;
  }

  /** Sends a message; how many bytes it came to. */
  int send(JsonText json) {
    JsonText message = json.end().end().plain("\n");
    out.write(message);
    return message.size();
  }

  boolean full() {
    return out.full();
  }

  /** A watch has ended by itself. */
  void ended(long id) {
    watches.remove(id);
  }

  /** Nothing more can be said, for all watches alike. */
  void fail(Refusal refusal) {
    if (!over) {
      gone();
      JsonText json = call.exchange().json();
      EtcdError.of(refusal).writeToStream(json);
      out.write(json.plain("\n"));
      out.end();
    }
  }

  private void drained() {
    List.copyOf(watches.values()).forEach(OneWatch::resume);
  }

  private void gone() {
    over = true;
    List.copyOf(watches.values()).forEach(OneWatch::cancel);
    watches.clear();
  }
}
