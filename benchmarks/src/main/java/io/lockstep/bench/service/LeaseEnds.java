package io.lockstep.bench.service;

import io.lockstep.bench.wire.Answer;
import io.lockstep.bench.wire.Line;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Many leases with a key each that may end at one and the same moment: each is granted a TTL that
 * leads there from when its request is sent, so none may be seen to end before. Linearizable reads
 * find out when none is left, and a watch tells of each end; puts beside them tell whether others
 * are served meanwhile.
 */
final class LeaseEnds {
  private static final int CONNECTIONS = 64;
  private static final long EVERY_MILLIS = 20;
  private static final long PATIENCE_MILLIS = 30_000;
  private static final long HIGHEST_MICROS = 60_000_000;
  private static final String ENDED = "\"expired\"";
  private static final String GAP = "\"gap\"";

  private final Vertx vertx;
  private final int leases;
  private final long endNanos;
  private final Promise<String> done = Promise.promise();
  private final Histogram ends = new Histogram(HIGHEST_MICROS, 3);
  private final Histogram puts = new Histogram(HIGHEST_MICROS, 3);
  private String rest = "";
  private int ended;
  private int early;
  private int refused;
  private boolean asking;
  private long goneNanos;
  private long firstNanos;
  private long lastNanos;

  private LeaseEnds(Vertx vertx, int leases, long endNanos) {
    this.vertx = vertx;
    this.leases = leases;
    this.endNanos = endNanos;
  }

  /**
   * On the event loop; the line to print.
   *
   * @param inSeconds when they may end, from now on; until a second before they must be made
   */
  static Future<String> run(Vertx vertx, List<String> nodes, int leases, int inSeconds) {
    LeaseEnds run = new LeaseEnds(vertx, leases, System.nanoTime() + inSeconds * 1_000_000_000L);
    Lines open = new Lines(vertx, nodes);
    return open.open(CONNECTIONS)
        .compose(
            lines ->
                Leases.make(vertx, lines, leases, run::timeToLive, true)
                    .compose(ids -> run.watch(open))
                    .compose(begun -> run.begin(lines)));
  }

  /** Rounded up: the end is not before the common moment. */
  private String timeToLive() {
    return (endNanos - System.nanoTime() + 999_999) / 1_000_000 + "ms";
  }

  /** On a connection of its own, opened now: a node closes one that asks nothing for long. */
  private Future<Void> watch(Lines open) {
    return open.open(1)
        .compose(
            lines ->
                lines.getFirst().stream("GET", "/v1/watch/?prefix&kind=lease", "", this::watched));
  }

  private Future<String> begin(List<Line> lines) {
    if (endNanos - System.nanoTime() < 1_000_000_000L) {
      return Future.failedFuture("the leases took too long to make: let them end later");
    }
    vertx.setPeriodic(EVERY_MILLIS, timer -> askBoth(timer, lines));
    vertx.setTimer(
        (endNanos - System.nanoTime()) / 1_000_000 + PATIENCE_MILLIS,
        ignored -> done.tryComplete(result()));
    return done.future();
  }

  private void askBoth(long timer, List<Line> lines) {
    long now = System.nanoTime();
    if (done.future().isComplete()) {
      vertx.cancelTimer(timer);
    } else if (now >= endNanos) {
      lines.getFirst().ask("PUT", "/v1/kv/bench/beside", "x", answer -> answered(answer, now));
      if (!asking && goneNanos == 0) {
        asking = true;
        lines.getLast().ask("GET", "/v1/leases?limit=1", "", this::listed);
      }
    }
  }

  private void listed(Answer answer) {
    asking = false;
    if (answer.status() == 200 && answer.json().path("leases").isEmpty()) {
      goneNanos = System.nanoTime();
      completeIfOver();
    }
  }

  private void answered(Answer answer, long sentNanos) {
    if (answer.succeeded()) {
      puts.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - sentNanos) / 1_000));
    } else {
      refused++;
    }
  }

  private void watched(Buffer piece) {
    String text = rest + piece.toString(StandardCharsets.ISO_8859_1);
    int complete = text.lastIndexOf('\n') + 1;
    rest = text.substring(complete);
    if (text.indexOf(GAP) >= 0) {
      done.tryFail("the watch has a gap after " + ended + " ends or more");
    }
    long now = System.nanoTime();
    for (int at = text.indexOf(ENDED); at >= 0 && at < complete; at = text.indexOf(ENDED, at + 1)) {
      ended++;
      early += now < endNanos ? 1 : 0;
      firstNanos = firstNanos == 0 ? now : firstNanos;
      lastNanos = now;
      ends.recordValue(Math.clamp((now - endNanos) / 1_000, 0, HIGHEST_MICROS));
    }
    completeIfOver();
  }

  private void completeIfOver() {
    if (ended == leases && goneNanos != 0) {
      done.tryComplete(result());
    }
  }

  /** What never came about is said to be so. */
  private String sinceEnd(long nanos) {
    return nanos == 0 ? "never" : (nanos - endNanos) / 1_000_000 + " ms";
  }

  private String result() {
    return String.format(
        Locale.ROOT,
        "EXPIRE leases=%d, a key each: ended %d, %d of them early; after the moment at which they"
            + " might, a linearizable read found none left: %s; a watch told of the first end: %s,"
            + " of half of those it told: %d ms, of the last: %s; puts beside that: %d, %d refused,"
            + " p50=%.2fms max=%.2fms",
        leases,
        ended,
        early,
        sinceEnd(goneNanos),
        sinceEnd(firstNanos),
        ends.getValueAtPercentile(50) / 1_000,
        sinceEnd(lastNanos),
        puts.getTotalCount(),
        refused,
        puts.getValueAtPercentile(50) / 1e3,
        puts.getMaxValue() / 1e3);
  }
}
