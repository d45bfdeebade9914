package io.lockstep.http.v1;

import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.lease.LeaseListing;
import io.lockstep.kv.lease.LeaseView;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/leases}: the leases that run, in the order of their making. A page looks at so
 * many leases and no more, so that one without matches may be empty and still not the last.
 */
final class LeaseListings {
  private static final int LIMIT_DEFAULT = 1_000;
  private static final int LIMIT_MAX = 10_000;
  private static final int LOOKS_MAX = 10_000;

  private final Reads reads;

  LeaseListings(Reads reads) {
    this.reads = reads;
  }

  void serve(Exchange exchange) {
    exchange.route("GET /v1/leases");
    Query query = exchange.query();
    Predicate<List<Label>> labels = LeaseLabels.wanted(query.text("label"));
    int limit = (int) query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
    LeaseId after = after(query.text("after"));
    Consistency wanted = Consistency.of(query);
    query.finish();
    exchange.refuseBody();
    reads.read(exchange, wanted, (x, view) -> show(x, view, after, labels, limit));
  }

  private static @Nullable LeaseId after(@Nullable String text) {
    LeaseId after = text == null ? null : LeaseId.parse(text);
    if (text != null && after == null) {
      throw Query.bad("after", "is not the id of a lease");
    }
    return after;
  }

  private static void show(
      Exchange exchange,
      KvView view,
      @Nullable LeaseId after,
      Predicate<List<Label>> labels,
      int limit) {
    LeaseListing page = view.leases(after, labels, limit, LOOKS_MAX);
    JsonText json = exchange.json().begin().name("leases").beginArray();
    for (LeaseView lease : page.items()) {
      LeaseLabels.write(json.begin(), lease).end();
    }
    json.endArray();
    LeaseId next = page.next();
    if (next != null) {
      json.field("next", next.toString());
    }
    json.field("more", next != null).field("revision", view.revision()).end();
    exchange.answer(200, view.revision(), json);
  }
}
