package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests that are sent twice. */
class IdempotencyTest {
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

  @Test
  void aRepeatedPutIsAnsweredWithTheFirstAnswer() throws Exception {
    Response first = http.put("/v1/kv/once", "a", "Idempotency-Key: k1", "If-None-Match: *");
    assertEquals(201, first.status());
    assertNull(first.header("Idempotency-Replayed"));
    http.put("/v1/kv/once", "b");
    Response second = http.put("/v1/kv/once", "a", "Idempotency-Key: \"k1\"", "If-None-Match: *");
    assertEquals(201, second.status());
    assertEquals("true", second.header("Idempotency-Replayed"));
    assertEquals(first.text(), second.text());
    assertEquals("b", http.get("/v1/kv/once").json().get("value").asText());
  }

  @Test
  void aFailureIsRepeatedToo() throws Exception {
    http.put("/v1/kv/taken", "x");
    assertEquals(
        412, http.put("/v1/kv/taken", "a", "Idempotency-Key: k2", "If-None-Match: *").status());
    http.delete("/v1/kv/taken");
    Response second = http.put("/v1/kv/taken", "a", "Idempotency-Key: k2", "If-None-Match: *");
    assertEquals(412, second.status());
    assertEquals("true", second.header("Idempotency-Replayed"));
  }

  @Test
  void theSameKeyForAnotherRequestIsRefused() throws Exception {
    assertEquals(201, http.put("/v1/kv/m", "a", "Idempotency-Key: k3").status());
    String[][] others = {{"/v1/kv/m", "b"}, {"/v1/kv/n", "a"}, {"/v1/kv/m?keep_lease", "a"}};
    for (String[] other : others) {
      Response refused = http.put(other[0], other[1], "Idempotency-Key: k3");
      assertEquals(422, refused.status(), other[0]);
      assertEquals("request-mismatch", refused.json().get("code").asText());
    }
    assertEquals(422, http.put("/v1/kv/m", "a", "Idempotency-Key: k3", "If-Match: *").status());
    assertEquals(422, http.delete("/v1/kv/m", "Idempotency-Key: k3").status());
  }

  @Test
  void whatBecameOfARequestCanBeAsked() throws Exception {
    JsonNode unknown = http.get("/v1/requests/k4").json();
    assertEquals("request-not-found", unknown.get("code").asText());
    assertEquals("unknown", unknown.get("outcome").asText());
    Response leased = http.post("/v1/leases", "{\"ttl\":\"30s\"}", "Idempotency-Key: k4");
    JsonNode known = http.get("/v1/requests/k4").json();
    assertEquals("applied", known.get("outcome").asText());
    assertEquals(leased.json().get("id").asText(), known.get("lease").asText());
    http.delete("/v1/kv/absent", "Idempotency-Key: k5");
    JsonNode failed = http.get("/v1/requests/k5").json();
    assertEquals("not_applied", failed.get("outcome").asText());
    assertEquals("key-not-found", failed.get("code").asText());
  }

  @Test
  void anAnswerTooLongToBeKeptIsRepeatedAsItsOutcome() throws Exception {
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      String id = http.post("/v1/leases", "{\"ttl\":\"30s\"}").json().get("id").asText();
      ids.append(ids.isEmpty() ? "" : ",").append('"').append(id).append('"');
    }
    String body = "{\"ids\":[" + ids + "]}";
    Response first = http.post("/v1/leases:renew", body, "Idempotency-Key: long-1");
    assertEquals(500, first.json().get("results").size());
    Response second = http.post("/v1/leases:renew", body, "Idempotency-Key: long-1");
    assertEquals(200, second.status());
    assertEquals("true", second.header("Idempotency-Replayed"));
    assertEquals("applied", second.json().get("outcome").asText());
    http.put("/v1/kv/longer", "v".repeat(5_000));
    String target = "/v1/kv/longer?if_revision=1&return=current";
    assertEquals(412, http.put(target, "x", "Idempotency-Key: long-2").status());
    Response refused = http.put(target, "x", "Idempotency-Key: long-2");
    assertEquals(412, refused.status());
    assertEquals("not_applied", refused.json().get("outcome").asText());
  }
}
