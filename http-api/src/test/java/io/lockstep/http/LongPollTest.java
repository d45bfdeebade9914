package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code ?since=R&wait=30s} on a key. */
@Timeout(60)
class LongPollTest {
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

  private long put(String key, String value) throws Exception {
    return http.put("/v1/kv/" + key, value).json().get("revision").asLong();
  }

  /** Sends a question and returns when it waits. */
  private Http.Connection waiting(String target) throws Exception {
    Http.Connection connection = http.connect();
    connection.send("GET", target, new byte[0]);
    Waiting.until("it waits", () -> node.http.figures().watches() == 1);
    return connection;
  }

  @Test
  void whatChangedAlreadyIsToldAtOnce() throws Exception {
    long first = put("k", "a");
    long second = put("k", "b");
    Response changed = http.get("/v1/kv/k?wait=30s&since=" + first);
    assertEquals(200, changed.status());
    assertEquals("b", changed.json().get("value").asText());
    assertEquals("\"" + second + "\"", changed.header("ETag"));
    assertEquals("b", http.get("/v1/kv/k?raw&since=" + first).text());
  }

  @Test
  void aWaitEndsWithTheChange() throws Exception {
    long revision = put("k", "a");
    try (Http.Connection poll = waiting("/v1/kv/k?wait=30s&since=" + revision)) {
      put("other", "x");
      put("k", "b");
      Response changed = poll.answer(false);
      assertEquals(200, changed.status());
      assertEquals("b", changed.json().get("value").asText());
      assertTrue(changed.json().get("mod_revision").asLong() > revision);
    }
    Waiting.until("nobody waits", () -> node.http.figures().watches() == 0);
  }

  @Test
  void aWaitForAKeyThatIsNotThereEndsWithItsCreation() throws Exception {
    long revision = put("other", "a");
    try (Http.Connection poll = waiting("/v1/kv/k?wait=30s&since=" + revision)) {
      put("k", "b");
      assertEquals(200, poll.answer(false).status());
    }
  }

  @Test
  void aDeletionAfterTheRevisionIsNotFound() throws Exception {
    long revision = put("k", "a");
    try (Http.Connection poll = waiting("/v1/kv/k?wait=30s&since=" + revision)) {
      http.delete("/v1/kv/k");
      Response gone = poll.answer(false);
      assertEquals(404, gone.status());
      assertEquals("key-not-found", gone.json().get("code").asText());
      assertTrue(gone.json().get("at_revision").asLong() > revision);
    }
    assertEquals(404, http.get("/v1/kv/k?since=" + revision).status(), "also when asked later");
    long since = node.coordinator.view().revision();
    assertEquals(204, http.get("/v1/kv/k?since=" + since).status(), "and not after that");
  }

  @Test
  void withoutAChangeTheAnswerIsEmptyAndNamesTheRevision() throws Exception {
    long revision = put("k", "a");
    long other = put("other", "a");
    Response none = http.get("/v1/kv/k?wait=50ms&since=" + revision);
    assertEquals(204, none.status());
    assertEquals("", none.text());
    assertEquals(Long.toString(other), none.header("Lockstep-Revision"));
    assertEquals(204, http.get("/v1/kv/k?since=" + revision).status());
    assertEquals(0, node.http.figures().watches());
  }

  @Test
  void aRevisionToComeIsWaitedFor() throws Exception {
    long revision = put("k", "a");
    try (Http.Connection poll = waiting("/v1/kv/k?wait=30s&since=" + (revision + 2))) {
      put("k", "b");
      put("k", "c");
      put("k", "d");
      Response changed = poll.answer(false);
      assertEquals("d", changed.json().get("value").asText());
      assertEquals(revision + 3, changed.json().get("mod_revision").asLong());
    }
  }

  @Test
  void whatIsForgottenIsGoneAndWhatIsKnownAllTheSameIsTold() throws Exception {
    put("gone", "a");
    long revision = put("there", "a");
    for (int i = 0; i < 20; i++) {
      put("filler", "x");
    }
    Compaction.keepRevisions(node, 1);
    Compaction.compactTo(node, revision + 5);
    Response gone = http.get("/v1/kv/absent?wait=30s&since=" + revision);
    assertEquals(410, gone.status(), gone.text());
    assertEquals("compacted", gone.json().get("code").asText());
    assertTrue(gone.json().get("oldest_revision").asLong() > revision);
    assertEquals(204, http.get("/v1/kv/there?since=" + revision).status());
    assertEquals(200, http.get("/v1/kv/there?since=" + (revision - 1)).status());
  }

  @Test
  void aClientThatGoesIsNotWaitedFor() throws Exception {
    waiting("/v1/kv/k?wait=60s&since=1").close();
    Waiting.until("nobody waits", () -> node.http.figures().watches() == 0);
  }

  @Test
  void aNodeThatStopsTellsItsWaiters() throws Exception {
    try (Http.Connection poll = waiting("/v1/kv/k?wait=60s&since=1&consistency=stale")) {
      node.closeHttp();
      Response refused = poll.answer(false);
      assertEquals(503, refused.status());
      assertEquals("shutting-down", refused.json().get("code").asText());
    }
  }

  @Test
  void aWeakWaitIsLabelledWithTheAgeOfItsEnd() throws Exception {
    long revision = put("k", "a");
    try (Http.Connection poll = waiting("/v1/kv/k?wait=30s&consistency=stale&since=" + revision)) {
      put("k", "b");
      Response changed = poll.answer(false);
      assertEquals("stale", changed.header("Lockstep-Consistency"));
      assertTrue(Long.parseLong(changed.header("Lockstep-Staleness-Ms")) < 10_000);
    }
  }
}
