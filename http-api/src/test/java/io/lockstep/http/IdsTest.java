package io.lockstep.http;

import static io.lockstep.http.fixture.Row.fine;
import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences and fences as clients see them. */
class IdsTest {
  @RegisterExtension static final LoneNode LONE = LoneNode.standard();

  @BeforeAll
  static void start() throws Exception {
    LONE.http().post("/v1/fences/seen:advance", "{\"token\":52}");
  }

  static List<Row> rows() {
    String longest = "n".repeat(1024);
    Row advance = refused("POST", "/v1/fences/f:advance", 400, "bad-field");
    return List.of(
        fine("POST", "/v1/ids/rows:next", 200),
        fine("POST", "/v1/ids/rows:next", 200).body("{}"),
        fine("POST", "/v1/ids/rows?verb=next&count=1000000", 200),
        fine("POST", "/v1/ids/a/b:next?format=hlc&count=3", 200),
        fine("POST", "/v1/ids/" + longest + ":next", 200),
        refused("POST", "/v1/ids/" + longest + "n:next", 422, "name-length"),
        refused("POST", "/v1/ids/:next", 422, "name-length"),
        refused("POST", "/v1/ids/rows:next?count=0", 400, "bad-parameter"),
        refused("POST", "/v1/ids/rows:next?count=1000001", 400, "bad-parameter"),
        refused("POST", "/v1/ids/rows:next?count=x", 400, "bad-parameter"),
        refused("POST", "/v1/ids/rows:next?format=uuid", 400, "bad-parameter"),
        refused("POST", "/v1/ids/rows:next?cuont=2", 400, "unknown-parameter"),
        refused("POST", "/v1/ids/rows:next", 400, "unknown-field").body("{\"count\":2}"),
        refused("POST", "/v1/ids/rows:skip", 404, "unknown-verb"),
        refused("POST", "/v1/ids/rows", 404, "unknown-verb"),
        refused("GET", "/v1/ids/rows", 405, "method-not-allowed"),
        refused("POST", "/v1/ids", 404, "no-such-route"),
        advance.body("{}"),
        advance.body("{\"token\":0}"),
        advance.body("{\"token\":\"47\"}"),
        advance.body("{\"token\":9007199254740993}"),
        refused("POST", "/v1/fences/f:advance", 400, "unknown-field")
            .body("{\"token\":1,\"tokne\":2}"),
        refused("POST", "/v1/fences/f:advance?force", 400, "unknown-parameter")
            .body("{\"token\":1}"),
        refused("POST", "/v1/fences/seen:advance", 409, "stale-token").body("{\"token\":51}"),
        fine("POST", "/v1/fences/seen:advance", 200).body("{\"token\":52}"),
        refused("POST", "/v1/fences/:advance", 422, "name-length").body("{\"token\":1}"),
        refused("POST", "/v1/fences/seen:lower", 404, "unknown-verb").body("{\"token\":1}"),
        refused("DELETE", "/v1/fences/seen", 405, "method-not-allowed"),
        refused("GET", "/v1/fences/", 422, "name-length"),
        fine("GET", "/v1/fences/seen?consistency=stale", 200),
        fine("GET", "/v1/fences/never", 200),
        fine("POST", "/v1/worker-ids/rows:lease", 200).body("{\"bits\":1,\"ttl\":\"60s\"}"),
        fine("POST", "/v1/worker-ids/rows:lease", 200).body("{\"bits\":1}"),
        refused("POST", "/v1/worker-ids/rows:lease", 429, "pool-exhausted").body("{\"bits\":1}"),
        refused("POST", "/v1/worker-ids/rows:lease", 409, "limit-differs").body("{\"bits\":10}"),
        refused("POST", "/v1/worker-ids/p:lease", 400, "bad-field").body("{}"),
        refused("POST", "/v1/worker-ids/p:lease", 400, "bad-field").body("{\"bits\":0}"),
        refused("POST", "/v1/worker-ids/p:lease", 422, "not-allowed").body("{\"bits\":17}"),
        refused("POST", "/v1/worker-ids/p:lease", 422, "ttl-out-of-range")
            .body("{\"bits\":3,\"ttl\":\"1ms\"}"),
        refused("POST", "/v1/worker-ids/p:lease", 400, "unknown-field")
            .body("{\"bits\":3,\"limit\":9}"),
        refused("POST", "/v1/worker-ids/p:take", 404, "unknown-verb").body("{\"bits\":3}"),
        refused("POST", "/v1/worker-ids/:lease", 422, "name-length").body("{\"bits\":3}"),
        refused("GET", "/v1/worker-ids/p", 405, "method-not-allowed"),
        refused("POST", "/v1/txn", 400, "bad-field")
            .body("{\"if\":[{\"fence\":\"seen\"}],\"then\":[]}"),
        refused("POST", "/v1/txn", 409, "conditions-false")
            .body("{\"if\":[{\"fence\":\"seen\",\"token\":51}],\"then\":[]}"),
        fine("POST", "/v1/txn", 200)
            .body("{\"if\":[{\"fence\":\"seen\",\"token\":53,\"op\":\"<\"}],\"then\":[]}"),
        fine("POST", "/v1/txn", 200)
            .body("{\"if\":[{\"fence\":\"never\",\"token\":0}],\"then\":[]}"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void statuses(Row row) throws Exception {
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
  void idsAreTextAndFollowEachOther() throws Exception {
    JsonNode one = LONE.http().post("/v1/ids/order:next", "").json();
    assertEquals("1", one.get("first").textValue());
    assertEquals("1", one.get("last").textValue());
    assertNull(one.get("hlc_first"));
    JsonNode batch = LONE.http().post("/v1/ids/order:next?count=100", "").json();
    assertEquals("2", batch.get("first").textValue());
    assertEquals("101", batch.get("last").textValue());
    assertEquals("1", LONE.http().post("/v1/ids/other:next", "").json().get("first").textValue());
  }

  @Test
  void aBlocksReservationAdvancesTheRevisionAndAnIdDoesNot() throws Exception {
    long before = revision(LONE.http().post("/v1/ids/revisions:next", ""));
    for (int i = 0; i < 20; i++) {
      assertEquals(before, revision(LONE.http().post("/v1/ids/revisions:next", "")));
    }
    assertTrue(revision(LONE.http().post("/v1/ids/revisions:next?count=5000", "")) > before);
  }

  private static long revision(Response answer) {
    return Long.parseLong(answer.header("Lockstep-Revision"));
  }

  @Test
  void stampsRiseWithTheIds() throws Exception {
    long last = 0;
    for (int i = 0; i < 10; i++) {
      JsonNode json = LONE.http().post("/v1/ids/stamped:next?count=3&format=hlc", "").json();
      long first = Long.parseLong(json.get("hlc_first").textValue());
      assertTrue(first > last, json.toString());
      last = Long.parseLong(json.get("hlc_last").textValue());
      assertEquals(first + 2, last);
    }
  }

  @Test
  void aRetryGetsTheSameIds() throws Exception {
    String key = "Idempotency-Key: once";
    Response first = LONE.http().post("/v1/ids/keyed:next?count=5", "", key);
    Response again = LONE.http().post("/v1/ids/keyed:next?count=5", "", key);
    assertEquals(first.json().get("first"), again.json().get("first"));
    assertEquals("true", again.header("Idempotency-Replayed"));
    assertEquals(422, LONE.http().post("/v1/ids/keyed:next?count=6", "", key).status());
    JsonNode stored = LONE.http().get("/v1/requests/once").json();
    assertEquals("applied", stored.get("outcome").asText(), stored.toString());
  }

  @Test
  void aFenceTellsWhatItHasSeen() throws Exception {
    Response advanced = LONE.http().post("/v1/fences/s3-bucket:advance", "{\"token\":47}");
    assertTrue(advanced.json().get("advanced").asBoolean(), advanced.text());
    LONE.http().post("/v1/fences/s3-bucket:advance", "{\"token\":60}");
    Response stale = LONE.http().post("/v1/fences/s3-bucket:advance", "{\"token\":47}");
    assertEquals(409, stale.status());
    assertEquals(60, stale.json().get("current").get("token").asLong());
    assertEquals(60, LONE.http().get("/v1/fences/s3-bucket").json().get("token").asLong());
    assertEquals(200, LONE.http().get("/v1/problems/stale-token").status());
  }

  @Test
  void aWorkerIdIsRenewedAndGivenBackByItsLease() throws Exception {
    String ask = "{\"bits\":10,\"ttl\":\"30s\"}";
    long before = System.currentTimeMillis();
    JsonNode first = LONE.http().post("/v1/worker-ids/snowflake:lease", ask).json();
    assertEquals(0, first.get("id").asInt());
    assertTrue(first.get("min_timestamp_ms").asLong() >= before, first.toString());
    assertEquals(30_000, first.get("expires_in_ms").asInt());
    JsonNode second = LONE.http().post("/v1/worker-ids/snowflake:lease", ask).json();
    assertEquals(1, second.get("id").asInt());
    String lease = first.get("lease").asText();
    assertEquals(200, LONE.http().post("/v1/leases/" + lease + ":renew", "").status());
    assertEquals(200, LONE.http().delete("/v1/leases/" + lease).status());
    JsonNode again = LONE.http().post("/v1/worker-ids/snowflake:lease", ask).json();
    assertEquals(0, again.get("id").asInt());
    assertTrue(again.get("min_timestamp_ms").asLong() >= first.get("min_timestamp_ms").asLong());
  }

  @Test
  void anyNodeGivesIdsAndTheyRiseAcrossNodesAndLeaders() throws Exception {
    try (Trio trio = new Trio()) {
      long last = 0;
      for (int i = 0; i < 12; i++) {
        TestNode asked = trio.nodes.get(i % 3);
        last = next(asked, last);
      }
      assertEquals(12, last, "one block serves all nodes");
      TestNode before = trio.leader;
      before.coordinator.transferLeadership(
          trio.follower.id, System.nanoTime() + 5_000_000_000L, id -> {});
      Waiting.until("the follower leads", () -> trio.follower.raft.status().isLeader());
      for (TestNode asked : trio.nodes) {
        last = next(asked, last);
      }
      assertTrue(last > 12 && last <= 2_100, "at most one block is skipped: " + last);
    }
  }

  private static long next(TestNode asked, long last) throws Exception {
    Response answer = asked.client().post("/v1/ids/order:next", "");
    assertEquals(200, answer.status(), answer.text());
    long id = Long.parseLong(answer.json().get("first").textValue());
    assertTrue(id > last, id + " after " + last);
    return id;
  }
}
