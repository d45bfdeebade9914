package io.lockstep.http;

import static io.lockstep.http.fixture.Row.fine;
import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.TestNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row for each way in which a request can be refused, and for the edges of what is allowed. */
class StatusTableTest {
  private static final String NO_LEASE = "0000000000000001ffff";
  private static TestNode node;
  private static Http http;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
    http.put("/v1/kv/there", "x");
    http.put("/v1/kv/many/a", "x");
    http.put("/v1/kv/many/b", "x");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  static List<Row> targets() {
    return List.of(
        refused("GET", "/", 404, "no-such-route"),
        refused("GET", "/v2/kv/a", 404, "no-such-route"),
        refused("GET", "/v1/kvx", 404, "no-such-route"),
        refused("POST", "/v1/semaphores/api:acquire", 400, "bad-field").body("{}"),
        refused("POST", "/v1/semaphores/api:take", 404, "unknown-verb").body("{}"),
        refused("POST", "/v1/elections/e:acquire", 404, "unknown-verb").body("{}"),
        refused("POST", "/v1/cluster/members", 400, "bad-field").body("{}"),
        refused("GET", "/v1/cluster/members", 405, "method-not-allowed"),
        refused("DELETE", "/v1/cluster/members/n9", 404, "member-not-found"),
        refused("DELETE", "/v1/cluster/members/n1", 409, "quorum-would-be-lost"),
        refused("POST", "/v1/cluster/members/n9:crown", 404, "unknown-verb"),
        refused("GET", "/v1/cluster:transfer-leadership", 405, "method-not-allowed"),
        refused("GET", "/v1/cluster:configure", 405, "method-not-allowed"),
        refused("POST", "/v1/cluster:configure", 400, "bad-field").body("{}"),
        refused("POST", "/v1/cluster:configure", 400, "bad-field")
            .body("{\"lease_reads\":\"yes\"}"),
        refused("POST", "/v1/cluster:configure", 400, "unknown-field")
            .body("{\"lease_reads\":true,\"lease_ms\":9}"),
        refused("POST", "/v1/locks:acquire", 400, "bad-field").body("{}"),
        refused("GET", "/v1/locks:acquire", 405, "method-not-allowed"),
        refused("GET", "/v1/nothing", 404, "no-such-route"),
        refused("GET", "/v2/kv", 404, "no-such-route"),
        refused("GET", "/v1/kv/a%", 400, "bad-target"),
        refused("GET", "/v1/kv/a%2", 400, "bad-target"),
        refused("GET", "/v1/kv/a%zz", 400, "bad-target"),
        refused("GET", "/v1/kv/a#b", 400, "bad-target"),
        refused("GET", "/v1/kv/a?b=%f", 400, "bad-target"),
        refused("GET", "/v1/kv/a?%ff=1", 400, "bad-target"),
        refused("POST", "/v1/kv/a", 405, "method-not-allowed"),
        refused("PATCH", "/v1/kv/a", 405, "method-not-allowed"),
        refused("OPTIONS", "/v1/kv/a", 405, "method-not-allowed"),
        refused("PUT", "/v1/leases/" + NO_LEASE, 405, "method-not-allowed"),
        refused("DELETE", "/v1/locks/a?force=true", 400, "bad-parameter"),
        refused("PUT", "/v1/locks/a", 405, "method-not-allowed"),
        refused("POST", "/v1/watch/a", 405, "method-not-allowed").body("{}"),
        refused("PUT", "/v1/watch", 405, "method-not-allowed").body("{}"),
        refused("POST", "/v1/watch", 400, "bad-field").body("{}"),
        refused("DELETE", "/v1/cluster", 405, "method-not-allowed"),
        refused("POST", "/metrics", 405, "method-not-allowed"));
  }

  static List<Row> keys() {
    String longest = "k".repeat(1024);
    return List.of(
        refused("PUT", "/v1/kv/", 422, "key-length"),
        refused("GET", "/v1/kv", 422, "key-length"),
        fine("PUT", "/v1/kv/k", 201),
        fine("PUT", "/v1/kv/" + longest, 201),
        fine("GET", "/v1/kv/" + longest, 200),
        refused("PUT", "/v1/kv/" + longest + "k", 422, "key-length"),
        refused("GET", "/v1/kv/" + longest + "k", 422, "key-length"),
        refused("DELETE", "/v1/kv/" + longest + "k", 422, "key-length"),
        refused("POST", "/v1/locks/" + longest + "k:acquire", 422, "name-length").body("{}"),
        refused("POST", "/v1/locks/:acquire", 422, "name-length").body("{}"),
        refused("GET", "/v1/watch/", 422, "key-length"),
        refused("GET", "/v1/kv/absent", 404, "key-not-found"),
        refused("DELETE", "/v1/kv/absent", 404, "key-not-found"),
        refused("GET", "/v1/kv?key_b64=***", 400, "bad-parameter"),
        refused("GET", "/v1/kv/a?key_b64=YQ", 400, "bad-parameter"),
        fine("GET", "/v1/kv?key_b64=dGhlcmU", 200),
        fine("GET", "/v1/kv?key_b64=dGhlcmU=", 200));
  }

