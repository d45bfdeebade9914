package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.Violation;

/**
 * A client that counts one key up by compare-and-set under an idempotency key, often hangs up
 * before it has heard the answer, and asks again through other nodes until it knows: each increment
 * must count once.
 */
final class CountingClient implements Runnable {
  /** Long enough for any fault of a run to pass. */
  private static final int ATTEMPTS_MAX = 1_000;

  private final Asking asking;
  private final String name;
  private final String key;
  private long number;

  CountingClient(Asking asking, String name, String key) {
    this.asking = asking;
    this.name = name;
    this.key = key;
  }

  @Override
  public void run() {
    try {
      while (!asking.isStopped()) {
        Http.Answer now = asking.send("GET", "/v1/kv/" + key, "");
        if (now.status() == 200 || now.status() == 404) {
          increment(now);
        }
        asking.pause(asking.random.nextInt(40));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void increment(Http.Answer now) throws InterruptedException {
    String request = name + "-" + ++number;
    Change.Increment increment = Change.increment(Change.put(key, now.text("value")));
    long before = increment == null ? 0 : increment.count();
    String[] headers = {
      now.status() == 404 ? "If-None-Match" : "If-Match",
      now.status() == 404 ? "*" : "\"" + now.number("mod_revision") + "\"",
      "Idempotency-Key",
      request
    };
    String value = new Change.Increment(key, before + 1, request).value();
    boolean again = asking.random.nextInt(5) == 0;
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (asking.random.nextInt(4) == 0) {
        HungUp.send(asking.node(), "PUT", "/v1/kv/" + key, value, headers);
      }
      Http.Answer answer = asking.send("PUT", "/v1/kv/" + key, value, headers);
      boolean done = answer.status() == 200 || answer.status() == 201;
      if (done || answer.status() == 412) {
        asking.history.add(
            new History.KeyedAnswer(request, key, done ? answer.number("mod_revision") : 0));
        if (!again) {
          return;
        }
        again = false;
      } else {
        asking.pause(20);
      }
    }
    asking.history.report(new Violation("a retry is answered in the end", request));
  }
}
