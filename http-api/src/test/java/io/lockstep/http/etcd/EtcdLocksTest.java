package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.http.HttpOptions;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Connection;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks and elections by etcd's recipe: who reads the keys finds what it expects. */
@Timeout(60)
class EtcdLocksTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TestNode node;
  private Http http;

  @BeforeEach
  void start() throws IOException {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
    http = node.client();
    for (int lease = 10; lease <= 12; lease++) {
      http.post("/v3/lease/grant", "{\"TTL\":600,\"ID\":" + lease + "}");
    }
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(JsonNode base64) {
    return new String(Base64.getDecoder().decode(base64.asText()), StandardCharsets.UTF_8);
  }

  /** A body in which names stand for themselves. */
  private static byte[] body(String json, String... names) {
    String body = json.replace('\'', '"');
    for (String name : names) {
      body = body.replace("#" + name, base64(name));
    }
    return body.getBytes(StandardCharsets.UTF_8);
  }

  private Connection send(String call, String json, String... names) throws IOException {
    Connection connection = http.connect();
    connection.send("POST", "/v3/" + call, body(json, names));
    return connection;
  }

  private JsonNode post(String call, String json, String... names) throws IOException {
    Response answer = http.call("POST", "/v3/" + call, body(json, names));
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  private boolean exists(String key) {
    return node.coordinator.view().get(Bytes.utf8(key)) != null;
  }

  @Test
  void theSecondGetsTheLockWhenTheFirstGivesItBack() throws IOException {
    JsonNode first = post("lock/lock", "{'name':'#l','lease':10}", "l");
    assertEquals("l/a", text(first.get("key")), "the name, and the lease in hexadecimal");
    try (Connection second = send("lock/lock", "{'name':'#l','lease':'11'}", "l");
        Connection third = send("lock/lock", "{'name':'#l','lease':12}", "l")) {
      Waiting.until("both wait", () -> exists("l/b") && exists("l/c"));
      boolean secondFirst = created("l/b") < created("l/c");
      JsonNode again = post("lock/lock", "{'name':'#l','lease':10}", "l");
      assertEquals(first.get("key"), again.get("key"), "its own lock is no obstacle");
      post("lock/unlock", "{'key':'#l/a'}", "l/a");
      Connection next = secondFirst ? second : third;
      String key = secondFirst ? "l/b" : "l/c";
      assertEquals(key, text(next.answer(false).json().get("key")));
      post("lock/unlock", "{'key':'#" + key + "'}", key);
      Connection last = secondFirst ? third : second;
      assertEquals(200, last.answer(false).status());
    }
  }

  private long created(String key) {
    return Objects.requireNonNull(node.coordinator.view().get(Bytes.utf8(key)))
        .meta()
        .createRevision();
  }

  @Test
  void whoHangsUpLeavesNoKey() throws IOException {
    post("lock/lock", "{'name':'#l','lease':10}", "l");
    try (Connection waiting = send("lock/lock", "{'name':'#l','lease':11}", "l")) {
      Waiting.until("it waits", () -> exists("l/b"));
      waiting.timeout(5_000);
    }
    Waiting.until("it has left", () -> !exists("l/b"));
    assertTrue(exists("l/a"), "and nobody else has");
    Waiting.until("nothing is watched", () -> node.http.figures().watches() == 0);
  }

  @Test
  void theEndOfALeasePassesTheLockOnAndEndsAWait() throws IOException {
    post("lock/lock", "{'name':'#l','lease':10}", "l");
    try (Connection second = send("lock/lock", "{'name':'#l','lease':11}", "l")) {
      Waiting.until("it waits", () -> exists("l/b"));
      try (Connection third = send("lock/lock", "{'name':'#l','lease':12}", "l")) {
        Waiting.until("it waits", () -> exists("l/c"));
        http.post("/v3/lease/revoke", "{\"ID\":12}");
        Response ended = third.answer(false);
        assertEquals(404, ended.status(), ended.text());
      }
      http.post("/v3/lease/revoke", "{\"ID\":10}");
      assertEquals(200, second.answer(false).status());
    }
    Response unknown = http.call("POST", "/v3/lock/lock", body("{'name':'#l','lease':99}", "l"));
    assertEquals(404, unknown.status());
    assertEquals("etcdserver: requested lease not found", unknown.json().get("message").asText());
  }

  @Test
  void withoutALeaseOneIsMade() throws IOException {
    String key = text(post("lock/lock", "{'name':'#l'}", "l").get("key"));
    assertTrue(key.matches("l/[0-9a-f]+"), key);
    assertEquals(4, post("lease/leases", "{}").get("leases").size());
  }

  @Test
  void anElectionIsWonLostProclaimedAndObserved() throws IOException {
    Response none = http.call("POST", "/v3/election/leader", body("{'name':'#e'}", "e"));
    assertEquals("election: no leader", none.json().get("message").asText());
    try (Connection observer = send("election/observe", "{'name':'#e'}", "e")) {
      observer.head();
      JsonNode won =
          post("election/campaign", "{'name':'#e','lease':10,'value':'#one'}", "e", "one");
      JsonNode leader = won.get("leader");
      assertEquals("e/a", text(leader.get("key")));
      assertEquals("10", leader.get("lease").asText());
      assertEquals(won.at("/header/revision"), leader.get("rev"));
      assertEquals("one", text(next(observer).get("value")));
      post("election/proclaim", "{'leader':" + leader + ",'value':'#two'}", "two");
      assertEquals("two", text(next(observer).get("value")));
      assertEquals("two", text(post("election/leader", "{'name':'#e'}", "e").at("/kv/value")));
      try (Connection second =
          send("election/campaign", "{'name':'#e','lease':11,'value':'#three'}", "e", "three")) {
        Waiting.until("it waits", () -> exists("e/b"));
        post("election/resign", "{'leader':" + leader + "}");
        assertEquals("e/b", text(second.answer(false).json().at("/leader/key")));
      }
      assertEquals("three", text(next(observer).get("value")));
      Response late = http.call("POST", "/v3/election/proclaim", body("{'leader':" + leader + "}"));
      assertEquals("election: not leader", late.json().get("message").asText());
      assertEquals(500, late.status());
    }
  }

  private static JsonNode next(Connection observer) throws IOException {
    return MAPPER.readTree(observer.chunk()).at("/result/kv");
  }

  @Test
  void whoIsInLineAlreadyOnlyChangesWhatItSays() throws IOException {
    JsonNode first =
        post("election/campaign", "{'name':'#e','lease':10,'value':'#one'}", "e", "one");
    JsonNode same =
        post("election/campaign", "{'name':'#e','lease':10,'value':'#one'}", "e", "one");
    assertEquals(first.at("/header/revision"), same.at("/header/revision"));
    JsonNode other =
        post("election/campaign", "{'name':'#e','lease':10,'value':'#two'}", "e", "two");
    assertEquals(first.at("/leader/rev"), other.at("/leader/rev"));
    assertEquals("two", text(post("election/leader", "{'name':'#e'}", "e").at("/kv/value")));
  }
}
