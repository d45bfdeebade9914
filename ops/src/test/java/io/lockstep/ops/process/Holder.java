package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.sim.check.LockSafety;
import java.time.Duration;

/**
 * A client that holds a lock over plain HTTP, and keeps the holder's rule: it counts on its lease
 * until the moment at which it sent the request that was answered, plus what the answer left it.
 */
final class Holder {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  final String lock;
  final String owner;
  final String lease;
  final long token;
  final long ttlMillis;
  private final long askedAt;
  private final long grantedAt;
  private volatile long renewalSentAt;
  private volatile long safeUntil;

  private Holder(String lock, String owner, Http.Answer answer, long askedAt) {
    this.lock = lock;
    this.owner = owner;
    this.askedAt = askedAt;
    this.grantedAt = System.nanoTime();
    this.lease = answer.text("lease");
    this.token = answer.number("token");
    this.ttlMillis = answer.number("ttl_ms");
    this.renewalSentAt = askedAt;
    counts(answer, askedAt);
  }

  /** Takes a lock, which must come free within 30 seconds. */
  static Holder of(LocalNode node, String lock, String owner, String ttl) {
    String claim = "{\"ttl\":\"" + ttl + "\",\"wait\":\"30s\",\"owner\":\"" + owner + "\"}";
    long asked = System.nanoTime();
    Http.Answer answer =
        Http.send("POST", node.uri("/v1/locks/" + lock + ":acquire"), claim, PATIENCE);
    assertEquals(200, answer.status(), answer::toString);
    return new Holder(lock, owner, answer, asked);
  }

  /** One that may still count on it when it returns; a slow one has to take the lock once more. */
  static Holder safe(LocalNode node, String lock, String owner, String ttl) {
    Holder holder = of(node, lock, owner, ttl);
    for (int tries = 1; !holder.isSafe() && tries < 20; tries++) {
      holder = of(node, lock, owner, ttl);
    }
    assertTrue(holder.isSafe(), "it holds the lock for a moment");
    return holder;
  }

  private void counts(Http.Answer answer, long sentAt) {
    renewalSentAt = sentAt;
    safeUntil = sentAt + answer.number("expires_in_ms") * 1_000_000;
  }

  /** Whether the holder may still count on what it holds. */
  boolean isSafe() {
    return System.nanoTime() - safeUntil < 0;
  }

  /** When the last renewal was sent that was answered. */
  long renewalSentAt() {
    return renewalSentAt;
  }

  /** What is left of the time that the holder may count on. */
  Duration left() {
    return Duration.ofNanos(safeUntil - System.nanoTime());
  }

  /** Tries once to renew, and counts on what it is told; the status. */
  int renew(LocalNode node) {
    long sent = System.nanoTime();
    Http.Answer answer =
        Http.send(
            "POST",
            node.uri("/v1/leases/" + lease + ":renew"),
            "",
            Duration.ofSeconds(2),
            "Request-Timeout",
            "1s");
    if (answer.status() == 200) {
      counts(answer, sent);
    }
    return answer.status();
  }

  /** What guards a write: it is done only while the lock is held under this token. */
  String[] guard(String... more) {
    String[] all = new String[more.length + 2];
    System.arraycopy(more, 0, all, 2, more.length);
    all[0] = "If-Lock";
    all[1] = lock + ";token=" + token;
    return all;
  }

  /** A write under the token. */
  Http.Answer write(LocalNode node, String key, String value) {
    return Kv.at(node).put(key, value, guard());
  }

  /** The grant as its holder knows it. */
  LockSafety.Grant grant() {
    return new LockSafety.Grant(lock, token, owner, askedAt, grantedAt, safeUntil);
  }
}
