package io.lockstep.http.v1;

import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyListing;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.RangePage;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/kv/{prefix}?prefix} and {@code ?keys}: pages of one revision. */
final class KvRange {
  private static final int LIMIT_DEFAULT = 1_000;
  private static final int LIMIT_MAX = 10_000;

  private final Reads reads;

  KvRange(Reads reads) {
    this.reads = reads;
  }

  /** What is asked for; {@code atRevision} 0 for the present. */
  record Page(
      Bytes prefix, @Nullable Bytes delimiter, @Nullable Bytes after, int limit, long atRevision) {}

  void serve(Exchange exchange, Bytes prefix) {
    Query query = exchange.query();
    boolean keysOnly = query.flag("keys");
    boolean withValues = query.flag("prefix");
    if (!keysOnly && !withValues) {
      throw Query.bad("prefix", "and keys are both off");
    }
    Page page =
        new Page(
            prefix,
            keysOnly ? query.bytes("delimiter") : null,
            after(query),
            (int) query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT),
            query.revision("at_revision"));
    Consistency wanted = Consistency.of(query);
    query.finish();
    wanted.requireReaches(page.atRevision());
    exchange.with(HttpHeaders.VARY, Names.ACCEPT);
    if (keysOnly) {
      exchange.route("GET /v1/kv?keys");
      Accepts.json(exchange);
      reads.read(exchange, wanted, (x, view) -> list(x, view, page));
      return;
    }
    exchange.route("GET /v1/kv?prefix");
    boolean lines =
        Accepts.second(
                exchange.header(HttpHeaders.ACCEPT), "application/json", "application/x-ndjson")
            && exchange.method().equals("GET");
    boolean limited = query.has("limit");
    reads.read(
        exchange,
        wanted,
        (x, view) -> {
          requireReadable(view, page);
          if (lines) {
            new RangeLines(x, view, page, limited).start();
          } else {
            range(x, view, page);
          }
        });
  }

  private static @Nullable Bytes after(Query query) {
    Bytes text = query.bytes("after");
    Bytes encoded = query.base64("after_b64");
    if (text != null && encoded != null) {
      throw Query.bad("after_b64", "and after exclude each other");
    }
    return text == null ? encoded : text;
  }

  private static void requireReadable(KvView view, Page page) {
    if (page.atRevision() != 0) {
      KvGet.requireReadable(view, page.atRevision());
    }
  }

  /** The revision that a page shows. */
  static long revisionOf(KvView view, Page page) {
    return page.atRevision() == 0 ? view.revision() : page.atRevision();
  }

  private static void range(Exchange exchange, KvView view, Page page) {
    long revision = revisionOf(view, page);
    int bytesMax = exchange.loop().options().sizes().pageBytesMax();
    RangePage found = view.range(page.prefix(), page.after(), page.limit(), bytesMax, revision);
    JsonText json = exchange.json().begin().name("items").beginArray();
    for (KeyRecord record : found.items()) {
      Keys.write(json, record);
    }
    json.endArray().field("count", found.count());
    if (found.more()) {
      json.key("next", lastOf(found.items()));
    }
    json.field("more", found.more()).field("revision", revision).end();
    exchange.answer(200, view.revision(), json);
  }

  private static Bytes lastOf(List<KeyRecord> items) {
    return items.get(items.size() - 1).key();
  }

  private static void list(Exchange exchange, KvView view, Page page) {
    requireReadable(view, page);
    long revision = revisionOf(view, page);
    Bytes delimiter = page.delimiter() == null ? Bytes.EMPTY : page.delimiter();
    KeyListing listing = view.list(page.prefix(), delimiter, page.after(), page.limit(), revision);
    JsonText json = exchange.json().begin().name("keys").beginArray();
    for (Bytes key : listing.keys()) {
      Keys.writeElement(json, key);
    }
    json.endArray().name("prefixes").beginArray();
    for (Bytes prefix : listing.prefixes()) {
      Keys.writeElement(json, prefix);
    }
    json.endArray();
    Bytes next = listing.next();
    if (next != null) {
      json.key("next", next);
    }
    json.field("more", next != null).field("revision", revision).end();
    exchange.answer(200, view.revision(), json);
  }
}
