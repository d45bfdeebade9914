package io.lockstep.http.v1;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.raft.node.Timing;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The fields by which every answer tells a holder how long it is safe and when to renew. */
final class LeaseFields {
  private static final int SHARE_MIN = 300;
  private static final int SHARE_SPREAD = 50;

  /** By how much more the share grows when the leader is as slow as can be. */
  private static final int SHARE_STRETCH = 250;

  private static final int WHOLE = 1_000;
  private static final long EASY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long HARD_NANOS = TimeUnit.MILLISECONDS.toNanos(1_000);

  private LeaseFields() {}

  /** Writes {@code ttl_ms}, {@code expires_in_ms} and {@code renew_after_ms}. */
  static JsonText write(Exchange exchange, JsonText json, long ttlMillis, long expiresInMillis) {
    int spread = ThreadLocalRandom.current().nextInt(SHARE_SPREAD);
    return json.field("ttl_ms", ttlMillis)
        .field("expires_in_ms", expiresInMillis)
        .field("renew_after_ms", renewAfter(expiresInMillis, exchange.strain(), spread));
  }

  /**
   * About a third of what is left, spread so that holders do not renew in step; more under strain,
   * yet never so much that there would not be time for another try.
   *
   * @param strain in thousandths
   */
  static long renewAfter(long expiresInMillis, int strain, int spread) {
    int share = SHARE_MIN + spread + SHARE_STRETCH * strain / WHOLE;
    return expiresInMillis * share / WHOLE;
  }

  /**
   * How hard the leader finds it to commit, in thousandths: by what the entry took there. A tenth
   * of a second is easy, for so long renewals may wait for others to share their entry.
   */
  static int strainOf(Timing timing) {
    long took = timing.queueNanos() + timing.replicateNanos() + timing.applyNanos();
    long over = Math.clamp(took - EASY_NANOS, 0, HARD_NANOS - EASY_NANOS);
    return (int) (over * WHOLE / (HARD_NANOS - EASY_NANOS));
  }
}
