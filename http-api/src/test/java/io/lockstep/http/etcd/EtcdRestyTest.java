package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.http.HttpOptions;
import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Connection;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The requests of lua-resty-etcd 1.10 (Apache APISIX), byte for byte as its source and that of
 * lua-resty-http and lua-cjson build them: no content type, every option of a range, slashes
 * escaped, both cases of names, revisions as numbers, leases as the text that was answered. Of the
 * answers it is asserted what that client reads. The client itself needs lua-resty-http, which
 * Debian does not have: it does not run here.
 */
@Timeout(60)
class EtcdRestyTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String RANGE_OPTIONS =
      "\"limit\":0,\"revision\":0,\"sort_order\":0,\"sort_target\":0,\"serializable\":false,"
          + "\"keys_only\":false,\"count_only\":false,\"min_mod_revision\":0,"
          + "\"max_mod_revision\":0,\"min_create_revision\":0,\"max_create_revision\":0";

  private TestNode node;
  private Http http;

  @BeforeEach
  void start() {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static String request(String method, String path, String more) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nUser-Agent: lua-resty-http/0.17.1 (Lua) ngx_lua/10023\r\n"
        + "Host: 127.0.0.1:2379\r\n"
        + more;
  }

  private static String post(String path, String body) {
    return request("POST", path, "Content-Length: " + body.length() + "\r\n\r\n" + body);
  }

  /** The answer's body; the client goes on with any status below 500. */
  private JsonNode call(String path, String body) throws IOException {
    Response answer = http.raw(post(path, body));
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  /** What lua-cjson makes of base64. */
  private static String base64(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(bytes).replace("/", "\\/");
  }

  private JsonNode readDir(String key, String end) throws IOException {
    return call(
        "/v3/kv/range",
        "{\"key\":\""
            + base64(key)
            + "\",\"range_end\":\""
            + base64(end)
            + "\","
            + RANGE_OPTIONS
            + "}");
  }

  private JsonNode set(String key, String value, String more) throws IOException {
    return call(
        "/v3/kv/put",
        "{\"value\":\"" + base64(value) + "\",\"key\":\"" + base64(key) + "\"" + more + "}");
  }

  @Test
  void itTakesTheVersionFirst() throws IOException {
    JsonNode version = http.raw(request("GET", "/version", "\r\n")).json();
    assertEquals("3.5.0", version.get("etcdcluster").asText(), "3.4.0 is the least it works with");
  }

  @Test
  void aDirectoryIsReadAndWatchedFromThere() throws IOException {
    set("/apisix/routes/1", "{\"uri\":\"/?>\"}", "");
    JsonNode found = readDir("/apisix/routes", "/apisix/routet");
    assertEquals("/apisix/routes/1", text(found.at("/kvs/0/key")));
    assertEquals("{\"uri\":\"/?>\"}", text(found.at("/kvs/0/value")));
    assertEquals("1", found.get("count").asText());
    int next = found.at("/header/revision").asInt() + 1;
    try (Connection watch = watchDir(next)) {
      assertTrue(result(watch).get("created").booleanValue());
      set("/apisix/routes/2", "2", ",\"prev_kv\":true");
      set("/apisix/routes/2", "3", "");
      call("/v3/kv/deleterange", "{\"key\":\"" + base64("/apisix/routes/2") + "\"}");
      assertEquals("2", text(result(watch).at("/events/0/kv/value")));
      JsonNode changed = result(watch).at("/events/0");
      assertEquals("3", text(changed.at("/kv/value")));
      assertEquals("2", text(changed.at("/prev_kv/value")));
      assertFalse(changed.has("type"), "it takes what has no type for a put");
      JsonNode deleted = result(watch).at("/events/0");
      assertEquals("DELETE", deleted.get("type").asText());
      assertEquals("/apisix/routes/2", text(deleted.at("/kv/key")));
    }
    assertFalse(readDir("/apisix/none", "/apisix/nonf").has("kvs"));
  }

  /** As text first, so that a chunk without its end of line fails: the client would read on. */
  private static JsonNode result(Connection watch) throws IOException {
    String chunk = new String(watch.chunk(), StandardCharsets.UTF_8);
    assertTrue(chunk.endsWith("\n"), chunk);
    return MAPPER.readTree(chunk).get("result");
  }

  private Connection watchDir(long revision) throws IOException {
    Connection watch = http.connect();
    watch.write(
        post(
            "/v3/watch",
            "{\"create_request\":{\"key\":\""
                + base64("/apisix/routes")
                + "\",\"range_end\":\""
                + base64("/apisix/routet")
                + "\",\"start_revision\":"
                + revision
                + ",\"prev_kv\":true,\"progress_notify\":true}}"));
    assertEquals("chunked", watch.head().header("Transfer-Encoding"));
    return watch;
  }

  @Test
  void whoComesTooLateReloadsEverything() throws IOException {
    for (int i = 0; i < 5; i++) {
      set("/apisix/routes/1", "" + i, "");
    }
    Compaction.keepRevisions(node, 2);
    Compaction.compactTo(node, 3);
    try (Connection watch = watchDir(2)) {
      result(watch);
      JsonNode over = result(watch);
      assertTrue(over.get("canceled").booleanValue());
      assertTrue(over.get("compact_revision").asLong() > 2, over.toString());
    }
  }

  @Test
  void oneSetsWhatIsNotThereAndWhatIs() throws IOException {
    String key = base64("/k");
    String compare =
        "\"compare\":[{\"target\":\"CREATE\",\"key\":\"" + key + "\",\"createRevision\":0}]";
    String put = "[{\"requestPut\":{\"key\":\"" + key + "\",\"value\":\"" + base64("\"v\"");
    String setnx = "{" + compare + ",\"success\":" + put + "\"}}]}";
    assertTrue(call("/v3/kv/txn", setnx).get("succeeded").booleanValue());
    assertFalse(call("/v3/kv/txn", setnx).has("succeeded"), "absent is what it takes for no");
    JsonNode setx = call("/v3/kv/txn", "{" + compare + ",\"failure\":" + put + "\"}}]}");
    assertTrue(setx.at("/responses/0/response_put/header/revision").asInt() > 1, setx.toString());
    assertEquals("1", call("/v3/kv/deleterange", rmDir()).get("deleted").asText());
    assertFalse(call("/v3/kv/deleterange", rmDir()).has("deleted"));
  }

  private static String rmDir() {
    return "{\"prev_kv\":true,\"key\":\""
        + base64("/k")
        + "\",\"range_end\":\""
        + base64("/l")
        + "\"}";
  }

  @Test
  void aLeaseIsNamedByTheTextThatWasAnswered() throws IOException {
    String id = call("/v3/lease/grant", "{\"TTL\":60,\"ID\":0}").get("ID").textValue();
    String named = "\"ID\":\"" + id + "\"";
    set("/k", "1", ",\"lease\":\"" + id + "\"");
    JsonNode left = call("/v3/kv/lease/timetolive", "{\"keys\":true," + named + "}");
    assertEquals("60", left.get("grantedTTL").asText());
    assertEquals("/k", text(left.at("/keys/0")));
    assertEquals(
        "60", call("/v3/lease/keepalive", "{" + named + "}").at("/result/TTL").textValue());
    assertEquals(id, leases("\r\n"), "older versions of lua-resty-http tell no length at all");
    assertEquals(id, leases("Content-Length: 0\r\n\r\n"));
    assertTrue(call("/v3/kv/lease/revoke", "{" + named + "}").has("header"));
    assertFalse(readDir("/k", "/l").has("kvs"));
    Response again = http.raw(post("/v3/kv/lease/revoke", "{" + named + "}"));
    assertEquals(404, again.status(), "below 500: the client does not take the node for ill");
  }

  private String leases(String end) throws IOException {
    JsonNode answer = http.raw(request("POST", "/v3/lease/leases", end)).json();
    return answer.at("/leases/0/ID").asText();
  }

  /** A refresh of the token where there are no users: what the client reads is that none came. */
  @Test
  void whoGivesAPasswordIsToldThatThereAreNoUsers() throws IOException {
    Response answer =
        http.raw(post("/v3/auth/authenticate", "{\"password\":\"p\",\"name\":\"root\"}"));
    assertEquals(412, answer.status());
    assertEquals(
        "etcdserver: authentication is not enabled", answer.json().get("error").textValue());
    assertFalse(answer.json().has("token"));
  }

  private static String text(JsonNode base64) {
    return new String(Base64.getDecoder().decode(base64.asText()), StandardCharsets.UTF_8);
  }
}