  static List<Row> parameters() {
    return List.of(
        refused("PUT", "/v1/kv/there?if_revisoin=3", 400, "unknown-parameter"),
        refused("DELETE", "/v1/kv/there?limit=3", 400, "unknown-parameter"),
        refused("GET", "/v1/cluster?redirect=1", 400, "unknown-parameter"),
        refused("GET", "/v1/kv/there?raw&raw", 400, "duplicate-parameter"),
        refused("GET", "/v1/kv/there?raw=yes", 400, "bad-parameter"),
        refused("GET", "/v1/kv/there?at_revision=0", 400, "bad-parameter"),
        refused("GET", "/v1/kv/there?at_revision=1e3", 400, "bad-parameter"),
        refused("GET", "/v1/kv/there?at_revision=-1", 400, "bad-parameter"),
        refused("GET", "/v1/kv/there?at_revision=9007199254740993", 400, "bad-parameter"),
        refused("GET", "/v1/kv/there?at_revision=999999", 422, "not-allowed"),
        refused("GET", "/v1/kv/?prefix&limit=0", 400, "bad-parameter"),
        refused("GET", "/v1/kv/?prefix&limit=10001", 400, "bad-parameter"),
        refused("GET", "/v1/kv/?prefix=false", 400, "bad-parameter"),
        refused("GET", "/v1/kv/?prefix&after=a&after_b64=YQ", 400, "bad-parameter"),
        refused("PUT", "/v1/kv/there?return=all", 400, "bad-parameter"),
        refused("PUT", "/v1/kv/there?lease=nonsense", 400, "bad-parameter"),
        refused("PUT", "/v1/kv/there?lease=" + NO_LEASE + "&keep_lease", 400, "bad-parameter"),
        refused("PUT", "/v1/kv/there?lease=" + NO_LEASE, 404, "lease-not-found"),
        refused("GET", "/v1/watch/a?kind=latch", 400, "bad-parameter"),
        refused("GET", "/v1/watch/a?from=0", 400, "bad-parameter"),
        refused("GET", "/v1/watch/a?from=3&initial", 400, "bad-parameter"),
        refused("GET", "/v1/watch/a?kind=lock&initial", 400, "bad-parameter"),
        fine("GET", "/v1/kv/there?raw=false", 200),
        fine("GET", "/v1/kv/there?raw=", 200),
        fine("HEAD", "/v1/kv/there", 200),
        fine("GET", "/livez", 200),
        fine("GET", "/readyz?verbose", 200),
        fine("GET", "/metrics", 200),
        fine("GET", "/v1/cluster", 200),
        fine("GET", "/v1/problems", 200),
        fine("GET", "/v1/problems/lock-held", 200),
        refused("GET", "/v1/problems/nothing", 404, "no-such-route"));
  }

