package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.storage.LogStore.Room;
import java.util.List;
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

  @Test
  void valuesComeBackAsTheyWere() throws Exception {
    byte[] binary = {(byte) 0xff, 0, 1, (byte) 0x80};
    assertEquals(201, http.call("PUT", "/v1/kv/bin", binary).status());
    JsonNode shown = http.get("/v1/kv/bin").json();
    assertEquals("/wABgA==", shown.get("value_base64").asText());
    assertNull(shown.get("value"));
    Response raw = http.get("/v1/kv/bin?raw");
    assertArrayEquals(binary, raw.body());
    assertEquals("application/octet-stream", raw.header("Content-Type"));
    assertEquals("nosniff", raw.header("X-Content-Type-Options"));
    assertEquals("sandbox", raw.header("Content-Security-Policy"));
    http.put("/v1/kv/form", "a=b", "Content-Type: application/x-www-form-urlencoded");
    assertEquals("text/plain; charset=utf-8", http.get("/v1/kv/form?raw").header("Content-Type"));
    http.put("/v1/kv/page", "<b>", "Content-Type: text/html");
    assertEquals("text/html", http.get("/v1/kv/page?raw").header("Content-Type"));
    assertEquals("text/html", http.get("/v1/kv/page").json().get("content_type").asText());
    assertEquals(201, http.put("/v1/kv/empty", "").status());
    assertEquals("", http.get("/v1/kv/empty").json().get("value").asText());
  }

  @Test
  void keysAreByteStringsAndNeverNormalized() throws Exception {
    String[] targets = {
      "//a", "a/../b", "./c", "d/", "e//f", "g%2Fh", "%00", "+", "x%20y", "%FF%FE"
    };
    for (String target : targets) {
      assertEquals(201, http.put("/v1/kv/" + target, target).status(), target);
    }
    for (String target : targets) {
      assertEquals(target, http.get("/v1/kv/" + target + "?raw").text());
    }
    assertEquals("g/h", http.get("/v1/kv/g/h").json().get("key").asText());
    assertEquals("__4", http.get("/v1/kv/%ff%fe").json().get("key_b64").asText());
    assertEquals("%FF%FE", http.get("/v1/kv?key_b64=__4&raw").text());
  }

  @Test
  void aReadCanBeConditional() throws Exception {
    String tag = http.put("/v1/kv/tagged", "x").header("ETag");
    Response unchanged = http.get("/v1/kv/tagged", "If-None-Match: " + tag);
    assertEquals(304, unchanged.status());
    assertEquals(tag, unchanged.header("ETag"));
    assertEquals(200, http.get("/v1/kv/tagged", "If-None-Match: \"1\"").status());
    Response head = http.call("HEAD", "/v1/kv/tagged", "");
    assertEquals(200, head.status());
    assertEquals(tag, head.header("ETag"));
    assertTrue(Integer.parseInt(head.header("Content-Length")) > 0);
  }

  @Test
  void thePastCanBeRead() throws Exception {
    long first = http.put("/v1/kv/past", "1").json().get("revision").asLong();
    http.put("/v1/kv/past", "2");
    http.delete("/v1/kv/past");
    assertEquals("1", http.get("/v1/kv/past?raw&at_revision=" + first).text());
    assertEquals("2", http.get("/v1/kv/past?raw&at_revision=" + (first + 1)).text());
    assertEquals(404, http.get("/v1/kv/past?at_revision=" + (first + 2)).status());
    assertEquals(404, http.get("/v1/kv/past?at_revision=" + (first - 1)).status());
  }

  @Test
  void pagesAreOfOneRevision() throws Exception {
    for (int i = 0; i < 7; i++) {
      http.put("/v1/kv/page/" + i, "v" + i);
    }
    JsonNode first = http.get("/v1/kv/page/?prefix&limit=3").json();
    assertEquals(7, first.get("count").asInt());
    assertTrue(first.get("more").asBoolean());
    assertEquals("page/2", first.get("next").asText());
    assertEquals("v0", first.get("items").get(0).get("value").asText());
    http.delete("/v1/kv/page/4");
    String next =
        "/v1/kv/page/?prefix&limit=10&after=page/2&at_revision=" + first.get("revision").asLong();
    JsonNode second = http.get(next).json();
    assertEquals(4, second.get("items").size(), "the page is of the first one's revision");
    assertFalse(second.get("more").asBoolean());
    assertNull(second.get("next"));
    assertEquals(6, http.get("/v1/kv/page/?prefix").json().get("count").asInt());
  }

  @Test
  void namesAreListedUpToADelimiter() throws Exception {
    for (String key : new String[] {"tree/a", "tree/sub/1", "tree/sub/2", "tree/z/1"}) {
      http.put("/v1/kv/" + key, "x");
    }
    JsonNode listed = http.get("/v1/kv/tree/?keys&delimiter=/").json();
    assertEquals("[\"tree/a\"]", listed.get("keys").toString());
    assertEquals("[\"tree/sub/\",\"tree/z/\"]", listed.get("prefixes").toString());
    assertEquals(4, http.get("/v1/kv/tree/?keys").json().get("keys").size());
    JsonNode page = http.get("/v1/kv/tree/?keys&delimiter=/&limit=2").json();
    assertEquals("tree/sub/", page.get("next").asText());
    JsonNode rest = http.get("/v1/kv/tree/?keys&delimiter=/&after=tree/sub/").json();
    assertEquals("[\"tree/z/\"]", rest.get("prefixes").toString());
  }

  @Test
  void aLargeRangeIsStreamedAsLines() throws Exception {
    for (int i = 0; i < 600; i++) {
      http.put("/v1/kv/lines/" + (1000 + i), "v".repeat(300));
    }
    Response lines = http.get("/v1/kv/lines/?prefix", "Accept: application/x-ndjson");
    assertEquals("application/x-ndjson", lines.header("Content-Type"));
    List<String> all = lines.text().lines().toList();
    assertEquals(601, all.size());
    assertTrue(all.get(599).startsWith("{\"key\":\"lines/1599\""));
    assertTrue(all.get(600).startsWith("{\"end\":true,\"sent\":600,\"count\":600,\"more\":false"));
    Response some = http.get("/v1/kv/lines/?prefix&limit=5", "Accept: application/x-ndjson");
    assertEquals(6, some.text().lines().count());
    JsonNode page = http.get("/v1/kv/lines/?prefix&limit=10000").json();
    assertEquals(600, page.get("items").size());
  }

  @Test
  void aPrefixIsDeletedInOneRevision() throws Exception {
    for (int i = 0; i < 5; i++) {
      http.put("/v1/kv/gone/" + i, "x");
    }
    JsonNode some = http.delete("/v1/kv/gone/?prefix&limit=2").json();
    assertEquals(2, some.get("deleted").asInt());
    assertTrue(some.get("more").asBoolean());
    JsonNode rest = http.delete("/v1/kv/gone/?prefix").json();
    assertEquals(3, rest.get("deleted").asInt());
    assertFalse(rest.get("more").asBoolean());
    assertEquals(0, http.get("/v1/kv/gone/?prefix").json().get("count").asInt());
    assertEquals(0, http.delete("/v1/kv/gone/?prefix").json().get("deleted").asInt());
  }

  @Test
  void aDeleteCanBeConditional() throws Exception {
    long revision = http.put("/v1/kv/del", "x").json().get("revision").asLong();
    assertEquals(412, http.delete("/v1/kv/del?if_revision=" + (revision - 1)).status());
    Response deleted = http.delete("/v1/kv/del", "If-Match: \"" + revision + "\"");
    assertEquals(200, deleted.status());
    assertEquals(1, deleted.json().get("deleted").asInt());
    assertEquals(revision + 1, deleted.json().get("revision").asLong());
    assertEquals(404, http.delete("/v1/kv/del").status());
  }

  @Test
  void growthIsRefusedWithoutRoomAndReadsAndDeletesGoOn() throws Exception {
    http.put("/v1/kv/room", "x");
    node.log.room(Room.RESERVE);
    try {
      Waiting.until("the log has no room", () -> http.put("/v1/kv/probe", "y").status() == 507);
      JsonNode problem = http.put("/v1/kv/room", "y").json();
      assertEquals("no-space", problem.get("code").asText());
      assertEquals("not_applied", problem.get("outcome").asText());
      assertEquals("x", http.get("/v1/kv/room?raw").text());
      assertEquals(200, http.delete("/v1/kv/room").status());
    } finally {
      node.log.room(Room.AMPLE);
    }
    http.delete("/v1/kv/probe");
    Waiting.until("there is room again", () -> http.put("/v1/kv/room", "z").status() == 201);
  }

  @Test
  void theListenerHearsOfEveryAnswer() throws Exception {
    http.get("/v1/kv/listened");
    http.get("/nothing");
    Waiting.until(
        "both are heard of",
        () -> node.answered.contains("GET /v1/kv 404") && node.answered.contains("other 404"));
    assertEquals("lockstep_up 1\n", http.get("/metrics").text());
  }

  @Test
  void aDecentRequestIdIsTakenOver() throws Exception {
    assertEquals("mine-1", http.get("/livez", "Request-Id: mine-1").header("Request-Id"));
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    String parent = "traceparent: 00-" + trace + "-00f067aa0ba902b7-01";
    assertEquals(trace, http.get("/livez", parent).header("Request-Id"));
    String made = http.get("/livez", "Request-Id: not decent!").header("Request-Id");
    assertTrue(made.startsWith("n1-1-"), made);
  }
}
