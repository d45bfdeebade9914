package io.lockstep.http;

import static io.lockstep.http.fixture.Row.fine;
import static io.lockstep.http.fixture.Row.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Row;
import io.lockstep.http.fixture.TestNode;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One row for each way in which a transaction or an addition can be refused. */
class TxnStatusTest {
  private static final String NO_LEASE = "0000000000000001ffff";
  private static TestNode node;
  private static Http http;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
    http.put("/v1/kv/there", "x");
    http.put("/v1/kv/full", Long.toString(Long.MAX_VALUE));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String single(String compare) {
    return "{\"if\":[" + compare + "],\"then\":[],\"else\":[]}";
  }

  private static String step(String step) {
    return "{\"then\":[" + step + "]}";
  }

  private static Row field(String body) {
    return refused("POST", "/v1/txn", 400, "bad-field").body(body);
  }

  static List<Row> conditions() {
    Row unknown = refused("POST", "/v1/txn", 400, "unknown-field");
    return List.of(
        field(single("{}")),
        field(single("7")),
        field(single("{\"key\":\"a\"}")),
        field(single("{\"mod_revision\":3}")),
        field(single("{\"key\":\"a\",\"prefix\":\"b\",\"version\":1}")),
        field(single("{\"key\":\"a\",\"key_b64\":\"YQ\",\"version\":1}")),
        field(single("{\"key_b64\":\"***\",\"version\":1}")),
        field(single("{\"key\":\"a\",\"version\":1,\"mod_revision\":1}")),
        field(single("{\"key\":\"a\",\"version\":-1}")),
        field(single("{\"key\":\"a\",\"version\":1.5}")),
        field(single("{\"key\":\"a\",\"version\":\"1\"}")),
        field(single("{\"key\":\"a\",\"version\":1,\"op\":\"==\"}")),
        field(single("{\"key\":\"a\",\"exists\":1}")),
        field(single("{\"key\":\"a\",\"lease\":\"x\"}")),
        field(single("{\"key\":\"a\",\"value\":7}")),
        field(single("{\"key\":\"a\",\"value_base64\":\"*\"}")),
        field(single("{\"lock\":\"a\"}")),
        field(single("{\"lock\":\"a\",\"token\":0}")),
        field(single("{\"lease\":\"" + NO_LEASE + "\"}")),
        field(single("{\"lease\":\"x\",\"alive\":true}")),
        unknown.body(single("{\"key\":\"a\",\"exists\":true,\"op\":\"=\"}")),
        unknown.body(single("{\"key\":\"a\",\"empty\":true,\"version\":1}")),
        unknown.body(single("{\"key\":\"a\",\"verson\":1,\"version\":1}")),
        refused("POST", "/v1/txn", 422, "key-length")
            .body(single("{\"key\":\"\",\"exists\":true}")),
        refused("POST", "/v1/txn", 422, "name-length").body(single("{\"lock\":\"\",\"token\":1}")),
        fine("POST", "/v1/txn", 200).body(single("{\"key\":\"a\",\"lease\":null}")),
        fine("POST", "/v1/txn", 200).body(single("{\"prefix\":\"\",\"empty\":false}")),
        fine("POST", "/v1/txn", 200)
            .body(single("{\"lease\":\"" + NO_LEASE + "\",\"alive\":false}")),
        refused("POST", "/v1/txn", 409, "conditions-false")
            .body("{\"if\":[{\"key\":\"there\",\"version\":7}],\"then\":[]}"));
  }

