package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.LockSafety;

/**
 * A client that takes a lock, writes under its token, and lets it go, or forgets it for longer than
 * its lease and then tries to write with what it has: the token, not the client, must stop that.
 */
final class LockClient implements Runnable {
  private static final long TTL_MILLIS = 2_000;

  private final Asking asking;
  private final String name;
  private final String lock;
  private final String guardedKey;
  private long number;

  LockClient(Asking asking, String name, String lock, String guardedKey) {
    this.asking = asking;
    this.name = name;
    this.lock = lock;
    this.guardedKey = guardedKey;
  }

  @Override
  public void run() {
    try {
      while (!asking.isStopped()) {
        acquire();
        asking.pause(asking.random.nextInt(100));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void acquire() throws InterruptedException {
    long asked = System.nanoTime();
    String claim =
        "{\"ttl\":\"" + TTL_MILLIS + "ms\",\"wait\":\"500ms\",\"owner\":\"" + name + "\"}";
    Http.Answer answer = asking.send("POST", "/v1/locks/" + lock + ":acquire", claim);
    if (answer.status() != 200) {
      return;
    }
    long granted = System.nanoTime();
    long token = answer.number("token");
    long safeUntil = asked + answer.number("expires_in_ms") * 1_000_000;
    write(token);
    if (asking.random.nextInt(8) == 0) {
      asking.pause(TTL_MILLIS + 200);
      write(token);
    }
    long released = System.nanoTime();
    asking.history.add(
        new LockSafety.Grant(
            lock, token, name, asked, granted, Math.min(safeUntil, Math.max(granted, released))));
    asking.send("POST", "/v1/locks/" + lock + ":release", "{\"token\":" + token + "}");
  }

  private void write(long token) {
    Http.Answer answer =
        asking.send(
            "PUT",
            "/v1/kv/" + guardedKey,
            name + "-" + ++number,
            "If-Lock",
            lock + ";token=" + token);
    if (answer.status() == 200 || answer.status() == 201) {
      asking.history.add(new LockSafety.GuardedWrite(lock, token, answer.number("mod_revision")));
    }
  }
}
