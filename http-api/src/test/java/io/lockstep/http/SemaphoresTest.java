package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Semaphores over the wire, on one real node. */
class SemaphoresTest {
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

  private static Response acquire(String name, String body, String... headers) throws Exception {
    return http.post("/v1/semaphores/" + name + ":acquire", body, headers);
  }

  private static JsonNode taken(String name, int permits) throws Exception {
    Response response =
        acquire(name, "{\"permits\":" + permits + ",\"limit\":5,\"ttl\":\"30s\",\"owner\":\"w\"}");
    assertEquals(200, response.status(), response.text());
    return response.json();
  }

  private static JsonNode semaphore(String name) throws Exception {
    return http.get("/v1/semaphores/" + name).json();
  }

  private static Response by(String verb, String name, String field, String value)
      throws Exception {
    return http.post("/v1/semaphores/" + name + ":" + verb, "{\"" + field + "\":" + value + "}");
  }

  private static String quoted(JsonNode grant) {
    return '"' + grant.get("lease").asText() + '"';
  }

  private static Http.Connection begin(String name, int permits) throws Exception {
    Http.Connection connection = http.connect();
    String body = "{\"permits\":" + permits + ",\"limit\":5,\"wait\":\"20s\"}";
    connection.send(
        "POST", "/v1/semaphores/" + name + ":acquire", body.getBytes(StandardCharsets.UTF_8));
    return connection;
  }

  private static void awaitQueue(String name, int length) {
    Waiting.until(
        "the queue has " + length, () -> semaphore(name).get("queue_length").asInt() == length);
  }

  private static void refused(int status, String code, Response response) throws Exception {
    assertEquals(status, response.status(), response.text());
    assertEquals(code, response.json().get("code").asText());
    assertEquals("not_applied", response.json().get("outcome").asText());
  }

  @Test
  void permitsAreTakenShownRenewedAndGivenBack() throws Exception {
    assertEquals("free", semaphore("s").get("state").asText());
    JsonNode one = taken("s", 2);
    assertEquals("held", one.get("state").asText());
    assertEquals(2, one.get("permits").asInt());
    assertEquals(5, one.get("limit").asInt());
    JsonNode two = taken("s", 3);
    JsonNode shown = semaphore("s");
    assertEquals(5, shown.get("limit").asInt());
    assertEquals(0, shown.get("permits_free").asInt());
    assertEquals(2, shown.get("holder_count").asInt());
    assertEquals(3, shown.get("holders").get(1).get("permits").asInt());
    assertEquals(two.get("lease"), shown.get("holders").get(1).get("lease"));
    assertEquals("w", shown.get("holders").get(0).get("owner").asText());
    assertEquals(200, by("renew", "s", "token", one.get("token").asText()).status());
    assertEquals(200, by("renew", "s", "lease", quoted(two)).status());
    assertEquals(200, by("release", "s", "token", one.get("token").asText()).status());
    assertEquals(200, by("release", "s", "token", one.get("token").asText()).status(), "again");
    assertEquals(3, semaphore("s").get("permits_held").asInt());
    String attached = "/v1/leases/" + two.get("lease").asText() + "?attached";
    assertEquals("s", http.get(attached).json().get("semaphores").get(0).asText());
    assertEquals(200, by("release", "s", "lease", quoted(two)).status());
    assertEquals("free", semaphore("s").get("state").asText());
    refused(409, "not-holder", by("release", "s", "token", "1"));
    refused(410, "lease-expired", by("renew", "s", "lease", quoted(two)));
  }

  @Test
  void whoDoesNotFitIsRefusedOrWaitsAndNobodyPasses() throws Exception {
    JsonNode held = taken("q", 3);
    Response full = acquire("q", "{\"permits\":3,\"limit\":5}");
    refused(423, "lock-held", full);
    assertTrue(full.json().get("retry_after_ms").asLong() > 20_000);
    try (Http.Connection big = begin("q", 4)) {
      awaitQueue("q", 1);
      Response small = acquire("q", "{\"limit\":5}");
      refused(423, "lock-held", small);
      assertEquals("queued", small.json().get("reason").asText());
      refused(423, "lock-held", acquire("q", "{\"limit\":5,\"wait\":\"100ms\"}"));
      try (Http.Connection next = begin("q", 1)) {
        awaitQueue("q", 2);
        JsonNode queue = semaphore("q").get("queue");
        assertEquals(4, queue.get(0).get("permits").asInt());
        assertEquals(1, queue.get(1).get("permits").asInt());
        assertEquals(200, by("release", "q", "lease", quoted(held)).status());
        JsonNode first = big.answer(false).json();
        String token = first.get("token").asText();
        assertEquals(token, next.answer(false).json().get("token").asText());
        refused(409, "ambiguous-token", by("release", "q", "token", token));
        refused(409, "ambiguous-token", by("renew", "q", "token", token));
        assertEquals(200, by("release", "q", "lease", quoted(first)).status());
        assertEquals(1, semaphore("q").get("permits_held").asInt());
      }
    }
  }

