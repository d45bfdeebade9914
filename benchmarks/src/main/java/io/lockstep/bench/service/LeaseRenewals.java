package io.lockstep.bench.service;

import io.lockstep.bench.wire.Answer;
import io.lockstep.bench.wire.Line;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Many leases, all renewed in turn at a fixed rate, one by one or several in one request. No lease
 * may be lost.
 */
final class LeaseRenewals {
  private static final long HIGHEST_MICROS = 60_000_000;
  private static final int CONNECTIONS = 32;

  /** One by one, as from that many holders: an answer waits for its window's log entry. */
  private static final int HOLDERS = 1_000;

  private final Vertx vertx;
  private final Plan plan;
  private final List<Line> lines;
  private final List<String> ids;
  private final Histogram latencies = new Histogram(HIGHEST_MICROS, 3);
  private final Promise<String> done = Promise.promise();
  private final long beginNanos = System.nanoTime();
  private long sent;
  private long answered;
  private long renewals;
  private long lost;

  /**
   * What to run.
   *
   * @param leases how many
   * @param everySeconds how often each is renewed
   * @param inOneRequest 1 for one by one
   * @param warmupSeconds of the same before what is measured
   */
  record Plan(int leases, int everySeconds, int inOneRequest, int warmupSeconds, int seconds) {
    long requestsPerSecond() {
      return (long) leases / inOneRequest / everySeconds;
    }
  }

  private LeaseRenewals(Vertx vertx, Plan plan, List<Line> lines, List<String> ids) {
    this.vertx = vertx;
    this.plan = plan;
    this.lines = lines;
    this.ids = ids;
  }

  /** On the event loop; the line to print. */
  static Future<String> run(Vertx vertx, List<String> nodes, Plan plan, Runnable made) {
    return new Lines(vertx, nodes)
        .open(plan.inOneRequest() == 1 ? HOLDERS : CONNECTIONS)
        .compose(
            lines ->
                Leases.make(vertx, lines, plan.leases(), () -> "60s", false)
                    .compose(
                        ids -> {
                          made.run();
                          LeaseRenewals run = new LeaseRenewals(vertx, plan, lines, ids);
                          vertx.setPeriodic(1, run::renew);
                          return run.done.future();
                        }));
  }

  private void renew(long timer) {
    long perSecond = plan.requestsPerSecond();
    long all = perSecond * (plan.warmupSeconds() + plan.seconds());
    // The first is due at the beginning.
    long due = 1 + (System.nanoTime() - beginNanos) / 1_000 * perSecond / 1_000_000;
    for (; sent < Math.min(all, due); sent++) {
      long dueNanos = beginNanos + sent * 1_000_000_000L / perSecond;
      Line line = lines.get((int) (sent % lines.size()));
      int from = (int) (sent * plan.inOneRequest() % plan.leases());
      if (plan.inOneRequest() == 1) {
        line.ask(
            "POST", "/v1/leases/" + ids.get(from) + ":renew", "", answer -> one(answer, dueNanos));
      } else {
        int to = Math.min(plan.leases(), from + plan.inOneRequest());
        line.ask(
            "POST",
            "/v1/leases:renew",
            Leases.renewal(ids, from, to),
            answer -> several(answer, to - from, dueNanos));
      }
    }
    if (sent == all) {
      vertx.cancelTimer(timer);
      vertx.setTimer(5_000, ignored -> done.tryComplete(result()));
    }
  }

  private void one(Answer answer, long dueNanos) {
    count(1, dueNanos);
    lost += answer.succeeded() ? 0 : 1;
  }

  private void several(Answer answer, int leases, long dueNanos) {
    count(leases, dueNanos);
    int renewed = 0;
    for (var result : answer.json().path("results")) {
      renewed += result.has("expires_in_ms") ? 1 : 0;
    }
    lost += leases - renewed;
  }

  private void count(int leases, long dueNanos) {
    answered++;
    if (dueNanos - beginNanos < plan.warmupSeconds() * 1_000_000_000L) {
      return;
    }
    renewals += leases;
    latencies.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - dueNanos) / 1_000));
  }

  private String result() {
    return String.format(
        Locale.ROOT,
        "RENEW leases=%d every=%ds in one request=%d requests=%d answered=%d renewals/s=%d"
            + " not renewed=%d p50=%.2fms p99=%.2fms max=%.2fms",
        plan.leases(),
        plan.everySeconds(),
        plan.inOneRequest(),
        sent,
        answered,
        renewals / plan.seconds(),
        lost,
        latencies.getValueAtPercentile(50) / 1e3,
        latencies.getValueAtPercentile(99) / 1e3,
        latencies.getMaxValue() / 1e3);
  }
}
