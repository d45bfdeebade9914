package io.lockstep.http;

import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Row;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that say two things at once, or not enough, are refused with what to do instead, and
 * nothing of them is done.
 */
class ContradictionsTest {
  @RegisterExtension static final LoneNode LONE = LoneNode.standard();

  private static String shared = "";
  private static String several = "";

  @BeforeAll
  static void start() throws Exception {
    LONE.http().put("/v1/kv/k", "x");
    shared = lease("/v1/locks/shared:acquire", "{\"mode\":\"shared\",\"ttl\":\"1h\"}");
    several = lease("/v1/locks:acquire", "{\"names\":[\"a\",\"b\"],\"ttl\":\"1h\"}");
    LONE.http().post("/v1/semaphores/s:acquire", "{\"limit\":3,\"ttl\":\"1h\"}");
  }

  private static String lease(String target, String body) throws Exception {
    return LONE.http().post(target, body).json().get("lease").asText();
  }

  static List<Row> rows() {
    Row put = refused("PUT", "/v1/kv/k?if_revision=2", 400, "bad-header").body("y");
    Row lock = refused("POST", "/v1/locks/l:acquire", 400, "bad-field");
    return List.of(
        put.headers("If-Match: \"2\""),
        put.headers("If-None-Match: *"),
        refused("PUT", "/v1/kv/k", 400, "bad-header")
            .body("y")
            .headers("If-Match: *", "If-None-Match: *"),
        refused("DELETE", "/v1/kv/k?if_revision=2", 400, "bad-header").headers("If-Match: \"2\""),
        refused("DELETE", "/v1/kv/k?prefix", 400, "bad-header").headers("If-Match: \"2\""),
        refused("PUT", "/v1/kv/k?ttl=5s&keep_lease", 400, "bad-parameter").body("y"),
        refused("GET", "/v1/kv/k?wait=5", 400, "bad-duration"),
        refused("GET", "/v1/kv/k?wait=5s", 400, "bad-parameter"),
        refused("GET", "/v1/kv/k?consistency=stale&min_revision=1", 400, "bad-parameter"),
        refused("GET", "/v1/kv/k?consistency=stale&max_staleness=1s", 400, "bad-parameter"),
        refused("GET", "/v1/kv/k?since=1&at_revision=1", 400, "bad-parameter"),
        refused("GET", "/v1/kv/k?at_revision=1&min_revision=2", 400, "bad-parameter"),
        refused("POST", "/v1/locks/l:acquire", 400, "bad-duration").body("{\"wait\":\"5\"}"),
        refused("POST", "/v1/locks/l:acquire", 400, "bad-duration").body("{\"ttl\":15}"),
        lock.body("{\"ttl\":\"5s\",\"lease\":\"" + shared + "\"}"),
        lock.body("{\"queue_ttl\":\"5s\"}"),
        refused("POST", "/v1/locks/l:release", 400, "bad-field")
            .body("{\"token\":7,\"lease\":\"" + shared + "\"}"),
        refused("POST", "/v1/locks/shared:acquire", 409, "mode-conflict")
            .body("{\"lease\":\"" + shared + "\"}"),
        refused("POST", "/v1/locks/a:acquire", 409, "locks-differ")
            .body("{\"lease\":\"" + several + "\"}"),
        refused("POST", "/v1/semaphores/s:acquire", 409, "semaphore-limit-differs")
            .body("{\"limit\":4}"),
        refused("POST", "/v1/semaphores/new:acquire", 422, "not-allowed")
            .body("{\"limit\":1,\"permits\":2}"),
        refused("POST", "/v1/txn", 422, "duplicate-key")
            .body("{\"then\":[{\"put\":\"k\",\"value\":\"y\"},{\"delete\":\"k\"}]}"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void areRefusedAndNothingIsDone(Row row) throws Exception {
    long revision = LONE.node().coordinator.view().revision();
    Response answer =
        LONE.http()
            .call(row.method(), row.target(), row.body(), row.headers().toArray(new String[0]));
    assertEquals(row.status(), answer.status(), answer.text());
    JsonNode problem = answer.json();
    assertEquals(row.code(), problem.get("code").asText(), answer.text());
    assertEquals("not_applied", problem.get("outcome").asText());
    assertTrue(problem.get("detail").asText().length() > 10, "says what to do: " + answer.text());
    assertEquals(revision, LONE.node().coordinator.view().revision());
    assertEquals("x", LONE.http().get("/v1/kv/k?raw").text());
  }
}
