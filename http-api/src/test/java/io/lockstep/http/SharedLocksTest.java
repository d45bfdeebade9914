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

/** Shared locks over the wire, on one real node. */
class SharedLocksTest {
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
    return http.post("/v1/locks/" + name + ":acquire", body, headers);
  }

  private static JsonNode share(String name) throws Exception {
    Response response = acquire(name, "{\"mode\":\"shared\",\"ttl\":\"30s\",\"owner\":\"r\"}");
    assertEquals(200, response.status(), response.text());
    assertEquals("shared", response.json().get("mode").asText());
    return response.json();
  }

  private static Http.Connection begin(String name, String body) throws Exception {
    Http.Connection connection = http.connect();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    connection.send("POST", "/v1/locks/" + name + ":acquire", bytes);
    return connection;
  }

  private static JsonNode lock(String name) throws Exception {
    return http.get("/v1/locks/" + name).json();
  }

  private static void awaitQueue(String name, int length) {
    Waiting.until(
        "the queue has " + length, () -> lock(name).get("queue_length").asInt() == length);
  }

  private static Response by(String verb, String name, String field, String value)
      throws Exception {
    return http.post("/v1/locks/" + name + ":" + verb, "{\"" + field + "\":" + value + "}");
  }

  private static String quoted(JsonNode grant) {
    return '"' + grant.get("lease").asText() + '"';
  }

  @Test
  void severalShareAndAreShown() throws Exception {
    JsonNode one = share("s");
    JsonNode two = share("s");
    JsonNode shown = lock("s");
    assertEquals("held", shown.get("state").asText());
    assertEquals("shared", shown.get("mode").asText());
    assertEquals(2, shown.get("holder_count").asInt());
    assertFalse(shown.has("token"), "there is no one holder");
    assertEquals(one.get("token"), shown.get("holders").get(0).get("token"));
    assertEquals(two.get("lease"), shown.get("holders").get(1).get("lease"));
    Response refused = acquire("s", "{}");
    assertEquals(423, refused.status());
    assertTrue(refused.json().get("retry_after_ms").asLong() > 20_000);
    assertEquals(200, by("release", "s", "token", one.get("token").asText()).status());
    assertEquals(200, by("release", "s", "lease", quoted(two)).status());
    assertEquals("exclusive", acquire("s", "{}").json().get("mode").asText());
  }

  @Test
  void readersBehindAWriterWaitAndAreLetInTogetherUnderOneToken() throws Exception {
    JsonNode first = share("q");
    try (Http.Connection writer = begin("q", "{\"wait\":\"20s\"}")) {
      awaitQueue("q", 1);
      String reader = "{\"mode\":\"shared\",\"wait\":\"20s\"}";
      try (Http.Connection one = begin("q", reader)) {
        awaitQueue("q", 2);
        try (Http.Connection two = begin("q", reader)) {
          awaitQueue("q", 3);
          assertEquals("shared", lock("q").get("queue").get(2).get("mode").asText());
          assertEquals(200, by("release", "q", "lease", quoted(first)).status());
          String token = writer.answer(false).json().get("token").asText();
          assertEquals(200, by("release", "q", "token", token).status());
          joint(one.answer(false).json(), two.answer(false).json());
        }
      }
    }
  }

  private static void joint(JsonNode one, JsonNode two) throws Exception {
    String token = one.get("token").asText();
    assertEquals(token, two.get("token").asText());
    Response ambiguous = by("release", "q", "token", token);
    assertEquals(409, ambiguous.status());
    assertEquals("ambiguous-token", ambiguous.json().get("code").asText());
    assertEquals(409, by("renew", "q", "token", token).status());
    assertEquals(200, by("renew", "q", "lease", quoted(one)).status());
    assertEquals(200, by("release", "q", "lease", quoted(one)).status());
    assertEquals(200, by("release", "q", "lease", quoted(one)).status(), "again");
    assertEquals(1, lock("q").get("holder_count").asInt());
    String guard = "q;token=" + token;
    assertEquals(201, http.put("/v1/kv/guarded", "x", "If-Lock: " + guard).status());
    assertEquals(200, by("release", "q", "lease", quoted(two)).status());
    assertEquals(412, http.put("/v1/kv/guarded", "y", "If-Lock: " + guard).status());
  }

  @Test
  void anUpgradeIsRefusedWithWhatToDo() throws Exception {
    String lease = http.post("/v1/leases", "{\"ttl\":\"30s\"}").json().get("id").asText();
    String by = ",\"lease\":\"" + lease + "\"}";
    assertEquals(200, acquire("u", "{\"mode\":\"shared\"" + by).status());
    Response refused = acquire("u", "{\"mode\":\"exclusive\",\"wait\":\"1s\"" + by);
    assertEquals(409, refused.status());
    assertEquals("mode-conflict", refused.json().get("code").asText());
    assertEquals("shared", refused.json().get("mode").asText());
    assertTrue(refused.json().get("detail").asText().contains("release"));
    assertEquals(400, acquire("u", "{\"mode\":\"upgrade\"}").status());
  }

  @Test
  void conditionsOfTransactionsHoldForEachWhoShares() throws Exception {
    String token = share("t").get("token").asText();
    share("t");
    String txn =
        "{\"if\":[{\"lock\":\"t\",\"token\":"
            + token
            + "}],\"then\":[{\"put\":\"tk\",\"value\":\"1\"}]}";
    assertEquals(200, http.post("/v1/txn", txn).status());
    assertEquals(200, by("release", "t", "token", token).status());
    assertEquals(409, http.post("/v1/txn", txn).status());
  }
}
