package io.lockstep.http.v1;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Outflow;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.RangePage;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A range as a stream of lines, one key each, all of one revision; the last line says how many.
 * Never more than a chunk of it is in memory beside the view itself.
 */
final class RangeLines {
  private static final int CHUNK_KEYS = 256;
  private static final int CHUNK_BYTES = 64 << 10;

  private final Exchange exchange;
  private final KvView view;
  private final KvRange.Page page;
  private final long revision;
  private final Outflow out;
  private long left;
  private long sent;
  private @Nullable Bytes after;

  RangeLines(Exchange exchange, KvView view, KvRange.Page page, boolean limited) {
    this.exchange = exchange;
    this.view = view;
    this.page = page;
    this.revision = KvRange.revisionOf(view, page);
    this.after = page.after();
    this.left = limited ? page.limit() : Long.MAX_VALUE;
    this.out = new Outflow(exchange, this::pump);
  }

  void start() {
    out.begin(200, view.revision(), Names.NDJSON);
    pump();
  }

  private void pump() {
    while (!out.full()) {
      int limit = (int) Math.min(CHUNK_KEYS, left);
      RangePage found = view.range(page.prefix(), after, limit, CHUNK_BYTES, revision);
      JsonText json = exchange.json();
      for (KeyRecord record : found.items()) {
        Keys.write(json, record);
        json.plain("\n");
        after = record.key();
      }
      sent += found.items().size();
      left -= found.items().size();
      boolean last = !found.more() || left == 0;
      if (last) {
        end(json, found);
      }
      out.write(json);
      if (last) {
        out.end();
        return;
      }
    }
  }

  private void end(JsonText json, RangePage found) {
    json.begin()
        .field("end", true)
        .field("sent", sent)
        .field("count", found.count())
        .field("more", found.more())
        .field("revision", revision);
    if (found.more() && after != null) {
      json.key("next", after);
    }
    json.end().plain("\n");
  }
}
