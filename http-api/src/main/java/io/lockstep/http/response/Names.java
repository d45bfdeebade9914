package io.lockstep.http.response;

import io.vertx.core.http.HttpHeaders;

/** Header names and fixed values, made once. */
public final class Names {
  public static final CharSequence REVISION = HttpHeaders.createOptimized("Lockstep-Revision");
  public static final CharSequence LEADER = HttpHeaders.createOptimized("Lockstep-Leader");
  public static final CharSequence NODE = HttpHeaders.createOptimized("Lockstep-Node");
  public static final CharSequence STALENESS = HttpHeaders.createOptimized("Lockstep-Staleness-Ms");
  public static final CharSequence CONSISTENCY =
      HttpHeaders.createOptimized("Lockstep-Consistency");
  public static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("Request-Id");
  public static final CharSequence TRACE_PARENT = HttpHeaders.createOptimized("traceparent");
  public static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("Server-Timing");
  public static final CharSequence REQUEST_TIMEOUT = HttpHeaders.createOptimized("Request-Timeout");
  public static final CharSequence IDEMPOTENCY_KEY = HttpHeaders.createOptimized("Idempotency-Key");
  public static final CharSequence IDEMPOTENCY_REPLAYED =
      HttpHeaders.createOptimized("Idempotency-Replayed");
  public static final CharSequence IF_LOCK = HttpHeaders.createOptimized("If-Lock");
  public static final CharSequence LAST_EVENT_ID = HttpHeaders.createOptimized("Last-Event-ID");
  public static final CharSequence SEC_FETCH_SITE = HttpHeaders.createOptimized("Sec-Fetch-Site");
  public static final CharSequence NOSNIFF_NAME =
      HttpHeaders.createOptimized("X-Content-Type-Options");
  public static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  public static final CharSequence CONTENT_POLICY =
      HttpHeaders.createOptimized("Content-Security-Policy");
  public static final CharSequence SANDBOX = HttpHeaders.createOptimized("sandbox");
  public static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  public static final CharSequence ACCEL_BUFFERING =
      HttpHeaders.createOptimized("X-Accel-Buffering");
  public static final CharSequence NO = HttpHeaders.createOptimized("no");
  public static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  public static final CharSequence PROBLEM_JSON =
      HttpHeaders.createOptimized("application/problem+json");
  public static final CharSequence NDJSON = HttpHeaders.createOptimized("application/x-ndjson");
  public static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");
  public static final CharSequence ACCEPT = HttpHeaders.createOptimized("Accept");
  public static final CharSequence TRUE = HttpHeaders.createOptimized("true");

  private Names() {}
}
