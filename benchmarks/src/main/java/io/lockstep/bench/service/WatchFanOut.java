package io.lockstep.bench.service;

import io.lockstep.bench.wire.Answer;
import io.lockstep.bench.wire.Line;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * One key that is written at a fixed rate, many that watch it, and many more that watch other keys.
 * A value says when its put was due, so a delivery's latency counts from then. Every watcher must
 * get every value.
 */
final class WatchFanOut {
  private static final long HIGHEST_MICROS = 60_000_000;
  private static final int WATCHES_A_CONNECTION = 1_000;
  private static final String VALUE = "\"value\":\"due-";

  private final Vertx vertx;
  private final Plan plan;
  private final Lines lines;
  private final Histogram deliveries = new Histogram(HIGHEST_MICROS, 3);
  private final Histogram puts = new Histogram(HIGHEST_MICROS, 3);
  private final Promise<String> done = Promise.promise();
  private final List<Line> writers = new ArrayList<>();
  private long beginNanos;
  private long measureNanos = Long.MAX_VALUE;
  private long sent;
  private long answered;
  private long delivered;
  private int synced;
  private int othersBegan;
  private long firstNanos = Long.MAX_VALUE;
  private long lastNanos;

  /**
   * What to run.
   *
   * @param watchers of the key, a connection each
   * @param others watches of other keys, a thousand a connection
   * @param putsPerSecond of the key
   * @param warmupSeconds of the same before what is measured
   */
  record Plan(int watchers, int others, int putsPerSecond, int warmupSeconds, int seconds) {
    long puts() {
      return (long) putsPerSecond * seconds;
    }
  }

  private WatchFanOut(Vertx vertx, List<String> nodes, Plan plan) {
    this.vertx = vertx;
    this.plan = plan;
    this.lines = new Lines(vertx, nodes);
  }

  /** On the event loop; the line to print. */
  static Future<String> run(Vertx vertx, List<String> nodes, Plan plan) {
    WatchFanOut run = new WatchFanOut(vertx, nodes, plan);
    return run.lines
        .open(8)
        .compose(
            writers -> {
              run.writers.addAll(writers);
              return run.lines.open(connections(plan.others()));
            })
        .compose(
            others -> {
              run.watchOthers(others);
              return run.lines.open(plan.watchers());
            })
        .compose(
            watchers -> {
              watchers.forEach(run::watch);
              run.beginWhenSynced();
              return run.done.future();
            });
  }

  private static int connections(int watches) {
    return (watches + WATCHES_A_CONNECTION - 1) / WATCHES_A_CONNECTION;
  }

  private void watchOthers(List<Line> connections) {
    for (int c = 0; c < connections.size(); c++) {
      StringBuilder body = new StringBuilder("{\"watches\":[");
      for (int i = 0; i < WATCHES_A_CONNECTION; i++) {
        int number = c * WATCHES_A_CONNECTION + i;
        body.append(i == 0 ? "" : ",").append("{\"id\":\"").append(number);
        body.append("\",\"key\":\"other/").append(number).append("\"}");
      }
      connections.get(c).stream("POST", "/v1/watch", body.append("]}").toString(), piece -> {})
          .onSuccess(begun -> othersBegan++)
          .onFailure(done::tryFail);
    }
  }

  private void watch(Line line) {
    Reader reader = new Reader();
    line.stream("GET", "/v1/watch/bench/watched?initial=true", "", reader::accept)
        .onFailure(done::tryFail);
  }

  private void beginWhenSynced() {
    vertx.setPeriodic(
        50,
        timer -> {
          if (synced == plan.watchers() && othersBegan == connections(plan.others())) {
            vertx.cancelTimer(timer);
            beginNanos = System.nanoTime();
            measureNanos = beginNanos + plan.warmupSeconds() * 1_000_000_000L;
            vertx.setPeriodic(1, this::put);
          }
        });
  }

  private void put(long timer) {
    long all = (long) plan.putsPerSecond() * plan.warmupSeconds() + plan.puts();
    // The first is due at the beginning.
    long due = 1 + (System.nanoTime() - beginNanos) / 1_000 * plan.putsPerSecond() / 1_000_000;
    for (; sent < Math.min(all, due); sent++) {
      long dueNanos = beginNanos + sent * 1_000_000_000L / plan.putsPerSecond();
      writers
          .get((int) (sent % writers.size()))
          .ask("PUT", "/v1/kv/bench/watched", "due-" + dueNanos, a -> answered(a, dueNanos));
    }
    if (sent == all) {
      vertx.cancelTimer(timer);
      vertx.setTimer(5_000, ignored -> done.tryComplete(result()));
    }
  }

  private void answered(Answer answer, long dueNanos) {
    if (!answer.succeeded()) {
      done.tryFail("a put was answered " + answer.status() + " " + answer.body());
    }
    if (dueNanos < measureNanos) {
      return;
    }
    answered++;
    puts.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - dueNanos) / 1_000));
  }

  private void delivered(long dueNanos) {
    long now = System.nanoTime();
    delivered++;
    firstNanos = Math.min(firstNanos, now);
    lastNanos = Math.max(lastNanos, now);
    deliveries.recordValue(Math.min(HIGHEST_MICROS, (now - dueNanos) / 1_000));
  }

  /** Finds values in a stream of lines; a line may come in pieces. */
  private final class Reader {
    private String rest = "";
    private boolean told;

    void accept(Buffer piece) {
      String text = rest + piece.toString(StandardCharsets.ISO_8859_1);
      int end = text.lastIndexOf('\n') + 1;
      rest = text.substring(end);
      if (!told && text.indexOf("synced") >= 0) {
        told = true;
        synced++;
      }
      for (int at = text.indexOf(VALUE); at >= 0 && at < end; at = text.indexOf(VALUE, at + 1)) {
        int from = at + VALUE.length();
        long dueNanos = Long.parseLong(text, from, text.indexOf('"', from), 10);
        if (dueNanos >= measureNanos) {
          delivered(dueNanos);
        }
      }
    }
  }

  private String result() {
    return String.format(
        Locale.ROOT,
        "WATCH watchers=%d others=%d puts/s=%d answered=%d of %d put p50=%.2fms p99=%.2fms"
            + " deliveries=%d of %d deliveries/s=%.0f p50=%.2fms p99=%.2fms max=%.2fms",
        plan.watchers(),
        plan.others(),
        plan.putsPerSecond(),
        answered,
        plan.puts(),
        puts.getValueAtPercentile(50) / 1e3,
        puts.getValueAtPercentile(99) / 1e3,
        delivered,
        plan.puts() * plan.watchers(),
        delivered == 0 ? 0.0 : delivered / ((lastNanos - firstNanos) / 1e9),
        deliveries.getValueAtPercentile(50) / 1e3,
        deliveries.getValueAtPercentile(99) / 1e3,
        deliveries.getMaxValue() / 1e3);
  }
}
