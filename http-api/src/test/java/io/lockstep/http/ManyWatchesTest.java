package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many watches on one stream. */
class ManyWatchesTest {
  private static final String LINES = "Accept: application/x-ndjson";
  private TestNode node;
  private Http http;

  @BeforeEach
  void start() {
    node =
        TestNode.lone(
            new HttpOptions(
                "127.0.0.1",
                0,
                1,
                HttpOptions.Sizes.DEFAULT,
                new HttpOptions.Times(10_000, 10_000, 60_000, 10_000, 300, 1_000),
                List.of()));
    http = node.client();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Stream watch(String watches, String... headers) throws Exception {
    Stream stream =
        new Stream(http.connect(), "POST", "/v1/watch", "{\"watches\":[" + watches + "]}", headers);
    assertEquals(200, stream.head().status());
    return stream;
  }

  private long put(String key, String value) throws Exception {
    return http.put("/v1/kv/" + key, value).json().get("revision").asLong();
  }

  /** The next frame that is no progress mark. */
  private static JsonNode next(Stream stream) throws Exception {
    JsonNode line = stream.nextJson();
    while (line.get("event").asText().equals("progress")) {
      line = stream.nextJson();
    }
    return line;
  }

  private static String told(Stream stream) throws Exception {
    JsonNode line = next(stream);
    return line.get("watch").asText()
        + " "
        + line.get("event").asText()
        + " "
        + line.path("revision").asText()
        + " "
        + line.at("/events/0/type").asText();
  }

  @Test
  void eachIsOfItsKindAndSaysItsName() throws Exception {
    long first = put("app/a", "1");
    try (Stream stream =
        watch(
            "{\"id\":\"old\",\"prefix\":\"app/\",\"from\":%d},".formatted(first)
                + "{\"id\":\"state\",\"key\":\"app/a\",\"initial\":true},"
                + "{\"id\":\"lock\",\"kind\":\"lock\",\"name\":\"backup\"},"
                + "{\"id\":\"late\",\"key_b64\":\"YXBwL2I=\",\"from\":%d}".formatted(first + 3),
            LINES)) {
      TreeSet<String> begin = new TreeSet<>();
      for (int i = 0; i < 3; i++) {
        begin.add(told(stream));
      }
      assertEquals(
          List.of(
              "old change " + first + " put",
              "state state " + first + " ",
              "state synced " + first + " "),
          List.copyOf(begin));
      http.post("/v1/locks/backup:acquire", "{\"ttl\":\"15s\"}");
      assertEquals("lock change " + (first + 1) + " acquired", told(stream));
      put("app/b", "too early for one");
      assertEquals("old change " + (first + 2) + " put", told(stream));
      put("app/b", "2");
      TreeSet<String> both = new TreeSet<>(List.of(told(stream), told(stream)));
      assertEquals(
          List.of("late change " + (first + 3) + " put", "old change " + (first + 3) + " put"),
          List.copyOf(both));
    }
  }

  @Test
  void asEventsTheyHaveNoIdForThereIsOneAStream() throws Exception {
    try (Stream stream = watch("{\"id\":\"a\",\"key\":\"k\"},{\"id\":\"b\",\"key\":\"l\"}")) {
      assertEquals("text/event-stream", stream.head().header("Content-Type"));
      long revision = put("k", "1");
      assertTrue(stream.next().startsWith("event: progress\ndata: {\"revision\":"));
      String frame = stream.next();
      assertTrue(
          frame.startsWith("event: change\ndata: {\"watch\":\"a\",\"revision\":" + revision + ","),
          frame);
    }
  }

  @Test
  void oneMarkTellsHowFarAllAreComplete() throws Exception {
    try (Stream stream =
        watch(
            "{\"id\":\"a\",\"key\":\"k\"},{\"id\":\"b\",\"prefix\":\"\",\"kind\":\"lock\"}",
            LINES)) {
      JsonNode mark = stream.nextJson();
      assertEquals("progress", mark.get("event").asText());
      assertFalse(mark.has("watch"));
      long other = put("noise", "1");
      while (mark.get("revision").asLong() < other) {
        mark = stream.nextJson();
        assertEquals("progress", mark.get("event").asText());
      }
      assertEquals(other, mark.get("revision").asLong());
    }
  }

  @Test
  void whoseHistoryIsGoneEndsAndTheOthersGoOn() throws Exception {
    long first = put("g", "1");
    for (int i = 0; i < 10; i++) {
      put("g", "x");
    }
    Compaction.keepRevisions(node, 6);
    Compaction.compactTo(node, first + 4);
    try (Stream stream =
        watch(
            "{\"id\":\"gone\",\"key\":\"g\",\"from\":%d},{\"id\":\"new\",\"key\":\"g\"}"
                .formatted(first),
            LINES)) {
      JsonNode gap = next(stream);
      assertEquals("gap", gap.get("event").asText());
      assertEquals("gone", gap.get("watch").asText());
      assertEquals(first + 5, gap.get("oldest_revision").asLong());
      long last = put("g", "y");
      assertEquals("new change " + last + " put", told(stream));
      assertEquals(1, node.http.figures().watches());
    }
    try (Stream alone =
        watch("{\"id\":\"gone\",\"key\":\"g\",\"from\":%d}".formatted(first), LINES)) {
      assertEquals("gap", next(alone).get("event").asText());
      assertThrows(EOFException.class, alone::next, "nothing is left to be watched");
    }
  }

  @Test
  void aStoppingNodeTellsEachHowFarItIsComplete() throws Exception {
    long revision = put("k", "1");
    try (Stream stream =
        watch("{\"id\":\"a\",\"key\":\"k\"},{\"id\":\"b\",\"key\":\"l\"}", LINES)) {
      Waiting.until("both are open", () -> node.http.figures().watches() == 2);
      node.closeHttp();
      for (String id : List.of("a", "b")) {
        JsonNode goodbye = next(stream);
        assertEquals("goodbye", goodbye.get("event").asText());
        assertEquals(id, goodbye.get("watch").asText());
        assertEquals(revision, goodbye.get("revision").asLong());
        int retry = goodbye.get("retry_ms").asInt();
        assertTrue(retry >= 500 && retry < 1_500, () -> "retry after " + retry);
      }
      assertThrows(EOFException.class, stream::next);
    }
    assertEquals(0, node.http.figures().watches());
  }

  @Test
  void aThousandOnOneConnection() throws Exception {
    List<String> watches = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      watches.add("{\"id\":\"%d\",\"key\":\"k/%d\"}".formatted(i, i));
    }
    try (Stream stream = watch(String.join(",", watches), LINES)) {
      Waiting.until("all are open", () -> node.http.figures().watches() == 1_000);
      for (int i = 0; i < 1_000; i += 111) {
        long revision = put("k/" + i, "x");
        assertEquals(i + " change " + revision + " put", told(stream));
      }
    }
    Waiting.until("none is left behind", () -> node.http.figures().watches() == 0);
    watches.add("{\"id\":\"more\",\"key\":\"k\"}");
    refused(422, "too-many-items", String.join(",", watches));
  }

