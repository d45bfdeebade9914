package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Conditions;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.watch.WatchHub;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/kv/{key}}, of one key. */
final class KvGet {
  private final Reads reads;
  private final KvRange range;
  private final KvPoll poll;

  KvGet(Reads reads, WatchHub hub) {
    this.reads = reads;
    this.poll = new KvPoll(reads, hub);
    this.range = new KvRange(reads);
  }

  void serve(Exchange exchange, Bytes key) {
    exchange.refuseBody();
    Query query = exchange.query();
    if (query.has("prefix") || query.has("keys")) {
      range.serve(exchange, key);
      return;
    }
    Keys.require(key);
    boolean raw = query.flag("raw");
    if (!raw) {
      Accepts.json(exchange);
    }
    if (query.has("since") || query.has("wait")) {
      poll.serve(exchange, key, raw);
      return;
    }
    exchange.route("GET /v1/kv");
    long atRevision = query.revision("at_revision");
    Consistency wanted = Consistency.of(query);
    query.finish();
    wanted.requireReaches(atRevision);
    reads.read(exchange, wanted, (x, view) -> read(x, view, key, raw, atRevision));
  }

  private static void read(
      Exchange exchange, KvView view, Bytes key, boolean raw, long atRevision) {
    KeyRecord record;
    if (atRevision == 0) {
      record = view.get(key);
    } else {
      requireReadable(view, atRevision);
      record = view.get(key, atRevision);
    }
    long revision = atRevision == 0 ? view.revision() : atRevision;
    String ifMatch = exchange.single(HttpHeaders.IF_MATCH);
    if (ifMatch != null) {
      requireMatch(ifMatch, record);
    }
    if (record == null) {
      exchange.problem(absent(revision));
      return;
    }
    long modRevision = record.meta().modRevision();
    exchange.with(HttpHeaders.ETAG, Keys.etag(modRevision));
    String ifNoneMatch = exchange.single(HttpHeaders.IF_NONE_MATCH);
    if (ifNoneMatch != null && Conditions.noneMatchHits(ifNoneMatch, modRevision)) {
      exchange.answerEmpty(304, view.revision());
    } else {
      show(exchange, view, record, raw);
    }
  }

  /** The answer to a key that does not exist at {@code revision}. */
  static Problem absent(long revision) {
    return Problem.of(ProblemCode.KEY_NOT_FOUND, "the key does not exist")
        .with("at_revision", revision);
  }

  /** Answers with a key, whose entity tag is set. */
  static void show(Exchange exchange, KvView view, KeyRecord record, boolean raw) {
    if (raw) {
      sendRaw(exchange, view, record);
    } else {
      JsonText json = exchange.json();
      Keys.write(json, record);
      exchange.answer(200, view.revision(), json);
    }
  }

  /** Refuses a revision that is forgotten or has not come about. */
  static void requireReadable(KvView view, long revision) {
    if (revision <= view.compactedRevision()) {
      throw new Rejected(compacted(view));
    }
    if (revision > view.revision()) {
      throw new Rejected(
          Problem.of(
                  ProblemCode.NOT_ALLOWED,
                  "revision " + revision + " has not come about; the present one is smaller")
              .with("parameter", "at_revision"));
    }
  }

  /** The answer to a revision that is forgotten. */
  static Problem compacted(KvView view) {
    long oldest = view.compactedRevision() + 1;
    return Problem.of(
            ProblemCode.COMPACTED, "that revision is no longer kept; the oldest is " + oldest)
        .with("oldest_revision", oldest);
  }

  private static void requireMatch(String ifMatch, @Nullable KeyRecord record) {
    boolean matches =
        record != null
            && (ifMatch.trim().equals("*")
                || Conditions.revision("If-Match", ifMatch) == record.meta().modRevision());
    if (!matches) {
      Problem problem =
          Problem.of(ProblemCode.REVISION_MISMATCH, ProblemCode.REVISION_MISMATCH.meaning());
      throw new Rejected(
          record == null
              ? problem
              : problem.with(
                  new Problem.Member.Json(
                      "current",
                      new JsonText(64)
                          .begin()
                          .field("mod_revision", record.meta().modRevision())
                          .end())));
    }
  }

  private static void sendRaw(Exchange exchange, KvView view, KeyRecord record) {
    exchange
        .with(Names.NOSNIFF_NAME, Names.NOSNIFF)
        .with(Names.CONTENT_POLICY, Names.SANDBOX)
        .send(200, view.revision(), record.contentType(), Buffer.buffer(record.value().toArray()));
  }
}
