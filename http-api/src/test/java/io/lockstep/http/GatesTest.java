package io.lockstep.http;

import static io.lockstep.http.fixture.Row.fine;
import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Latches and work once a period as clients see them. */
class GatesTest {
  @RegisterExtension static final LoneNode LONE = LoneNode.standard();

  @BeforeAll
  static void start() throws Exception {
    LONE.http().post("/v1/latches/half:arrive", "{\"parties\":2,\"id\":\"a\"}");
    LONE.http().post("/v1/once/rows:claim", "{\"period\":\"running\",\"ttl\":\"60s\"}");
  }

  static List<Row> rows() {
    String arrive = "/v1/latches/half:arrive";
    String claim = "/v1/once/rows:claim";
    return List.of(
        fine("POST", arrive, 202).body("{\"parties\":2,\"id\":\"a\"}"),
        fine("POST", arrive, 202).body("{\"parties\":2,\"id\":\"a\",\"wait\":\"10ms\"}"),
        fine("GET", "/v1/latches/half", 200),
        refused("POST", arrive, 409, "limit-differs").body("{\"parties\":3,\"id\":\"b\"}"),
        refused("POST", arrive, 400, "bad-field").body("{\"id\":\"b\"}"),
        refused("POST", arrive, 400, "bad-field").body("{\"parties\":2}"),
        refused("POST", arrive, 422, "not-allowed").body("{\"parties\":10001,\"id\":\"b\"}"),
        refused("POST", arrive, 422, "not-allowed").body("{\"parties\":2,\"id\":\"\"}"),
        refused("POST", arrive, 422, "duration-out-of-range")
            .body("{\"parties\":2,\"id\":\"a\",\"wait\":\"61s\"}"),
        refused("POST", arrive, 400, "bad-duration")
            .body("{\"parties\":2,\"id\":\"a\",\"wait\":5}"),
        refused("POST", arrive, 400, "unknown-field")
            .body("{\"parties\":2,\"id\":\"a\",\"ttl\":\"5s\"}"),
        refused("POST", "/v1/latches/:arrive", 422, "name-length")
            .body("{\"parties\":2,\"id\":\"a\"}"),
        refused("POST", "/v1/latches/half:open", 404, "unknown-verb").body("{}"),
        refused("GET", "/v1/latches/none", 404, "latch-not-found"),
        refused("DELETE", "/v1/latches/none", 404, "latch-not-found"),
        refused("PUT", "/v1/latches/half", 405, "method-not-allowed"),
        refused("POST", claim, 423, "period-running").body("{\"period\":\"running\"}"),
        refused("POST", claim, 400, "bad-field").body("{}"),
        refused("POST", claim, 422, "not-allowed").body("{\"period\":\"\"}"),
        refused("POST", claim, 422, "ttl-out-of-range").body("{\"period\":\"p\",\"ttl\":\"1ms\"}"),
        refused("POST", claim, 400, "unknown-field").body("{\"period\":\"p\",\"wait\":\"1s\"}"),
        refused("POST", "/v1/once/:claim", 422, "name-length").body("{\"period\":\"p\"}"),
        refused("POST", "/v1/once/rows:done", 400, "bad-field").body("{}"),
        refused("POST", "/v1/once/rows:done", 409, "grant-lost").body("{\"token\":99999}"),
        refused("POST", "/v1/once/rows:skip", 404, "unknown-verb").body("{}"),
        refused("GET", "/v1/once/rows", 405, "method-not-allowed"));
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
  void workIsDoneOnceAPeriod() throws Exception {
    String ask = "{\"period\":\"2026-11-21\",\"ttl\":\"60s\"}";
    JsonNode claimed = LONE.http().post("/v1/once/nightly:claim", ask).json();
    assertEquals(60_000, claimed.get("expires_in_ms").asInt());
    Response running = LONE.http().post("/v1/once/nightly:claim", ask);
    assertEquals(423, running.status());
    assertTrue(running.json().get("retry_after_ms").asLong() > 0, running.text());
    String lease = claimed.get("lease").asText();
    assertEquals(200, LONE.http().post("/v1/leases/" + lease + ":renew", "").status());
    String token = "{\"token\":" + claimed.get("token").asLong() + "}";
    assertEquals(200, LONE.http().post("/v1/once/nightly:done", token).status());
    assertEquals(200, LONE.http().post("/v1/once/nightly:done", token).status());
    Response done = LONE.http().post("/v1/once/nightly:claim", ask);
    assertEquals(409, done.status());
    assertEquals("period-done", done.json().get("code").asText());
  }

  @Test
  void aClaimThatWasGivenUpIsFree() throws Exception {
    String ask = "{\"period\":\"p\"}";
    JsonNode lost = LONE.http().post("/v1/once/given-up:claim", ask).json();
    LONE.http().delete("/v1/leases/" + lost.get("lease").asText());
    JsonNode next = LONE.http().post("/v1/once/given-up:claim", ask).json();
    assertTrue(next.get("token").asLong() > lost.get("token").asLong());
    String token = "{\"token\":" + lost.get("token").asLong() + "}";
    assertEquals(409, LONE.http().post("/v1/once/given-up:done", token).status());
  }

  @Test
  void aLatchIsRemovedAndBeginsAnew() throws Exception {
    String one = "{\"parties\":1,\"id\":\"a\"}";
    assertTrue(LONE.http().post("/v1/latches/anew:arrive", one).json().get("open").asBoolean());
    assertEquals(1, LONE.http().delete("/v1/latches/anew").json().get("deleted").asInt());
    String two = "{\"parties\":2,\"id\":\"a\"}";
    Response answer = LONE.http().post("/v1/latches/anew:arrive", two);
    assertEquals(202, answer.status());
    assertFalse(answer.json().get("open").asBoolean());
  }

  @Test
  void whoWaitsOnAnyNodeIsLetThroughWhenTheLastArrives() throws Exception {
    try (Trio trio = new Trio();
        Http.Connection first = trio.follower.client().connect();
        Http.Connection second = trio.leader.client().connect()) {
      send(first, "w1");
      send(second, "w2");
      Waiting.until(
          "two have arrived",
          () -> trio.leader.client().get("/v1/latches/ready").text().contains("\"arrived\":2"));
      Response last =
          trio.follower.client().post("/v1/latches/ready:arrive", "{\"parties\":3,\"id\":\"w3\"}");
      assertEquals(200, last.status(), last.text());
      for (Http.Connection each : List.of(first, second)) {
        Response answer = each.answer(false);
        assertEquals(200, answer.status(), answer.text());
        assertTrue(answer.json().get("open").asBoolean());
        assertEquals(3, answer.json().get("arrived").asInt());
      }
    }
  }

  private static void send(Http.Connection connection, String id) throws Exception {
    String body = "{\"parties\":3,\"id\":\"" + id + "\",\"wait\":\"60s\"}";
    connection.send("POST", "/v1/latches/ready:arrive", body.getBytes(StandardCharsets.UTF_8));
  }
}
