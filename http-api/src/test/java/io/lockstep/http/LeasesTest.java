package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Leases over the wire, on one real node. */
class LeasesTest {
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

  private static String grant(String ttl) throws Exception {
    Response granted = http.post("/v1/leases", "{\"ttl\":\"" + ttl + "\"}");
    assertEquals(201, granted.status(), granted.text());
    String id = granted.json().get("id").asText();
    assertEquals("/v1/leases/" + id, granted.header("Location"));
    return id;
  }

  @Test
  void aLeaseCarriesKeysAndTakesThemWithIt() throws Exception {
    String lease = grant("30s");
    assertEquals(201, http.put("/v1/kv/nodes/n1?lease=" + lease, "up").status());
    assertEquals(lease, http.get("/v1/kv/nodes/n1").json().get("lease").asText());
    http.put("/v1/kv/nodes/n2?lease=" + lease, "up");
    JsonNode shown = http.get("/v1/leases/" + lease + "?attached").json();
    assertEquals(2, shown.get("key_count").asInt());
    assertEquals("nodes/n2", shown.get("keys").get(1).asText());
    assertEquals(30_000, shown.get("ttl_ms").asInt());
    http.put("/v1/kv/nodes/n1?keep_lease", "still");
    assertEquals(lease, http.get("/v1/kv/nodes/n1").json().get("lease").asText());
    http.put("/v1/kv/nodes/n1", "free");
    assertNull(http.get("/v1/kv/nodes/n1").json().get("lease"));
    JsonNode revoked = http.delete("/v1/leases/" + lease).json();
    assertEquals(1, revoked.get("keys_deleted").asInt());
    assertEquals(404, http.get("/v1/kv/nodes/n2").status());
    Response again = http.delete("/v1/leases/" + lease);
    assertEquals(410, again.status());
    assertEquals("lease-expired", again.json().get("code").asText());
    assertTrue(again.json().get("expired_at_revision").asLong() > 0);
    assertEquals(410, http.post("/v1/leases/" + lease + ":renew", "").status());
    assertEquals(410, http.get("/v1/leases/" + lease).status());
    assertEquals(410, http.put("/v1/kv/nodes/n1?lease=" + lease, "x").status());
  }

  @Test
  void anUnrenewedLeaseExpiresAndARenewedOneDoesNot() throws Exception {
    String dies = grant("1s");
    String lives = grant("1s");
    http.put("/v1/kv/dies?lease=" + dies, "x");
    http.put("/v1/kv/lives?lease=" + lives, "x");
    Waiting.until(
        "the first expires",
        () -> {
          assertEquals(200, http.post("/v1/leases/" + lives + ":renew", "").status());
          return http.get("/v1/kv/dies").status() == 404;
        });
    assertEquals(200, http.get("/v1/kv/lives").status());
  }

  @Test
  void bulkRenewalsHaveOneResultEach() throws Exception {
    String first = grant("30s");
    String ended = grant("30s");
    http.delete("/v1/leases/" + ended);
    String never = "00000000000000ff" + "ffff";
    Response renewed =
        http.post(
            "/v1/leases:renew", "{\"ids\":[\"%s\",\"%s\",\"%s\"]}".formatted(first, ended, never));
    assertEquals(200, renewed.status(), renewed.text());
    JsonNode results = renewed.json().get("results");
    assertEquals(30_000, results.get(0).get("expires_in_ms").asInt());
    assertEquals("lease-expired", results.get(1).get("code").asText());
    assertEquals(410, results.get(1).get("status").asInt());
    assertEquals("lease-not-found", results.get(2).get("code").asText());
    assertEquals(never, results.get(2).get("id").asText());
  }

  @Test
  void tenThousandAreRenewedInOneRequestAndNoMore() throws Exception {
    String lease = grant("30s");
    String ids = ("\"" + lease + "\",").repeat(9_999) + "\"" + lease + "\"";
    long before = node.raft.status().lastLog().index();
    Response renewed = http.post("/v1/leases:renew", "{\"ids\":[" + ids + "]}");
    assertEquals(200, renewed.status());
    JsonNode results = renewed.json().get("results");
    assertEquals(10_000, results.size());
    assertEquals(30_000, results.get(9_999).get("expires_in_ms").asInt());
    assertTrue(node.raft.status().lastLog().index() - before < 10, "not an entry each");
    Response more = http.post("/v1/leases:renew", "{\"ids\":[" + ids + ",\"" + lease + "\"]}");
    assertEquals(422, more.status());
    assertEquals("too-many-items", more.json().get("code").asText());
  }

  @Test
  void renewalsOfOneWindowShareAnEntry() throws Exception {
    String lease = grant("30s");
    long before = node.raft.status().lastLog().index();
    List<Http.Connection> connections = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Http.Connection connection = http.connect();
      connections.add(connection);
      connection.send("POST", "/v1/leases/" + lease + ":renew", new byte[0]);
    }
    for (Http.Connection connection : connections) {
      assertEquals(200, connection.answer(false).status());
      connection.close();
    }
    long entries = node.raft.status().lastLog().index() - before;
    assertTrue(entries >= 1 && entries < 50, entries + " entries for 100 renewals");
  }
}
