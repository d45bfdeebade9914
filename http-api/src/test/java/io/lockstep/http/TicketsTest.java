package io.lockstep.http;

import static io.lockstep.http.fixture.Row.fine;
import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Durable tickets over the wire, on one real node. */
class TicketsTest {
  private static final String NO_TICKET = "t-0000000000000001ffffff";
  private static TestNode node;
  private static Http http;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
    hold("held");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Response acquire(String name, String body, String... headers) throws Exception {
    return http.post("/v1/locks/" + name + ":acquire", body, headers);
  }

  private static long hold(String name) throws Exception {
    Response held = acquire(name, "{\"ttl\":\"10m\",\"owner\":\"first\"}");
    assertEquals(200, held.status(), held.text());
    return held.json().get("token").asLong();
  }

  private static void release(String name, long token) throws Exception {
    Response released = http.post("/v1/locks/" + name + ":release", "{\"token\":" + token + "}");
    assertEquals(200, released.status(), released.text());
  }

  /** Queues for a lock; where the ticket is polled. */
  private static String queue(String name) throws Exception {
    Response queued = acquire(name, "{\"keep\":true,\"owner\":\"kept\"}");
    assertEquals(202, queued.status(), queued.text());
    JsonNode json = queued.json();
    assertEquals("queued", json.get("state").asText());
    String location = queued.header("Location");
    assertEquals("/v1/locks/" + name + "?ticket=" + json.get("ticket").asText(), location);
    return location;
  }

  private static int queueLength(String name) throws Exception {
    return http.get("/v1/locks/" + name).json().get("queue_length").asInt();
  }

