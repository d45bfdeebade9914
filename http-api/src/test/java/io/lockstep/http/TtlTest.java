package io.lockstep.http;

import static io.lockstep.http.fixture.Row.fine;
import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.Waiting;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys with a time to live, touching them, and leases with labels, as clients see them. */
class TtlTest {
  private static final String NO_LEASE = "0000000000000001ffff";
  @RegisterExtension static final LoneNode LONE = LoneNode.standard();

  @BeforeAll
  static void start() throws Exception {
    LONE.http().put("/v1/kv/plain", "x");
  }

  static List<Row> rows() {
    String labels = "{\"labels\":{\"%s\":\"%s\"}}";
    Row grant = refused("POST", "/v1/leases", 400, "bad-field");
    StringBuilder many = new StringBuilder("{\"labels\":{\"l0\":\"x\"");
    for (int i = 1; i < 17; i++) {
      many.append(",\"l").append(i).append("\":\"x\"");
    }
    return List.of(
        refused("PUT", "/v1/kv/a?ttl=30", 400, "bad-duration"),
        refused("PUT", "/v1/kv/a?ttl=", 400, "bad-duration"),
        refused("PUT", "/v1/kv/a?ttl=999ms", 422, "ttl-out-of-range"),
        refused("PUT", "/v1/kv/a?ttl=25h", 422, "ttl-out-of-range"),
        refused("PUT", "/v1/kv/a?ttl=5s&keep_lease", 400, "bad-parameter"),
        refused("PUT", "/v1/kv/a?ttl=5s&lease=" + NO_LEASE, 400, "bad-parameter"),
        refused("POST", "/v1/touch/none", 404, "key-not-found"),
        refused("POST", "/v1/touch/plain", 409, "key-without-lease"),
        refused("POST", "/v1/touch/plain?ttl=3s", 400, "unknown-parameter"),
        refused("POST", "/v1/touch/plain", 400, "unknown-field").body("{\"ttl\":\"3s\"}"),
        refused("POST", "/v1/touch/", 422, "key-length"),
        refused("POST", "/v1/touch?key_b64=*", 400, "bad-parameter"),
        refused("POST", "/v1/touch?key_b64=cGxhaW4", 409, "key-without-lease"),
        refused("GET", "/v1/touch/plain", 405, "method-not-allowed"),
        refused("POST", "/v1/touchx", 404, "no-such-route"),
        refused("POST", "/v1/txn", 400, "bad-field")
            .body("{\"then\":[{\"put\":\"a\",\"value\":\"\",\"ttl\":\"3s\",\"keep_lease\":true}]}"),
        refused("POST", "/v1/txn", 400, "bad-duration")
            .body("{\"then\":[{\"put\":\"a\",\"value\":\"\",\"ttl\":3}]}"),
        refused("POST", "/v1/txn", 422, "ttl-out-of-range")
            .body("{\"then\":[{\"put\":\"a\",\"value\":\"\",\"ttl\":\"1ms\"}]}"),
        grant.body("{\"labels\":[]}"),
        grant.body("{\"labels\":{\"a\":1}}"),
        grant.body("{\"labels\":{\"\":\"x\"}}"),
        refused("POST", "/v1/leases", 422, "too-many-items").body(many + "}}"),
        refused("POST", "/v1/leases", 422, "not-allowed")
            .body(labels.formatted("n".repeat(65), "x")),
        refused("POST", "/v1/leases", 422, "not-allowed")
            .body(labels.formatted("n", "x".repeat(257))),
        fine("POST", "/v1/leases", 201).body(labels.formatted("n".repeat(64), "x".repeat(256))),
        fine("GET", "/v1/leases?label=n", 200),
        fine("GET", "/v1/leases?consistency=stale", 200),
        refused("GET", "/v1/leases?label=", 400, "bad-parameter"),
        refused("GET", "/v1/leases?label==x", 400, "bad-parameter"),
        refused("GET", "/v1/leases?limit=0", 400, "bad-parameter"),
        refused("GET", "/v1/leases?after=x", 400, "bad-parameter"),
        refused("GET", "/v1/leases?lable=x", 400, "unknown-parameter"),
        refused("GET", "/v1/leases:renew", 405, "method-not-allowed"),
        refused("PUT", "/v1/leases", 405, "method-not-allowed"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachRequestGetsItsStatus(Row row) throws Exception {
    Response answer =
        LONE.http()
            .call(row.method(), row.target(), row.body(), row.headers().toArray(new String[0]));
    assertEquals(row.status(), answer.status(), answer.text());
    if (row.code() != null) {
      assertEquals(row.code(), answer.json().get("code").asText(), answer.text());
      assertEquals("not_applied", answer.json().get("outcome").asText());
    }
  }

  @Test
  void aKeyIsPutForAWhileTouchedAndGone() throws Exception {
    Response put = LONE.http().put("/v1/kv/nodes/n1?ttl=1s", "up");
    assertEquals(201, put.status(), put.text());
    JsonNode json = put.json();
    assertEquals(1_000, json.get("ttl_ms").asInt());
    assertEquals(1_000, json.get("expires_in_ms").asInt());
    assertTrue(json.get("renew_after_ms").asInt() > 0);
    String lease = json.get("lease").asText();
    assertTrue(LONE.http().get("/v1/leases/" + lease).json().get("anonymous").asBoolean());
    long revision = json.get("revision").asLong();
    try (Stream stream =
        new Stream(
            LONE.http().connect(),
            "/v1/watch/nodes/n1?from=" + (revision + 1),
            "Accept: application/x-ndjson")) {
      stream.nextJson();
      Response touched = LONE.http().post("/v1/touch/nodes/n1", "");
      assertEquals(200, touched.status(), touched.text());
      assertEquals(lease, touched.json().get("lease").asText());
      assertEquals(1_000, touched.json().get("expires_in_ms").asInt());
      Waiting.until("it is gone", () -> LONE.http().get("/v1/kv/nodes/n1").status() == 404);
      JsonNode frame = stream.nextJson();
      assertEquals("change", frame.get("event").asText(), "the touch woke nobody: " + frame);
      assertEquals("expire", frame.get("events").get(0).get("type").asText(), frame.toString());
    }
    assertEquals(410, LONE.http().get("/v1/leases/" + lease).status());
  }

  @Test
  void aTransactionPutsForAWhileToo() throws Exception {
    Response done =
        LONE.http()
            .post(
                "/v1/txn",
                "{\"then\":[{\"put\":\"t1\",\"value\":\"x\",\"ttl\":\"60s\"},"
                    + "{\"put\":\"t2\",\"value\":\"x\",\"ttl\":\"60s\"}]}");
    assertEquals(200, done.status(), done.text());
    JsonNode results = done.json().get("results");
    assertEquals(60_000, results.get(0).get("ttl_ms").asInt());
    assertTrue(
        !results.get(0).get("lease").equals(results.get(1).get("lease")), "each has its own");
  }

  @Test
  void aRetryIsToldWhatIsLeftOfTheTime() throws Exception {
    LONE.http().put("/v1/kv/retried?ttl=1s", "x", "Idempotency-Key: ttl-1");
    Waiting.until("it is gone", () -> LONE.http().get("/v1/kv/retried").status() == 404);
    Response again = LONE.http().put("/v1/kv/retried?ttl=1s", "x", "Idempotency-Key: ttl-1");
    assertEquals(201, again.status(), again.text());
    assertEquals("true", again.header("Idempotency-Replayed"));
    assertEquals(0, again.json().get("expires_in_ms").asInt());
    assertEquals(404, LONE.http().get("/v1/kv/retried").status());
  }

  @Test
  void leasesAreFoundByTheirLabels() throws Exception {
    String db =
        LONE.http()
            .post("/v1/leases", "{\"labels\":{\"host\":\"db1\",\"app\":\"x\"}}")
            .json()
            .get("id")
            .asText();
    String web =
        LONE.http()
            .post("/v1/leases", "{\"labels\":{\"host\":\"web=1\"}}")
            .json()
            .get("id")
            .asText();
    JsonNode found = LONE.http().get("/v1/leases?label=host=db1").json().get("leases");
    assertEquals(1, found.size(), found.toString());
    assertEquals(db, found.get(0).get("id").asText());
    assertEquals("{\"app\":\"x\",\"host\":\"db1\"}", found.get(0).get("labels").toString());
    JsonNode odd = LONE.http().get("/v1/leases?label=host=web=1").json().get("leases");
    assertEquals(web, odd.get(0).get("id").asText());
    JsonNode page = LONE.http().get("/v1/leases?label=host&limit=1").json();
    assertTrue(page.get("more").asBoolean());
    JsonNode rest =
        LONE.http().get("/v1/leases?label=host&after=" + page.get("next").asText()).json();
    assertEquals(web, rest.get("leases").get(0).get("id").asText());
    assertEquals(
        "{\"app\":\"x\",\"host\":\"db1\"}",
        LONE.http().get("/v1/leases/" + db).json().get("labels").toString());
  }
}
