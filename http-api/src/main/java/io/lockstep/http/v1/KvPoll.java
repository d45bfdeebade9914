package io.lockstep.http.v1;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.Query;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.LocalState;
import io.lockstep.http.watch.LongPoll;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Selection;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/kv/{key}?since=44&wait=30s}: the key once it has changed after a revision that the
 * client knows, or 204 when it did not for so long.
 */
final class KvPoll {
  private static final long WAIT_MILLIS_MAX = 60_000;

  private final Reads reads;
  private final WatchHub hub;

  KvPoll(Reads reads, WatchHub hub) {
    this.reads = reads;
    this.hub = hub;
  }

  void serve(Exchange exchange, Bytes key, boolean raw) {
    exchange.route("GET /v1/kv?since");
    Query query = exchange.query();
    long since = query.revision("since");
    String text = query.text("wait");
    long wait = text == null ? 0 : Durations.millis("wait", text, 0, WAIT_MILLIS_MAX);
    if (since == 0) {
      throw Query.bad(
          "wait", "needs since=R, the revision that is known already, so that no change is missed");
    }
    if (query.has("at_revision")) {
      throw Query.bad("at_revision", "and since exclude each other: the past does not change");
    }
    Consistency wanted = Consistency.of(query);
    query.finish();
    if (exchange.single(HttpHeaders.IF_MATCH) != null
        || exchange.single(HttpHeaders.IF_NONE_MATCH) != null) {
      throw new Rejected(
          ProblemCode.BAD_HEADER, "since says what is known: leave If-Match and If-None-Match out");
    }
    reads.read(
        exchange,
        wanted,
        (x, view) -> {
          KeyRecord record = view.get(key);
          if (record != null && record.meta().modRevision() > since) {
            show(x, view, record, raw);
          } else {
            // What is there is known not to have changed up to this view; what is not, may have.
            long after = record == null ? since : Math.max(since, view.revision());
            hub.poll(x, new Selection.OneKey(key), after, wait, new Answer(wanted, key, raw));
          }
        });
  }

  private static void show(
      Exchange exchange, KvView view, @Nullable KeyRecord record, boolean raw) {
    if (record == null) {
      exchange.problem(KvGet.absent(view.revision()));
      return;
    }
    exchange.with(HttpHeaders.ETAG, Keys.etag(record.meta().modRevision()));
    KvGet.show(exchange, view, record, raw);
  }

  /** The end of a wait; what it says of a weak read's age is of that moment. */
  private record Answer(Consistency wanted, Bytes key, boolean raw) implements LongPoll.Ending {
    @Override
    public void changed(Exchange exchange, LocalState state) {
      Reads.local(exchange, wanted, state, (x, view) -> show(x, view, view.get(key), raw));
    }

    @Override
    public void unchanged(Exchange exchange, LocalState state) {
      Reads.local(exchange, wanted, state, (x, view) -> x.answerEmpty(204, view.revision()));
    }

    @Override
    public void forgotten(Exchange exchange, LocalState state) {
      throw new Rejected(KvGet.compacted(state.view()));
    }
  }
}