  @Test
  void aStaleLookSaysHowLongPermitsAreSafe() throws Exception {
    taken("st", 1);
    assertFalse(semaphore("st").get("holders").get(0).has("safe_for_ms"));
    Response stale = http.get("/v1/semaphores/st?consistency=stale");
    assertEquals("stale", stale.header("Lockstep-Consistency"));
    long safe = stale.json().get("holders").get(0).get("safe_for_ms").asLong();
    assertTrue(safe > 0 && safe <= 30_001, "safe for " + safe);
  }

  @Test
  void anotherLimitIsRefusedUntilNobodyHoldsOrWaits() throws Exception {
    JsonNode held = taken("l", 1);
    Response other = acquire("l", "{\"limit\":6}");
    refused(409, "semaphore-limit-differs", other);
    assertEquals(5, other.json().get("current").asInt());
    assertEquals(200, by("release", "l", "lease", quoted(held)).status());
    assertEquals(200, acquire("l", "{\"limit\":6}").status());
    assertEquals(6, semaphore("l").get("limit").asInt());
  }

  @Test
  void whatIsNotAllowedIsSaid() throws Exception {
    refused(422, "not-allowed", acquire("b", "{\"permits\":6,\"limit\":5}"));
    refused(422, "not-allowed", acquire("b", "{\"permits\":0,\"limit\":5}"));
    refused(422, "not-allowed", acquire("b", "{\"limit\":0}"));
    refused(422, "not-allowed", acquire("b", "{\"limit\":1000001}"));
    refused(400, "bad-field", acquire("b", "{\"permits\":1}"));
    refused(400, "bad-field", acquire("b", "{\"permits\":1.5,\"limit\":5}"));
    refused(400, "bad-duration", acquire("b", "{\"limit\":5,\"wait\":\"5\"}"));
    assertEquals(400, acquire("b", "{\"limit\":5,\"mode\":\"shared\"}").status());
    refused(422, "duration-out-of-range", acquire("b", "{\"limit\":5,\"wait\":\"61s\"}"));
    assertEquals(422, acquire("b", "{\"limit\":5,\"ttl\":\"10ms\"}").status());
    refused(410, "lease-expired", acquire("b", "{\"limit\":5,\"lease\":\"" + ended() + "\"}"));
    assertEquals(405, http.delete("/v1/semaphores/b").status());
    assertEquals(400, http.get("/v1/semaphores/b?history").status());
    refused(404, "unknown-verb", http.post("/v1/semaphores/b:resize", "{}"));
    assertEquals("free", semaphore("b").get("state").asText(), "nothing was done");
  }

  private static String ended() throws Exception {
    String lease = http.post("/v1/leases", "{\"ttl\":\"30s\"}").json().get("id").asText();
    assertEquals(200, http.delete("/v1/leases/" + lease).status());
    return lease;
  }

  @Test
  void aLeaseKeepsWhatItHas() throws Exception {
    String lease = http.post("/v1/leases", "{\"ttl\":\"30s\"}").json().get("id").asText();
    String by = ",\"limit\":5,\"lease\":\"" + lease + "\"}";
    JsonNode granted = acquire("k", "{\"permits\":2" + by).json();
    assertEquals(granted.get("token"), acquire("k", "{\"permits\":2" + by).json().get("token"));
    Response other = acquire("k", "{\"permits\":3" + by);
    refused(409, "permits-differ", other);
    assertEquals(2, other.json().get("permits").asInt());
  }

  @Test
  void aRetryWithItsKeyTakesNoMorePermits() throws Exception {
    String body = "{\"permits\":2,\"limit\":5,\"ttl\":\"30s\"}";
    JsonNode first = acquire("r", body, "Idempotency-Key: permits-1").json();
    JsonNode again = acquire("r", body, "Idempotency-Key: permits-1").json();
    assertEquals(first.get("lease"), again.get("lease"));
    assertEquals(2, again.get("permits").asInt());
    assertEquals(2, semaphore("r").get("permits_held").asInt());
    assertEquals(200, by("release", "r", "lease", quoted(first)).status());
    refused(410, "lease-expired", acquire("r", body, "Idempotency-Key: permits-1"));
  }

  @Test
  void watchersSeePermitsComeAndGo() throws Exception {
    JsonNode held = taken("w/1", 2);
    String target = "/v1/watch/w/?prefix&kind=semaphore&from=" + held.get("revision").asLong();
    assertEquals(200, by("release", "w/1", "lease", quoted(held)).status());
    try (Http.Stream watch =
        new Http.Stream(http.connect(), target, "Accept: application/x-ndjson")) {
      JsonNode acquired = event(watch);
      assertEquals("acquired", acquired.get("type").asText());
      assertEquals("w/1", acquired.get("semaphore").asText());
      assertEquals(2, acquired.get("permits").asInt());
      JsonNode released = event(watch);
      assertEquals("released", released.get("type").asText());
      assertEquals(2, released.get("permits").asInt());
      assertEquals(0, released.get("permits_held").asInt());
      assertFalse(released.has("mode"));
    }
  }

  private static JsonNode event(Http.Stream watch) throws Exception {
    JsonNode frame = watch.nextJson();
    while (!frame.has("events")) {
      frame = watch.nextJson();
    }
    assertEquals(1, frame.get("events").size());
    return frame.get("events").get(0);
  }
}
