package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several locks taken together over the wire, on one real node. */
class MultiLocksTest {
  private static final String ACQUIRE = "/v1/locks:acquire";

  @RegisterExtension static final LoneNode LONE = LoneNode.standard().anew();

  private JsonNode acquired(String body) throws Exception {
    Response answer = LONE.http().post(ACQUIRE, body);
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  private void release(String name, JsonNode grant) throws Exception {
    Response answer =
        LONE.http()
            .post("/v1/locks/" + name + ":release", "{\"token\":" + grant.get("token") + "}");
    assertEquals(200, answer.status(), answer.text());
  }

  private JsonNode lock(String name) throws Exception {
    return LONE.http().get("/v1/locks/" + name).json();
  }

  private void awaitQueue(String name, int length) {
    Waiting.until(
        "the queue has " + length, () -> lock(name).get("queue_length").asInt() == length);
  }

  private Http.Connection begin(String body, String... headers) throws Exception {
    Http.Connection connection = LONE.http().connect();
    connection.send("POST", ACQUIRE, body.getBytes(StandardCharsets.UTF_8), headers);
    return connection;
  }

  @Test
  void allAreHeldUnderOneTokenAndReleasedTogether() throws Exception {
    JsonNode grant = acquired("{\"names\":[\"b\",\"a\",\"ü/:\"],\"ttl\":\"20s\",\"owner\":\"o\"}");
    assertEquals("held", grant.get("state").asText());
    assertEquals("[\"a\",\"b\",\"ü/:\"]", grant.get("names").toString());
    assertFalse(grant.has("name"));
    for (String name : new String[] {"a", "b", "%C3%BC%2F%3A"}) {
      assertEquals(grant.get("token"), lock(name).get("token"), name);
    }
    String guard = "If-Lock: b;token=" + grant.get("token");
    assertEquals(201, LONE.http().put("/v1/kv/k", "v", guard).status());
    String token = "{\"token\":" + grant.get("token") + "}";
    assertEquals(200, LONE.http().post("/v1/locks/b:renew", token).status());
    release("b", grant);
    for (String name : new String[] {"a", "b", "%C3%BC%2F%3A"}) {
      assertEquals("free", lock(name).get("state").asText());
      JsonNode past =
          LONE.http().get("/v1/locks/" + name + "?history").json().get("history").get(0);
      assertEquals(grant.get("token"), past.get("token"));
    }
    release("a", grant);
  }

  @Test
  void aRefusalSaysWhichIsInTheWay() throws Exception {
    LONE.http().post("/v1/locks/y:acquire", "{\"ttl\":\"1h\",\"owner\":\"other\"}");
    Response refused = LONE.http().post(ACQUIRE, "{\"names\":[\"x\",\"y\"]}");
    assertEquals(423, refused.status(), refused.text());
    assertEquals("y", refused.json().get("name").asText());
    assertEquals("held", refused.json().get("reason").asText());
    assertEquals("other", refused.json().get("holder").get("owner").asText());
    assertEquals(
        refused.json().get("expires_in_ms").asLong() + 1,
        refused.json().get("retry_after_ms").asLong());
    assertEquals("free", lock("x").get("state").asText());
    Response passed = LONE.http().post(ACQUIRE, "{\"names\":[\"x\",\"y\"],\"wait\":\"50ms\"}");
    assertEquals(423, passed.status(), passed.text());
    assertEquals("y", passed.json().get("name").asText());
    assertEquals(0, lock("x").get("queue_length").asInt());
  }

  @Test
  void whoWaitsGetsAllWhenTheLastIsFree() throws Exception {
    JsonNode x = acquired("{\"names\":[\"x\",\"w\"],\"ttl\":\"1h\"}");
    JsonNode y = acquired("{\"names\":[\"y\"],\"ttl\":\"1h\"}");
    assertEquals("y", y.get("name").asText(), "one is an acquire of that lock");
    try (Http.Connection waiting = begin("{\"names\":[\"x\",\"y\"],\"wait\":\"20s\"}")) {
      awaitQueue("x", 1);
      awaitQueue("y", 1);
      release("w", x);
      assertEquals("reserved", lock("x").get("state").asText());
      Response refused = LONE.http().post("/v1/locks/x:acquire", "{}");
      assertEquals(423, refused.status(), refused.text());
      assertEquals("reserved", refused.json().get("reason").asText());
      assertFalse(refused.json().has("holder"));
      long retry = refused.json().get("retry_after_ms").asLong();
      assertTrue(retry > 1_000 && retry <= 30_001, "until the place ends: " + retry);
      release("y", y);
      JsonNode both = waiting.answer(false).json();
      assertEquals("[\"x\",\"y\"]", both.get("names").toString());
      assertEquals(both.get("token"), lock("x").get("token"));
      assertEquals(both.get("token"), lock("y").get("token"));
    }
  }

  @Test
  void aPlaceEndsEverywhereWithItsConnection() throws Exception {
    acquired("{\"names\":[\"y\"],\"ttl\":\"1h\"}");
    Http.Connection waiting = begin("{\"names\":[\"x\",\"y\"],\"wait\":\"20s\"}");
    awaitQueue("x", 1);
    waiting.close();
    awaitQueue("x", 0);
    awaitQueue("y", 0);
  }

  @Test
  void aTicketStandsInAllQueues() throws Exception {
    JsonNode y = acquired("{\"names\":[\"y\"],\"ttl\":\"1h\"}");
    Response queued =
        LONE.http().post("/v1/locks?verb=acquire", "{\"names\":[\"y\",\"a b\"],\"keep\":true}");
    assertEquals(202, queued.status(), queued.text());
    assertEquals("[\"a b\",\"y\"]", queued.json().get("names").toString());
    String ticket = queued.header("Location");
    assertTrue(ticket.startsWith("/v1/locks/a%20b?ticket="), ticket);
    assertEquals(202, LONE.http().get(ticket).status());
    assertEquals(
        202, LONE.http().get(ticket.replace("a%20b", "y")).status(), "by any of its names");
    release("y", y);
    Response held = LONE.http().get(ticket);
    assertEquals(200, held.status(), held.text());
    assertEquals("[\"a b\",\"y\"]", held.json().get("names").toString());
    assertEquals(200, LONE.http().call("DELETE", ticket, new byte[0]).status());
    assertEquals(410, LONE.http().get(ticket).status());
    assertEquals("free", lock("y").get("state").asText());
  }

  @Test
  void aKeyedRetryGetsTheSameGrant() throws Exception {
    String body = "{\"names\":[\"x\",\"y\"],\"ttl\":\"1h\"}";
    Response first = LONE.http().post(ACQUIRE, body, "Idempotency-Key: k");
    Response again = LONE.http().post(ACQUIRE, body, "Idempotency-Key: k");
    assertEquals(first.json().get("token"), again.json().get("token"));
    assertEquals("[\"x\",\"y\"]", again.json().get("names").toString());
    assertEquals("true", again.header("Idempotency-Replayed"));
    release("x", first.json());
    assertEquals(410, LONE.http().post(ACQUIRE, body, "Idempotency-Key: k").status());
  }

  @Test
  void forceTakesThemAwayTogether() throws Exception {
    acquired("{\"names\":[\"x\",\"y\"],\"ttl\":\"1h\"}");
    Response forced =
        LONE.http().call("DELETE", "/v1/locks/x?force=true&reason=stuck", new byte[0]);
    assertEquals(200, forced.status(), forced.text());
    assertEquals("free", lock("y").get("state").asText());
    JsonNode past = LONE.http().get("/v1/locks/y?history").json().get("history").get(0);
    assertEquals("forced", past.get("end").asText());
    assertEquals("stuck", past.get("reason").asText());
  }

  private void refused(int status, String body) throws Exception {
    long revision = LONE.node().coordinator.view().revision();
    Response answer = LONE.http().post(ACQUIRE, body);
    assertEquals(status, answer.status(), answer.text());
    assertEquals("not_applied", answer.json().get("outcome").asText());
    assertEquals(revision, LONE.node().coordinator.view().revision());
  }

  private static String names(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"n" + i + "\"")
        .collect(Collectors.joining(",", "{\"names\":[", "]}"));
  }

  @Test
  void badRequestsAreRefused() throws Exception {
    refused(400, "{}");
    refused(400, "{\"names\":[]}");
    refused(400, "{\"names\":\"x\"}");
    refused(400, "{\"names\":[\"x\",7]}");
    refused(400, "{\"names\":[\"x\",\"x\"]}");
    refused(400, "{\"names\":[\"x\",\"y\"],\"name\":\"x\"}");
    refused(422, "{\"names\":[\"x\",\"\"]}");
    refused(422, "{\"names\":[\"x\",\"" + "y".repeat(1_025) + "\"]}");
    refused(422, "{\"names\":[\"x\",\"y\"],\"mode\":\"shared\"}");
    refused(422, names(33));
    assertEquals(404, LONE.http().post("/v1/locks", names(2)).status());
    assertEquals(404, LONE.http().post("/v1/locks?verb=seize", names(2)).status());
    assertEquals(405, LONE.http().get(ACQUIRE).status());
    assertEquals(32, acquired(names(32)).get("names").size());
  }
}
