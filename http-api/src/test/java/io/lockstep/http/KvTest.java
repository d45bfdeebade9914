package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys and values over the wire, on one real node. */
class KvTest {
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
  void aPutCreatesThenReplacesAndAGetReadsIt() throws Exception {
    Response created = http.put("/v1/kv/app/config", "blue");
    assertEquals(201, created.status(), created.text());
    long revision = created.json().get("revision").asLong();
    assertEquals("\"" + revision + "\"", created.header("ETag"));
    assertEquals(Long.toString(revision), created.header("Lockstep-Revision"));
    assertEquals("n1", created.header("Lockstep-Leader"));
    assertEquals("n1", created.header("Lockstep-Node"));
    assertEquals("no-store", created.header("Cache-Control"));
    assertEquals(
        "{\"key\":\"app/config\",\"revision\":%d,\"create_revision\":%d,"
            .concat("\"mod_revision\":%d,\"version\":1}")
            .formatted(revision, revision, revision),
        created.text());
    Response replaced = http.put("/v1/kv/app/config", "green");
    assertEquals(200, replaced.status());
    assertEquals(2, replaced.json().get("version").asLong());
    Response read = http.get("/v1/kv/app/config");
    assertEquals(200, read.status());
    assertEquals("green", read.json().get("value").asText());
    assertEquals(revision, read.json().get("create_revision").asLong());
    assertEquals(replaced.header("ETag"), read.header("ETag"));
  }

  @Test
  void conditionsDecide() throws Exception {
    long revision = http.put("/v1/kv/cas", "a").json().get("revision").asLong();
    assertEquals(200, http.put("/v1/kv/cas", "b", "If-Match: \"" + revision + "\"").status());
    Response stale = http.put("/v1/kv/cas", "c", "If-Match: \"" + revision + "\"");
    assertEquals(412, stale.status());
    assertEquals("application/problem+json", stale.header("Content-Type"));
    JsonNode problem = stale.json();
    assertEquals("revision-mismatch", problem.get("code").asText());
    assertEquals("not_applied", problem.get("outcome").asText());
    assertTrue(problem.get("current").get("mod_revision").asLong() > revision);
    assertNull(problem.get("current").get("value"));
    Response withValue = http.put("/v1/kv/cas?return=current&if_revision=" + revision, "c");
    assertEquals("b", withValue.json().get("current").get("value").asText());
    Response exists = http.put("/v1/kv/cas", "me", "If-None-Match: *");
    assertEquals(412, exists.status());
    assertEquals("key-exists", exists.json().get("code").asText());
    assertEquals(201, http.put("/v1/kv/once", "me", "If-None-Match: *").status());
    assertEquals("b", http.get("/v1/kv/cas").json().get("value").asText());
  }
}
