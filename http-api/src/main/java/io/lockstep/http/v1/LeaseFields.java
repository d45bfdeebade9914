package io.lockstep.http.v1;

import io.lockstep.http.response.JsonText;
import java.util.concurrent.ThreadLocalRandom;

/** The fields by which every answer tells a holder how long it is safe and when to renew. */
final class LeaseFields {
  private static final int SHARE_MIN = 300;
  private static final int SHARE_SPREAD = 50;
  private static final int WHOLE = 1_000;

  private LeaseFields() {}

  /** Writes {@code ttl_ms}, {@code expires_in_ms} and {@code renew_after_ms}. */
  static JsonText write(JsonText json, long ttlMillis, long expiresInMillis) {
    return json.field("ttl_ms", ttlMillis)
        .field("expires_in_ms", expiresInMillis)
        .field("renew_after_ms", renewAfter(expiresInMillis));
  }

  /** About a third of what is left, spread so that holders do not renew in step. */
  private static long renewAfter(long expiresInMillis) {
    int share = SHARE_MIN + ThreadLocalRandom.current().nextInt(SHARE_SPREAD);
    return expiresInMillis * share / WHOLE;
  }
}
