package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.http.server.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Which requests the operator's log speaks of, and that it names their trace and no secret. */
class RequestLinesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(Exchange.class);

  private final Lines lines = new Lines();
  private TestNode node;

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<String> all = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      all.add(event.getLevel() + " " + event.getFormattedMessage());
    }
  }

  private Http serve(long slowWriteMillis) {
    HttpOptions.Times times = HttpOptions.Times.DEFAULT;
    node =
        TestNode.lone(
            new HttpOptions(
                "127.0.0.1",
                0,
                1,
                HttpOptions.Sizes.DEFAULT,
                new HttpOptions.Times(
                    times.bodyMillisMax(),
                    times.firstRequestMillisMax(),
                    times.idleMillisMax(),
                    times.streamStalledMillisMax(),
                    times.progressMillis(),
                    slowWriteMillis),
                List.of()));
    lines.start();
    LOGGER.addAppender(lines);
    return node.client();
  }

  @AfterEach
  void stop() {
    LOGGER.detachAppender(lines);
    node.close();
  }

  @Test
  void aWriteWhoseFateIsUnknownIsNamedByItsIds() throws Exception {
    Http http = serve(60_000);
    Runnable resume = node.pauseApplying();
    Response unknown =
        http.put(
            "/v1/kv/hidden-key",
            "hidden-value",
            "Request-Timeout: 200ms",
            "Request-Id: mine-7",
            "Idempotency-Key: hidden-idempotency",
            PARENT);
    resume.run();
    assertEquals(504, unknown.status());
    assertEquals("mine-7", unknown.header("Request-Id"), "a trace does not take its place");
    assertEquals(1, lines.all.size(), lines.all.toString());
    String line = lines.all.getFirst();
    assertTrue(line.startsWith("WARN request answered 504 after "), line);
    assertTrue(
        line.endsWith(
            " ms: code=outcome-unknown outcome=unknown route=\"PUT /v1/kv\" request_id=mine-7"
                + " trace_id="
                + TRACE),
        line);
    assertFalse(line.contains("hidden"), line);
  }

  @Test
  void aSlowWriteIsNamedWithItsSpans() throws Exception {
    Http http = serve(20);
    // What the node proposes of its own must not be taken for the write.
    Waiting.until("the quota is set", () -> node.coordinator.view().limits().quotaBytes() > 0);
    Waiting.until("nothing is open", () -> node.raft.figures().proposalsInflight() == 0);
    Runnable resume = node.pauseApplying();
    try (Http.Connection connection = http.connect()) {
      byte[] body = "hidden".getBytes(StandardCharsets.UTF_8);
      long begun = System.nanoTime();
      connection.send("PUT", "/v1/kv/hidden", body, "Request-Id: mine-8", PARENT);
      Waiting.until(
          "it takes long", () -> System.nanoTime() - begun > TimeUnit.MILLISECONDS.toNanos(25));
      Waiting.until("it is there", () -> node.raft.figures().proposalsInflight() > 0);
      Waiting.until("it is committed", () -> node.raft.figures().proposalsQueued() == 0);
      long since = System.nanoTime();
      Waiting.until(
          "it takes longer", () -> System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(25));
      resume.run();
      Response written = connection.answer(false);
      assertEquals(201, written.status());
      Waiting.until("there is a line", () -> !lines.all.isEmpty());
      String line = lines.all.getFirst();
      assertTrue(line.startsWith("WARN slow write, "), line);
      String spans = "timing=[" + written.header("Server-Timing") + "]";
      assertTrue(
          line.endsWith(
              " ms: status=201 "
                  + spans
                  + " route=\"PUT /v1/kv\" request_id=mine-8 trace_id="
                  + TRACE),
          line);
    }
  }

  @Test
  void theTimeThatAClientTakesOrAskedForIsNotSlow() throws Exception {
    Http http = serve(2_000);
    http.post("/v1/locks/l:acquire", "{\"ttl\":\"60s\"}");
    try (Http.Connection slowBody = http.connect()) {
      slowBody.write("PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx");
      assertEquals(423, http.post("/v1/locks/l:acquire", "{\"wait\":\"2100ms\"}").status());
      slowBody.write("y");
      assertEquals(201, slowBody.answer(false).status());
    }
    node.close();
    assertEquals(List.of(), lines.all);
  }

  @Test
  void anInvalidTraceIsNoTrace() throws Exception {
    Http http = serve(60_000);
    Runnable resume = node.pauseApplying();
    String[] headers = {
      "Request-Timeout: 200ms", "traceparent: 00-" + "0".repeat(32) + "-00f067aa0ba902b7-01"
    };
    Response unknown = http.put("/v1/kv/a", "x", headers);
    Response twice = http.put("/v1/kv/a", "x", "Request-Timeout: 200ms", PARENT, PARENT);
    resume.run();
    for (Response response : List.of(unknown, twice)) {
      assertEquals(504, response.status());
      assertTrue(response.header("Request-Id").startsWith("n1-"), response.headers().toString());
    }
    assertEquals(2, lines.all.size(), lines.all.toString());
    lines.all.forEach(line -> assertFalse(line.contains("trace_id"), line));
  }

  @Test
  void readsAndMistakesOfClientsAreNotSpokenOf() throws Exception {
    Http http = serve(60_000);
    assertEquals(201, http.put("/v1/kv/a", "x", PARENT).status());
    assertEquals(404, http.get("/v1/kv/none", PARENT).status());
    assertEquals(400, http.put("/v1/kv/a", "x", "If-Match: nonsense", PARENT).status());
    assertEquals(404, http.get("/nothing", PARENT).status());
    assertEquals(List.of(), lines.all);
  }
}
