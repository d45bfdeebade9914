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
 * Clients that acquire a lock and release it, again and again: each a lock of its own, or all the
 * same. Of one lock the grants' tokens must increase, and of the contenders each must be served
 * once in a round: who was not is counted as out of turn, also when its request was overtaken on
 * its way.
 */
final class LockCycles {
  private static final long HIGHEST_MICROS = 120_000_000;

  private final Vertx vertx;
  private final int clients;
  private final boolean contended;
  private final long measureNanos;
  private final long endNanos;
  private final Histogram cycles = new Histogram(HIGHEST_MICROS, 3);
  private final Histogram handOvers = new Histogram(HIGHEST_MICROS, 3);
  private final Promise<String> done = Promise.promise();
  private final long[] lastTurn;
  private long turn;
  private long outOfTurn;
  private long lastToken;
  private long releaseSentNanos;
  private int running;

  private LockCycles(Vertx vertx, int clients, boolean contended, int warmup, int seconds) {
    this.vertx = vertx;
    this.clients = clients;
    this.contended = contended;
    this.lastTurn = new long[clients];
    this.measureNanos = System.nanoTime() + warmup * 1_000_000_000L;
    this.endNanos = measureNanos + seconds * 1_000_000_000L;
  }

  /** On the event loop; the line to print. */
  static Future<String> run(
      Vertx vertx, List<String> nodes, int clients, boolean contended, int warmup, int seconds) {
    return new Lines(vertx, nodes)
        .open(clients)
        .compose(
            lines -> {
              LockCycles run = new LockCycles(vertx, clients, contended, warmup, seconds);
              run.begin(lines);
              return run.done.future();
            });
  }

  private void begin(List<Line> lines) {
    running = lines.size();
    for (int i = 0; i < lines.size(); i++) {
      lines.get(i).onEnd(this::ended);
      acquire(i, lines.get(i));
    }
  }

  private void acquire(int client, Line line) {
    String name = contended ? "bench-shared" : "bench-" + client;
    long begin = System.nanoTime();
    line.ask(
        "POST",
        "/v1/locks/" + name + ":acquire",
        "{\"ttl\":\"60s\",\"wait\":\"60s\",\"owner\":\"client-" + client + "\"}",
        answer -> granted(client, line, name, begin, answer));
  }

  private void granted(int client, Line line, String name, long begin, Answer answer) {
    long now = System.nanoTime();
    expect(answer);
    long token = answer.json().path("token").asLong();
    if (contended) {
      inTurn(client, token, now);
    }
    releaseSentNanos = now;
    line.ask(
        "POST",
        "/v1/locks/" + name + ":release",
        "{\"token\":" + token + "}",
        released -> released(client, line, begin, released));
  }

  private void released(int client, Line line, long begin, Answer answer) {
    expect(answer);
    long now = System.nanoTime();
    if (now >= measureNanos && now < endNanos) {
      cycles.recordValue(Math.min(HIGHEST_MICROS, (now - begin) / 1_000));
    }
    if (now < endNanos) {
      acquire(client, line);
    } else {
      line.close();
      running--;
      if (running == 0) {
        vertx.runOnContext(ignored -> done.tryComplete(result()));
      }
    }
  }

  private void ended() {
    if (System.nanoTime() < endNanos) {
      done.tryFail("a connection was closed by a node");
    }
  }

  private void inTurn(int client, long token, long now) {
    if (token <= lastToken) {
      throw new IllegalStateException("token " + token + " after token " + lastToken);
    }
    lastToken = token;
    turn++;
    boolean measured = now >= measureNanos && now < endNanos;
    if (measured) {
      handOvers.recordValue(Math.min(HIGHEST_MICROS, (now - releaseSentNanos) / 1_000));
    }
    if (measured && lastTurn[client] > 0 && turn - lastTurn[client] != clients) {
      outOfTurn++;
    }
    lastTurn[client] = turn;
  }

  private void expect(Answer answer) {
    if (!answer.succeeded()) {
      done.tryFail("a lock was answered " + answer.status() + " " + answer.body());
      throw new IllegalStateException("answered " + answer.status() + " " + answer.body());
    }
  }

  private String result() {
    double seconds = (endNanos - measureNanos) / 1e9;
    String line =
        String.format(
            Locale.ROOT,
            "LOCK %s clients=%d cycles/s=%.0f p50=%.2fms p99=%.2fms max=%.2fms",
            contended ? "one for all" : "one for each",
            clients,
            cycles.getTotalCount() / seconds,
            cycles.getValueAtPercentile(50) / 1e3,
            cycles.getValueAtPercentile(99) / 1e3,
            cycles.getMaxValue() / 1e3);
    return contended
        ? line
            + String.format(
                Locale.ROOT,
                " hand-over p50=%.2fms p99=%.2fms max=%.2fms out of turn=%d of %d",
                handOvers.getValueAtPercentile(50) / 1e3,
                handOvers.getValueAtPercentile(99) / 1e3,
                handOvers.getMaxValue() / 1e3,
                outOfTurn,
                handOvers.getTotalCount())
        : line;
  }
}
