package io.lockstep.bench.service;

import io.lockstep.bench.wire.Answer;
import io.lockstep.bench.wire.Line;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Makes many leases, over all connections at once. On the event loop. */
final class Leases {
  private final int count;
  private final Supplier<String> ttl;
  private final boolean withKey;
  private final List<String> ids = new ArrayList<>();
  private final Promise<List<String>> done = Promise.promise();
  private int asked;
  private int finished;

  private Leases(int count, Supplier<String> ttl, boolean withKey) {
    this.count = count;
    this.ttl = ttl;
    this.withKey = withKey;
  }

  /**
   * Their ids, when all are there; {@code withKey} each holds a key.
   *
   * @param ttl asked for each just before its request is sent
   */
  static Future<List<String>> make(
      Vertx vertx, List<Line> lines, int count, Supplier<String> ttl, boolean withKey) {
    Leases leases = new Leases(count, ttl, withKey);
    vertx.runOnContext(ignored -> lines.forEach(leases::next));
    return leases.done.future();
  }

  /** The body of a renewal of all leases in {@code ids} between two positions. */
  static String renewal(List<String> ids, int from, int to) {
    return "{\"ids\":[\"" + String.join("\",\"", ids.subList(from, to)) + "\"]}";
  }

  private void next(Line line) {
    if (asked == count) {
      return;
    }
    asked++;
    line.ask("POST", "/v1/leases", "{\"ttl\":\"" + ttl.get() + "\"}", answer -> made(line, answer));
  }

  private void made(Line line, Answer answer) {
    if (!succeeded(answer)) {
      return;
    }
    String id = answer.json().path("id").asText();
    if (withKey) {
      line.ask(
          "PUT",
          "/v1/kv/leased/" + id + "?lease=" + id,
          "x",
          put -> {
            if (succeeded(put)) {
              finished(line, id);
            }
          });
    } else {
      finished(line, id);
    }
  }

  private void finished(Line line, String id) {
    ids.add(id);
    finished++;
    if (finished == count) {
      done.tryComplete(ids);
    } else {
      next(line);
    }
  }

  private boolean succeeded(Answer answer) {
    if (!answer.succeeded()) {
      done.tryFail("answered " + answer.status() + " " + answer.body());
    }
    return answer.succeeded();
  }
}