  static List<Row> reads() {
    String there = "/v1/kv/there?";
    return List.of(
        fine("GET", there + "consistency=stale", 200),
        fine("GET", there + "consistency=linearizable", 200),
        fine("GET", there + "max_staleness=5s", 200),
        fine("GET", there + "min_revision=2", 200),
        fine("GET", there + "min_revision=2&max_staleness=5s", 200),
        fine("GET", there + "min_revision=2&at_revision=2", 200),
        fine("GET", there + "consistency=stale&at_revision=2", 200),
        fine("GET", "/v1/kv/?prefix&consistency=stale", 200),
        fine("GET", "/v1/kv/?keys&max_staleness=5s", 200),
        fine("GET", "/v1/locks/a?consistency=stale", 200),
        fine("GET", there + "since=1", 200),
        fine("GET", there + "since=1&wait=0s&raw", 200),
        fine("GET", there + "since=999999", 204),
        fine("GET", there + "since=999999&wait=1ms", 204),
        refused("GET", "/v1/kv/absent?consistency=stale", 404, "key-not-found"),
        refused("GET", "/v1/leases/" + NO_LEASE + "?consistency=stale", 404, "lease-not-found"),
        refused("GET", "/v1/requests/k?min_revision=2", 404, "request-not-found"),
        refused("GET", there + "min_revision=999999", 504, "revision-not-reached")
            .headers("Request-Timeout: 100ms"),
        refused("GET", there + "consistency=weak", 400, "bad-parameter"),
        refused("GET", there + "consistency=", 400, "bad-parameter"),
        refused("GET", there + "consistency=stale&max_staleness=1s", 400, "bad-parameter"),
        refused("GET", there + "consistency=stale&min_revision=2", 400, "bad-parameter"),
        refused("GET", there + "consistency=linearizable&min_revision=2", 400, "bad-parameter"),
        refused("GET", there + "consistency=linearizable&max_staleness=1s", 400, "bad-parameter"),
        refused("GET", there + "min_revision=3&at_revision=2", 400, "bad-parameter"),
        refused("GET", there + "min_revision=0", 400, "bad-parameter"),
        refused("GET", there + "max_staleness=2", 400, "bad-duration"),
        refused("GET", there + "max_staleness=0s", 422, "duration-out-of-range"),
        refused("GET", there + "max_staleness=25h", 422, "duration-out-of-range"),
        refused("GET", there + "wait=3s", 400, "bad-parameter"),
        refused("GET", there + "wait=3&since=4", 400, "bad-duration"),
        refused("GET", there + "wait=61s&since=4", 422, "duration-out-of-range"),
        refused("GET", there + "since=4&at_revision=3", 400, "bad-parameter"),
        refused("GET", there + "since=4", 400, "bad-header").headers("If-None-Match: \"4\""),
        refused("GET", "/v1/kv/?prefix&since=4", 400, "unknown-parameter"),
        refused("PUT", there + "min_revision=3", 400, "unknown-parameter").body("x"),
        refused("PUT", there + "consistency=stale", 400, "unknown-parameter").body("x"));
  }

  static List<Row> headers() {
    Row put = refused("PUT", "/v1/kv/there", 400, "bad-header").body("x");
    Row get = fine("GET", "/v1/kv/there", 200);
    return List.of(
        put.headers("If-Match: 41"),
        put.headers("If-Match: W/\"41\""),
        put.headers("If-Match: \"41\", \"42\""),
        put.headers("If-None-Match: \"41\""),
        put.headers("If-Match: \"41\"", "If-None-Match: *"),
        put.headers("If-Match: \"41\"", "If-Match: \"42\""),
        put.headers("Idempotency-Key: a", "Idempotency-Key: b"),
        put.headers("Request-Timeout: 1s", "Request-Timeout: 2s"),
        put.headers("If-Lock: backup"),
        put.headers("If-Lock: backup;token=x"),
        put.headers("If-Lock: backup;token=0"),
        put.headers("Idempotency-Key: \"\""),
        put.headers("Idempotency-Key: " + "k".repeat(129)),
        put.headers("Content-Type: " + "t".repeat(300)),
        refused("PUT", "/v1/kv/there", 400, "bad-duration").headers("Request-Timeout: 5"),
        refused("PUT", "/v1/kv/there", 400, "bad-duration").headers("Request-Timeout: soon"),
        refused("PUT", "/v1/kv/there", 422, "duration-out-of-range")
            .headers("Request-Timeout: 99ms"),
        refused("PUT", "/v1/kv/there", 422, "duration-out-of-range").headers("Request-Timeout: 2m"),
        refused("PUT", "/v1/kv/there", 412, "stale-token").headers("If-Lock: backup;token=7"),
        refused("PUT", "/v1/kv/there", 412, "revision-mismatch").headers("If-Match: \"1\""),
        refused("PUT", "/v1/kv/none", 412, "key-missing").headers("If-Match: *"),
        refused("PUT", "/v1/kv/there", 412, "key-exists").headers("If-None-Match: *"),
        refused("GET", "/v1/kv/there", 412, "revision-mismatch").headers("If-Match: \"1\""),
        get.headers("If-Match: *"),
        new Row("GET", "/v1/kv/there", "", List.of("If-None-Match: *"), 304, null),
        refused("PUT", "/v1/kv/there", 415, "unsupported-media")
            .body("x")
            .headers("Content-Encoding: gzip"),
        refused("PUT", "/v1/kv/there", 415, "unsupported-media")
            .body("x")
            .headers("Content-Type: multipart/form-data; boundary=b"),
        refused("GET", "/v1/kv/there", 406, "not-acceptable").headers("Accept: text/html"),
        refused("GET", "/v1/kv/there", 406, "not-acceptable")
            .headers("Accept: application/json;q=0"),
        refused("GET", "/v1/kv/?prefix", 406, "not-acceptable").headers("Accept: image/png"),
        refused("GET", "/v1/watch/a", 406, "not-acceptable").headers("Accept: application/json"),
        get.headers("Accept: text/html, application/*;q=0.1"),
        get.headers("Accept: text/html, */*;q=0.1"),
        refused("PUT", "/v1/kv/there", 403, "cross-origin").headers("Origin: http://evil.example"),
        refused("DELETE", "/v1/kv/there", 403, "cross-origin").headers("Sec-Fetch-Site: same-site"),
        refused("POST", "/v1/leases", 403, "cross-origin").headers("Origin: null"),
        get.headers("Origin: http://evil.example"),
        fine("PUT", "/v1/kv/there", 200).headers("Origin: http://localhost"),
        fine("PUT", "/v1/kv/there", 200).headers("Sec-Fetch-Site: same-origin"),
        refused("GET", "/v1/kv/there", 400, "malformed-http").headers("Content-Length: 0x"),
        refused("DELETE", "/v1/kv/there", 400, "unexpected-body").body("x"),
        refused("GET", "/v1/kv/there", 400, "unexpected-body").body("x"));
  }

