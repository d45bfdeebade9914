package io.lockstep.bench.service;

import io.lockstep.bench.wire.Line;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Many leases that end at the same time: all are renewed together, and then never again. A watch
 * tells when each ended. None may end before its TTL has passed since the renewal was sent.
 */
final class LeaseEnds {
  private static final int CONNECTIONS = 32;
  private static final int IN_ONE_REQUEST = 10_000;
  private static final long TTL_NANOS = 60_000_000_000L;

  private final Vertx vertx;
  private final int leases;
  private final Promise<String> done = Promise.promise();
  private String rest = "";
  private long renewSentNanos;
  private long renewedNanos;
  private int unanswered;
  private int ended;
  private long firstNanos;
  private long lastNanos;

  private LeaseEnds(Vertx vertx, int leases) {
    this.vertx = vertx;
    this.leases = leases;
  }

  /** On the event loop; the line to print. */
  static Future<String> run(Vertx vertx, List<String> nodes, int leases) {
    LeaseEnds run = new LeaseEnds(vertx, leases);
    Lines open = new Lines(vertx, nodes);
    return open.open(CONNECTIONS)
        .compose(
            lines ->
                Leases.make(vertx, lines, leases, "60s", true)
                    .compose(
                        ids ->
                            run.watch(open)
                                .compose(
                                    begun -> {
                                      run.renew(lines, ids);
                                      return run.done.future();
                                    })));
  }

  /** On a connection of its own, opened now: a node closes one that asks nothing for long. */
  private Future<Void> watch(Lines open) {
    return open.open(1)
        .compose(
            lines ->
                lines.getFirst().stream("GET", "/v1/watch/?prefix&kind=lease", "", this::watched));
  }

  private void renew(List<Line> lines, List<String> ids) {
    renewSentNanos = System.nanoTime();
    for (int from = 0; from < leases; from += IN_ONE_REQUEST) {
      int to = Math.min(leases, from + IN_ONE_REQUEST);
      unanswered++;
      lines
          .get(from / IN_ONE_REQUEST % CONNECTIONS)
          .ask(
              "POST",
              "/v1/leases:renew",
              Leases.renewal(ids, from, to),
              answer -> {
                if (!answer.succeeded()) {
                  done.tryFail("a renewal was answered " + answer.status() + " " + answer.body());
                }
                unanswered--;
                renewedNanos = System.nanoTime();
              });
    }
    vertx.setTimer(TTL_NANOS / 1_000_000 + 30_000, ignored -> done.tryComplete(result()));
  }

  private void watched(Buffer piece) {
    String text = rest + piece.toString(StandardCharsets.ISO_8859_1);
    int end = text.lastIndexOf('\n') + 1;
    rest = text.substring(end);
    long now = System.nanoTime();
    for (int at = text.indexOf("\"expired\""); at >= 0 && at < end; ) {
      ended++;
      firstNanos = firstNanos == 0 ? now : firstNanos;
      lastNanos = now;
      at = text.indexOf("\"expired\"", at + 1);
    }
    if (ended == leases) {
      done.tryComplete(result());
    }
  }

  private String result() {
    if (ended == 0) {
      return "EXPIRE leases=" + leases + ": none ended in time";
    }
    return String.format(
        Locale.ROOT,
        "EXPIRE leases=%d, a key each: renewed within %d ms (%d unanswered), ended %d; after the"
            + " TTL of %d ms since the first renewal was sent, the first ended after %+d ms, the"
            + " last after %+d ms%s",
        leases,
        (renewedNanos - renewSentNanos) / 1_000_000,
        unanswered,
        ended,
        TTL_NANOS / 1_000_000,
        (firstNanos - renewSentNanos - TTL_NANOS) / 1_000_000,
        (lastNanos - renewSentNanos - TTL_NANOS) / 1_000_000,
        firstNanos != 0 && firstNanos - renewSentNanos < TTL_NANOS ? " EARLY" : "");
  }
}
