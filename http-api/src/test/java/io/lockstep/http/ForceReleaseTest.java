package io.lockstep.http;

import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.TestNode;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Locks that are taken away, and their past, over the wire, on one real node. */
class ForceReleaseTest {
  private static TestNode node;
  private static Http http;

  @BeforeAll
  static void start() {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static long acquire(String name, String owner) throws Exception {
    Response held = http.post("/v1/locks/" + name + ":acquire", "{\"owner\":\"" + owner + "\"}");
    assertEquals(200, held.status(), held.text());
    return held.json().get("token").asLong();
  }

  private static Response by(String name, String verb, long token) throws Exception {
    return http.post("/v1/locks/" + name + ":" + verb, "{\"token\":" + token + "}");
  }

  static List<Row> rows() {
    String lock = "/v1/locks/free";
    return List.of(
        refused("DELETE", lock, 400, "bad-parameter"),
        refused("DELETE", lock + "?force=true", 400, "bad-parameter"),
        refused("DELETE", lock + "?force=true&reason=", 400, "bad-parameter"),
        refused("DELETE", lock + "?force=false&reason=x", 400, "bad-parameter"),
        refused("DELETE", lock + "?force=yes&reason=x", 400, "bad-parameter"),
        refused("DELETE", lock + "?force&reason=x&token=0", 400, "bad-parameter"),
        refused("DELETE", lock + "?force&reason=x&why=y", 400, "unknown-parameter"),
        refused("DELETE", lock + "?force&reason=" + "x".repeat(257), 422, "not-allowed"),
        refused("DELETE", lock + "?force&reason=x", 409, "not-holder"),
        refused("DELETE", "/v1/locks/?force&reason=x", 422, "name-length"),
        refused("GET", lock + "?history=yes", 400, "bad-parameter"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void status(Row row) throws Exception {
    Response response = http.call(row.method(), row.target(), row.body());
    assertEquals(row.status(), response.status(), response.text());
    assertEquals(row.code(), response.json().get("code").asText());
  }

  @Test
  void theVictimIsToldWhereverItAsks() throws Exception {
    long token = acquire("a", "victim");
    Response forced = http.delete("/v1/locks/a?force=true&reason=host%20is%20gone");
    assertEquals(200, forced.status(), forced.text());
    assertEquals("forced", forced.json().get("state").asText());
    assertEquals(token, forced.json().get("token").asLong());
    for (String verb : List.of("renew", "release")) {
      Response lost = by("a", verb, token);
      assertEquals(409, lost.status(), verb);
      assertEquals("grant-lost", lost.json().get("code").asText());
    }
    Response stale = http.put("/v1/kv/guarded", "x", "If-Lock: a;token=" + token);
    assertEquals(412, stale.status());
    assertEquals("stale-token", stale.json().get("code").asText());
    assertEquals("free", http.get("/v1/locks/a").json().get("state").asText());
  }

  @Test
  void theReasonIsInTheHistoryAndInTheWatch() throws Exception {
    long released = acquire("h", "one");
    by("h", "release", released);
    long token = acquire("h", "two");
    try (Http.Stream watch =
        new Http.Stream(
            http.connect(),
            "/v1/watch/h?kind=lock&from=" + (token + 1),
            "Accept: application/x-ndjson")) {
      http.delete("/v1/locks/h?force&reason=stuck&token=" + token);
      JsonNode frame = watch.nextJson();
      while (!frame.has("events")) {
        frame = watch.nextJson();
      }
      JsonNode event = frame.get("events").get(0);
      assertEquals("forced", event.get("type").asText());
      assertEquals("stuck", event.get("reason").asText());
      assertEquals(token, event.get("token").asLong());
    }
    JsonNode history = http.get("/v1/locks/h?history").json().get("history");
    assertEquals(2, history.size());
    assertEquals("released", history.get(0).get("end").asText());
    assertEquals("one", history.get(0).get("owner").asText());
    assertEquals("forced", history.get(1).get("end").asText());
    assertEquals("stuck", history.get(1).get("reason").asText());
    assertEquals(token, history.get(1).get("token").asLong());
    assertTrue(history.get(1).get("held_for_ms").asLong() >= 0);
    assertTrue(http.get("/v1/locks/never?history").json().get("history").isEmpty());
  }

  /** A repetition under its key is told the same, and hits nobody else. */
  @Test
  void aRetryDoesNotHitTheNextHolder() throws Exception {
    long first = acquire("r", "one");
    String target = "/v1/locks/r?force=true&reason=x";
    assertEquals(200, http.delete(target, "Idempotency-Key: force-1").status());
    long second = acquire("r", "two");
    Response again = http.delete(target, "Idempotency-Key: force-1");
    assertEquals("true", again.header("Idempotency-Replayed"));
    assertEquals(first, again.json().get("token").asLong());
    Response other = http.delete(target + "&token=" + first);
    assertEquals(409, other.status());
    assertEquals(second, other.json().get("holder").get("token").asLong());
    assertEquals(200, by("r", "renew", second).status());
  }
}