  static List<Row> bodies() {
    Row lease = refused("POST", "/v1/leases", 400, "bad-json");
    Row field = refused("POST", "/v1/leases", 400, "bad-field");
    Row acquire = refused("POST", "/v1/locks/a:acquire", 400, "bad-field");
    return List.of(
        lease.body("{"),
        lease.body("[]"),
        lease.body("17"),
        lease.body("null"),
        lease.body("{} x"),
        lease.body("{}{}"),
        lease.body("{\"ttl\":\"15s\",\"ttl\":\"15s\"}"),
        lease.body("{'ttl':'15s'}"),
        lease.body("{\"ttl\":NaN}"),
        lease.body("{\"x\":" + "[".repeat(40) + "]".repeat(40) + "}"),
        refused("POST", "/v1/leases", 400, "unknown-field").body("{\"tll\":\"15s\"}"),
        fine("POST", "/v1/leases", 201).body("{\"labels\":{}}"),
        refused("POST", "/v1/leases", 400, "bad-duration").body("{\"ttl\":15}"),
        refused("POST", "/v1/leases", 400, "bad-duration").body("{\"ttl\":\"15\"}"),
        refused("POST", "/v1/leases", 400, "bad-duration").body("{\"ttl\":\"-15s\"}"),
        refused("POST", "/v1/leases", 400, "bad-duration").body("{\"ttl\":\"1.5s\"}"),
        refused("POST", "/v1/leases", 400, "bad-duration").body("{\"ttl\":\"15 s\"}"),
        refused("POST", "/v1/leases", 400, "bad-duration").body("{\"ttl\":\"99999999999999999d\"}"),
        field.body("{\"ttl\":true}"),
        field.body("{\"ttl\":null}"),
        refused("POST", "/v1/leases", 422, "ttl-out-of-range").body("{\"ttl\":\"999ms\"}"),
        refused("POST", "/v1/leases", 422, "ttl-out-of-range").body("{\"ttl\":\"25h\"}"),
        fine("POST", "/v1/leases", 201).body("{\"ttl\":\"1s\"}"),
        fine("POST", "/v1/leases", 201).body("{\"ttl\":\"24h\"}"),
        fine("POST", "/v1/leases", 201),
        refused("POST", "/v1/leases/nonsense:renew", 404, "lease-not-found"),
        refused("POST", "/v1/leases/" + NO_LEASE + ":renew", 404, "lease-not-found"),
        refused("POST", "/v1/leases/" + NO_LEASE, 404, "unknown-verb"),
        refused("POST", "/v1/leases/" + NO_LEASE + ":revoke", 404, "unknown-verb"),
        refused("GET", "/v1/leases/" + NO_LEASE, 404, "lease-not-found"),
        refused("DELETE", "/v1/leases/" + NO_LEASE, 404, "lease-not-found"),
        refused("POST", "/v1/leases:renew", 400, "bad-field").body("{}"),
        refused("POST", "/v1/leases:renew", 400, "bad-field").body("{\"ids\":[1]}"),
        refused("POST", "/v1/leases:renew", 400, "bad-field").body("{\"ids\":[\"x\"]}"),
        refused("POST", "/v1/leases:renew", 400, "bad-field").body("{\"ids\":\"x\"}"),
        acquire.body("{\"ttl\":\"15s\",\"lease\":\"" + NO_LEASE + "\"}"),
        acquire.body("{\"mode\":\"upgradable\"}"),
        acquire.body("{\"owner\":7}"),
        acquire.body("{\"lease\":\"x\"}"),
        refused("POST", "/v1/locks/a:acquire", 400, "unknown-field").body("{\"kept\":true}"),
        refused("POST", "/v1/locks/a:acquire", 400, "bad-duration").body("{\"wait\":20}"),
        refused("POST", "/v1/locks/a:acquire", 422, "duration-out-of-range")
            .body("{\"wait\":\"61s\"}"),
        refused("POST", "/v1/locks/a:acquire", 422, "ttl-out-of-range").body("{\"ttl\":\"1ms\"}"),
        refused("POST", "/v1/locks/a:acquire", 422, "not-allowed")
            .body("{\"owner\":\"" + "o".repeat(257) + "\"}"),
        refused("POST", "/v1/locks/a:acquire", 404, "lease-not-found")
            .body("{\"lease\":\"" + NO_LEASE + "\"}"),
        refused("POST", "/v1/locks/a:steal", 404, "unknown-verb").body("{}"),
        refused("POST", "/v1/locks/a", 404, "unknown-verb").body("{}"),
        refused("POST", "/v1/locks/a:release", 400, "bad-field").body("{}"),
        refused("POST", "/v1/locks/a:release", 400, "bad-field").body("{\"token\":\"47\"}"),
        refused("POST", "/v1/locks/a:release", 400, "bad-field").body("{\"token\":4.5}"),
        refused("POST", "/v1/locks/a:release", 400, "bad-field").body("{\"token\":0}"),
        refused("POST", "/v1/locks/a:release", 409, "not-holder").body("{\"token\":47}"),
        refused("POST", "/v1/locks/a:renew", 409, "not-holder").body("{\"token\":47}"),
        fine("GET", "/v1/locks/a", 200),
        refused("GET", "/v1/requests/never", 404, "request-not-found"),
        refused("DELETE", "/v1/kv/?prefix", 422, "prefix-is-everything"));
  }

