package io.lockstep.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.http.error.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often the log speaks of requests. */
class RequestLogTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final RequestLog.Named REQUEST = new RequestLog.Named("PUT /v1/kv", "r-1", "abc");
  private final List<String> lines = new ArrayList<>();
  private final RequestLog log = new RequestLog((line, cause) -> lines.add(line));

  @Test
  void aLineNamesTheRequest() {
    log.failed(REQUEST, Problems.unknown(), 7_900_000, 0);
    log.slow(new RequestLog.Named("other", "r-2", null), 201, null, SECOND, 0);
    log.slow(REQUEST, 200, "queue;dur=1.000", SECOND, 0);
    assertEquals(
        List.of(
            "request answered 504 after 7 ms: code=outcome-unknown outcome=unknown"
                + " route=\"PUT /v1/kv\" request_id=r-1 trace_id=abc",
            "slow write, 1000 ms: status=201 route=\"other\" request_id=r-2",
            "slow write, 1000 ms: status=200 timing=[queue;dur=1.000]"
                + " route=\"PUT /v1/kv\" request_id=r-1 trace_id=abc"),
        lines);
  }

  @Test
  void aFloodIsCutShortAndCounted() {
    long now = Long.MAX_VALUE - SECOND / 2;
    for (int i = 0; i < 5_000; i++) {
      log.failed(REQUEST, Problems.unknown(), 0, now + i);
    }
    assertEquals(5, lines.size());
    log.failed(REQUEST, Problems.unknown(), 0, now + SECOND);
    assertEquals(6, lines.size());
    assertEquals(
        "; 4995 more like it before", lines.getLast().substring(lines.getFirst().length()));
    log.failed(REQUEST, Problems.unknown(), 0, now + SECOND + 1);
    assertEquals(lines.getFirst(), lines.getLast(), "told once");
  }

  @Test
  void whatIsAuditedIsNeverLeftOut() {
    for (int i = 0; i < 100; i++) {
      log.audit(REQUEST, "what was done");
    }
    assertEquals(100, lines.size());
    assertEquals(
        "audit: what was done route=\"PUT /v1/kv\" request_id=r-1 trace_id=abc", lines.getLast());
  }

  @Test
  void aFloodOfOneKindHidesNoOther() {
    for (int i = 0; i < 100; i++) {
      log.failed(REQUEST, Problems.unknown(), 0, i);
    }
    lines.clear();
    log.bug(REQUEST, new IllegalStateException("x"), 100);
    log.slow(REQUEST, 200, null, SECOND, 100);
    assertEquals(2, lines.size());
    assertEquals(
        "request failed: route=\"PUT /v1/kv\" request_id=r-1 trace_id=abc", lines.getFirst());
  }
}