  static List<Row> steps() {
    return List.of(
        field("{}"),
        field("{\"then\":{}}"),
        field("{\"then\":[1]}"),
        field(step("{}")),
        field(step("{\"put\":\"a\"}")),
        field(step("{\"put\":\"a\",\"value\":1}")),
        field(step("{\"put\":\"a\",\"get\":\"b\",\"value\":\"x\"}")),
        field(step("{\"put\":null,\"value\":\"x\"}")),
        field(step("{\"put\":\"a\",\"value\":\"x\",\"lease\":\"y\"}")),
        field(
            step(
                "{\"put\":\"a\",\"value\":\"x\",\"keep_lease\":true,\"lease\":\""
                    + NO_LEASE
                    + "\"}")),
        field(step("{\"put\":\"a\",\"value\":\"x\",\"value_base64\":\"eA==\"}")),
        field(step("{\"put\":\"a\",\"value\":\"x\",\"content_type\":\"" + "t".repeat(300) + "\"}")),
        field(step("{\"add\":\"a\"}")),
        field(step("{\"add\":\"a\",\"delta\":1.5}")),
        field(step("{\"get\":\"\",\"prefix\":true,\"limit\":0}")),
        field(step("{\"get\":\"\",\"prefix\":true,\"limit\":10001}")),
        field(step("{\"delete\":\"a\",\"prefix\":\"yes\"}")),
        refused("POST", "/v1/txn", 400, "unknown-field").body(step("{\"get\":\"a\",\"limit\":3}")),
        refused("POST", "/v1/txn", 400, "unknown-field").body("{\"then\":[],\"tehn\":[]}"),
        refused("POST", "/v1/txn", 400, "bad-json").body("[]"),
        refused("POST", "/v1/txn?if_revision=3", 400, "unknown-parameter").body("{\"then\":[]}"),
        refused("POST", "/v1/txn", 400, "bad-header")
            .body("{\"then\":[]}")
            .headers("If-Match: \"3\""),
        refused("GET", "/v1/txn", 405, "method-not-allowed"),
        refused("POST", "/v1/txn/", 404, "no-such-route").body("{}"),
        refused("POST", "/v1/txn", 412, "stale-token")
            .body(step("{\"put\":\"a\",\"value\":\"x\"}"))
            .headers("If-Lock: l;token=3"),
        refused("POST", "/v1/txn", 422, "too-many-items")
            .body("{\"then\":[" + "{\"get\":\"a\"},".repeat(256) + "{\"get\":\"a\"}]}"),
        refused("POST", "/v1/txn", 422, "duplicate-key")
            .body("{\"then\":[{\"add\":\"a\",\"delta\":1},{\"add\":\"a\",\"delta\":1}]}"),
        refused("POST", "/v1/txn", 422, "prefix-is-everything")
            .body(step("{\"delete\":\"\",\"prefix\":true}")),
        refused("POST", "/v1/txn", 422, "key-length").body(step("{\"put\":\"\",\"value\":\"x\"}")),
        refused("POST", "/v1/txn", 404, "lease-not-found")
            .body(step("{\"put\":\"a\",\"value\":\"x\",\"lease\":\"" + NO_LEASE + "\"}")),
        refused("POST", "/v1/txn", 409, "not-a-number")
            .body(step("{\"add\":\"there\",\"delta\":1}")),
        refused("POST", "/v1/txn", 422, "counter-overflow")
            .body(step("{\"add\":\"full\",\"delta\":1}")),
        fine("POST", "/v1/txn", 200)
            .body("{\"then\":[" + "{\"get\":\"a\"},".repeat(255) + "{\"get\":\"a\"}]}"),
        fine("POST", "/v1/txn", 200).body("{\"else\":[]}"));
  }

  static List<Row> counters() {
    Row add = refused("POST", "/v1/counters/c:add", 400, "bad-field");
    return List.of(
        add.body("{}"),
        add.body("{\"delta\":1.5}"),
        add.body("{\"delta\":\"1.5\"}"),
        add.body("{\"delta\":9007199254740993}"),
        add.body("{\"delta\":\"9223372036854775808\"}"),
        add.body("{\"delta\":null}"),
        refused("POST", "/v1/counters/c:add", 400, "unknown-field").body("{\"delta\":1,\"by\":2}"),
        refused("POST", "/v1/counters/c:add?ttl=3s", 400, "unknown-parameter")
            .body("{\"delta\":1}"),
        refused("POST", "/v1/counters/c:sub", 404, "unknown-verb").body("{\"delta\":1}"),
        refused("POST", "/v1/counters/c", 404, "unknown-verb").body("{\"delta\":1}"),
        refused("GET", "/v1/counters/c", 405, "method-not-allowed"),
        refused("POST", "/v1/counters/:add", 422, "name-length").body("{\"delta\":1}"),
        refused("POST", "/v1/counters/there:add", 409, "not-a-number").body("{\"delta\":1}"),
        refused("POST", "/v1/counters/full:add", 422, "counter-overflow").body("{\"delta\":1}"),
        refused("POST", "/v1/counters/full:add?if_revision=1", 412, "revision-mismatch")
            .body("{\"delta\":-1}"),
        refused("POST", "/v1/counters/full:add", 412, "stale-token")
            .body("{\"delta\":-1}")
            .headers("If-Lock: l;token=3"),
        refused("POST", "/v1/counters/none:add", 412, "key-missing")
            .body("{\"delta\":1}")
            .headers("If-Match: *"));
  }

  @ParameterizedTest
  @MethodSource({"conditions", "steps", "counters"})
  void eachRequestGetsItsStatus(Row row) throws Exception {
    long before = node.coordinator.view().revision();
    Response answer =
        http.call(row.method(), row.target(), row.body(), row.headers().toArray(new String[0]));
    assertEquals(row.status(), answer.status(), answer.text());
    if (row.code() != null) {
      assertEquals(row.code(), answer.json().get("code").asText(), answer.text());
      assertEquals("not_applied", answer.json().get("outcome").asText());
    }
    assertEquals(before, node.coordinator.view().revision(), "nothing was applied");
  }
}