  static List<Row> rows() {
    String acquire = "/v1/locks/held:acquire";
    String unknown = "/v1/locks/held?ticket=" + NO_TICKET;
    return List.of(
        refused("GET", unknown, 404, "ticket-not-found"),
        refused("DELETE", unknown, 404, "ticket-not-found"),
        refused("GET", "/v1/elections/e?ticket=" + NO_TICKET, 404, "ticket-not-found"),
        refused("GET", "/v1/locks/held?ticket=t-9", 400, "bad-parameter"),
        refused("GET", "/v1/locks/held?ticket=", 400, "bad-parameter"),
        refused("DELETE", "/v1/locks/held?ticket=nonsense", 400, "bad-parameter"),
        refused("DELETE", "/v1/locks/held", 400, "bad-parameter"),
        refused("GET", unknown + "&consistency=stale", 400, "unknown-parameter"),
        refused("GET", unknown + "&wait=5", 400, "bad-duration"),
        refused("GET", unknown + "&wait=61s", 422, "duration-out-of-range"),
        refused("GET", unknown + "&wait=1s", 400, "bad-parameter")
            .headers("Accept: text/event-stream"),
        refused("GET", unknown, 404, "ticket-not-found").headers("Accept: text/event-stream"),
        refused("GET", unknown, 406, "not-acceptable").headers("Accept: text/html"),
        refused("POST", acquire, 400, "bad-field").body("{\"keep\":1}"),
        refused("POST", acquire, 400, "bad-field").body("{\"queue_ttl\":\"5s\"}"),
        refused("POST", acquire, 400, "bad-duration").body("{\"keep\":true,\"queue_ttl\":5}"),
        refused("POST", acquire, 422, "duration-out-of-range")
            .body("{\"keep\":true,\"queue_ttl\":\"999ms\"}"),
        refused("POST", acquire, 422, "duration-out-of-range")
            .body("{\"keep\":true,\"queue_ttl\":\"25h\"}"),
        refused("POST", acquire, 423, "lock-held").body("{\"keep\":false}"),
        fine("POST", acquire, 202).body("{\"keep\":true,\"wait\":\"10ms\",\"queue_ttl\":\"1s\"}"),
        fine("POST", "/v1/locks/free:acquire", 200).body("{\"keep\":true}"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void status(Row row) throws Exception {
    Response response =
        http.call(row.method(), row.target(), row.body(), row.headers().toArray(new String[0]));
    assertEquals(row.status(), response.status(), response.text());
    if (row.code() != null) {
      assertEquals(row.code(), response.json().get("code").asText());
    }
  }

  @Test
  void aTicketIsPolledUntilItsGrant() throws Exception {
    long token = hold("a");
    String ticket = queue("a");
    String behind = queue("a");
    JsonNode waits = http.get(behind + "&wait=50ms").json();
    assertEquals("queued", waits.get("state").asText());
    assertEquals(2, waits.get("position").asInt());
    assertTrue(waits.get("expires_in_ms").asLong() > 50_000);
    release("a", token);
    Response granted = http.get(ticket + "&wait=20s");
    assertEquals(200, granted.status(), granted.text());
    assertEquals("held", granted.json().get("state").asText());
    assertEquals(15_000, granted.json().get("ttl_ms").asInt());
    assertEquals(1, http.get(behind).json().get("position").asInt());
    release("a", granted.json().get("token").asLong());
    assertEquals(410, http.get(ticket).status(), "its grant has ended");
    assertEquals(200, http.get(behind).status());
  }

  @Test
  void aPollThatWaitsIsToldOfTheGrant() throws Exception {
    long token = hold("w");
    String ticket = queue("w");
    try (Http.Connection poll = http.connect()) {
      poll.send("GET", ticket + "&wait=20s", new byte[0]);
      Waiting.until("it waits", () -> node.coordinator.figures().lockWaits() == 1);
      release("w", token);
      assertEquals("held", poll.answer(false).json().get("state").asText());
    }
    Waiting.until("no wait is left", () -> node.coordinator.figures().lockWaits() == 0);
  }

  @Test
  void aTicketIsDroppedWhenItIsNotPolledAndNotWhileItIs() throws Exception {
    hold("d");
    Response queued = acquire("d", "{\"keep\":true,\"queue_ttl\":\"1s\"}");
    String ticket = queued.header("Location");
    Response polled = http.get(ticket + "&wait=1500ms");
    assertEquals(202, polled.status(), "who waits polls all the time: " + polled.text());
    Waiting.until("it is dropped", () -> queueLength("d") == 0);
    Response ended = http.get(ticket);
    assertEquals(410, ended.status());
    assertEquals("ticket-ended", ended.json().get("code").asText());
  }

  @Test
  void leavingEndsThePlaceAndTheGrantThatItBecame() throws Exception {
    long token = hold("l");
    String first = queue("l");
    String second = queue("l");
    assertEquals("left", http.delete(first).json().get("state").asText());
    assertEquals(410, http.delete(first).status());
    assertEquals(410, http.get(first).status());
    release("l", token);
    assertEquals("released", http.delete(second).json().get("state").asText());
    assertEquals("free", http.get("/v1/locks/l").json().get("state").asText());
  }

  @Test
  void theAcquireItselfMayWaitFirst() throws Exception {
    long token = hold("f");
    try (Http.Connection kept = http.connect()) {
      byte[] body = "{\"keep\":true,\"wait\":\"20s\"}".getBytes(StandardCharsets.UTF_8);
      kept.send("POST", "/v1/locks/f:acquire", body);
      Waiting.until("it waits", () -> queueLength("f") == 1);
      release("f", token);
      Response granted = kept.answer(false);
      assertEquals(200, granted.status(), granted.text());
    }
    Response queued = acquire("f", "{\"keep\":true,\"wait\":\"50ms\"}");
    assertEquals(202, queued.status(), "instead of 423: " + queued.text());
    assertNotNull(queued.header("Location"));
  }

  /** Nobody knows its ticket: the lock is granted to no ghost. */
  @Test
  void whoGoesBeforeTheTicketIsToldLosesThePlace() throws Exception {
    long token = hold("g");
    try (Http.Connection gone = http.connect()) {
      byte[] body = "{\"keep\":true,\"wait\":\"20s\"}".getBytes(StandardCharsets.UTF_8);
      gone.send("POST", "/v1/locks/g:acquire", body);
      Waiting.until("it waits", () -> queueLength("g") == 1);
    }
    Waiting.until("the place is given up", () -> queueLength("g") == 0);
    release("g", token);
    assertEquals("free", http.get("/v1/locks/g").json().get("state").asText());
  }

  @Test
  void aKeyedRetryStatesTheTicketsPresentState() throws Exception {
    long token = hold("k");
    String body = "{\"keep\":true,\"wait\":\"20s\"}";
    String key = "Idempotency-Key: kept";
    try (Http.Connection gone = http.connect()) {
      gone.send("POST", "/v1/locks/k:acquire", body.getBytes(StandardCharsets.UTF_8), key);
      Waiting.until("it waits", () -> queueLength("k") == 1);
    }
    try (Http.Connection again = http.connect()) {
      again.send("POST", "/v1/locks/k:acquire", body.getBytes(StandardCharsets.UTF_8), key);
      Waiting.until("it waits", () -> node.coordinator.figures().lockWaits() > 0);
      assertEquals(1, queueLength("k"), "never a second ticket");
      release("k", token);
      Response granted = again.answer(false);
      assertEquals(200, granted.status(), granted.text());
      assertEquals("true", granted.header("Idempotency-Replayed"));
      release("k", granted.json().get("token").asLong());
      assertEquals(410, acquire("k", body, key).status());
    }
  }

  @Test
  void aTicketMayBeStreamed() throws Exception {
    long token = hold("s");
    String ticket = queue("s");
    try (Http.Stream stream =
        new Http.Stream(http.connect(), ticket, "Accept: text/event-stream")) {
      assertEquals(200, stream.head().status());
      String queued = stream.next();
      assertTrue(queued.startsWith("event: queued\ndata: {\"state\":\"queued\""), queued);
      release("s", token);
      String held = stream.next();
      assertTrue(held.startsWith("event: held\ndata: {\"state\":\"held\""), held);
      assertThrows(EOFException.class, stream::next);
    }
  }

  @Test
  void aStreamedTicketThatEndsSaysSo() throws Exception {
    hold("x");
    String ticket = queue("x");
    try (Http.Stream stream =
        new Http.Stream(http.connect(), ticket, "Accept: text/event-stream")) {
      stream.next();
      assertEquals(200, http.delete(ticket).status());
      String ended = stream.next();
      assertTrue(ended.startsWith("event: ended\ndata: {\"code\":\"ticket-ended\""), ended);
      assertThrows(EOFException.class, stream::next);
    }
  }

  @Test
  void aCandidateMayKeepItsPlaceToo() throws Exception {
    String campaign = "/v1/elections/a%2Fb:campaign";
    String token = http.post(campaign, "{\"ttl\":\"60s\"}").json().get("token").asText();
    Response queued = http.post(campaign, "{\"keep\":true,\"value\":\"me\"}");
    assertEquals(202, queued.status(), queued.text());
    String location = queued.header("Location");
    assertTrue(location.startsWith("/v1/elections/a%2Fb?ticket=t-"), location);
    http.post("/v1/elections/a%2Fb:resign", "{\"token\":" + token + "}");
    assertEquals("elected", http.get(location + "&wait=20s").json().get("state").asText());
    assertEquals("released", http.delete(location).json().get("state").asText());
    assertEquals(404, http.get("/v1/elections/a%2Fb").status());
  }
}