  /** Each frame is one line; a line that another has broken into is no JSON. */
  @Test
  void nothingComesInBetweenThePiecesOfALongFrame() throws Exception {
    String lease = http.post("/v1/leases", "{\"ttl\":\"60s\"}").json().get("id").asText();
    String name = "n".repeat(400);
    for (int i = 0; i < 500; i++) {
      put("l/" + i + name + "?lease=" + lease, "x");
    }
    try (Stream stream =
        watch(
            "{\"id\":\"one\",\"prefix\":\"l/\"},{\"id\":\"two\",\"prefix\":\"l/1\"},"
                + "{\"id\":\"three\",\"prefix\":\"\"}",
            LINES)) {
      Waiting.until("all are open", () -> node.http.figures().watches() == 3);
      http.delete("/v1/leases/" + lease);
      long after = put("l/1", "y");
      TreeSet<String> seen = new TreeSet<>();
      while (seen.size() < 6) {
        JsonNode frame = next(stream);
        String watch = frame.get("watch").asText();
        int events = frame.get("events").size();
        seen.add(watch + " " + events + " " + frame.get("events").get(0).get("type").asText());
        boolean last = frame.get("revision").asLong() == after;
        assertEquals(last ? 1 : watch.equals("two") ? 111 : 500, events);
      }
    }
  }

  private void refused(int status, String code, String watches) throws Exception {
    Response answer = http.post("/v1/watch", "{\"watches\":[" + watches + "]}");
    assertEquals(status, answer.status(), answer.text());
    assertEquals(code, answer.json().get("code").asText(), answer.text());
  }

  @Test
  void whatIsNotRightIsSaidSo() throws Exception {
    refused(400, "bad-field", "");
    refused(400, "bad-field", "{\"key\":\"a\"}");
    refused(400, "bad-field", "{\"id\":\"\",\"key\":\"a\"}");
    refused(400, "bad-field", "{\"id\":\"1\",\"key\":\"a\"},{\"id\":\"1\",\"key\":\"b\"}");
    refused(400, "bad-field", "{\"id\":\"1\"}");
    refused(400, "bad-field", "{\"id\":\"1\",\"key\":\"a\",\"prefix\":\"b\"}");
    refused(400, "bad-field", "{\"id\":\"1\",\"key\":\"a\",\"initial\":true,\"from\":1}");
    refused(400, "bad-field", "{\"id\":\"1\",\"kind\":\"lock\",\"name\":\"a\",\"initial\":true}");
    refused(400, "bad-field", "{\"id\":\"1\",\"key\":\"a\",\"from\":0}");
    refused(400, "bad-parameter", "{\"id\":\"1\",\"kind\":\"latch\",\"name\":\"a\"}");
    refused(400, "unknown-field", "{\"id\":\"1\",\"key\":\"a\",\"name\":\"a\"}");
    refused(422, "key-length", "{\"id\":\"1\",\"key\":\"\"}");
    assertEquals(400, http.post("/v1/watch?prefix", "{}").status());
    assertEquals(0, node.http.figures().watches());
  }
}