  static List<Row> sizes() {
    return List.of(
        fine("PUT", "/v1/kv/big", 201).body("v".repeat(512 << 10)),
        refused("PUT", "/v1/kv/big", 413, "value-too-large").body("v".repeat((512 << 10) + 1)),
        refused("POST", "/v1/leases", 413, "body-too-large").body(" ".repeat((1536 << 10) + 1)),
        refused("GET", "/v1/kv/there?x=" + "y".repeat(17 << 10), 414, "target-too-long"),
        refused("GET", "/v1/kv/there", 431, "headers-too-large")
            .headers("X-Long: " + "y".repeat(17 << 10)));
  }

  static Stream<Row> rows() {
    List<Row> rows = new ArrayList<>();
    rows.addAll(targets());
    rows.addAll(keys());
    rows.addAll(parameters());
    rows.addAll(reads());
    rows.addAll(headers());
    rows.addAll(bodies());
    rows.addAll(sizes());
    return rows.stream();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void eachRequestGetsItsStatus(Row row) throws Exception {
    long before = node.coordinator.view().revision();
    Response answer =
        http.call(row.method(), row.target(), row.body(), row.headers().toArray(new String[0]));
    assertEquals(row.status(), answer.status(), answer.text());
    assertEquals("no-store", answer.header("Cache-Control"));
    assertTrue(answer.headers().containsKey("lockstep-revision"), "every answer has a revision");
    assertTrue(answer.headers().containsKey("request-id"), "every answer has an id");
    if (row.code() != null) {
      JsonNode problem = answer.json();
      assertEquals("application/problem+json", answer.header("Content-Type"));
      assertEquals(row.code(), problem.get("code").asText(), answer.text());
      assertEquals(row.status(), problem.get("status").asInt());
      assertEquals("/v1/problems/" + row.code(), problem.get("type").asText());
      assertEquals(before, node.coordinator.view().revision(), "nothing was applied");
      assertEquals(
          row.code().equals("request-not-found") ? "unknown" : "not_applied",
          problem.get("outcome").asText());
    }
  }

  @Test
  void everyProblemHasAPage() throws Exception {
    JsonNode problems = http.get("/v1/problems").json().get("problems");
    assertTrue(problems.size() > 40, "all codes are listed");
    for (JsonNode problem : problems) {
      Response page = http.get("/v1/problems/" + problem.get("code").asText());
      assertEquals(200, page.status());
      assertEquals(problem, page.json());
    }
  }

  @Test
  void allowNamesTheMethods() throws Exception {
    assertEquals("GET, HEAD, PUT, DELETE", http.call("PATCH", "/v1/kv/a", "").header("Allow"));
  }
}
