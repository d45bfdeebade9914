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
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Waiting;
import java.io.EOFException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Watches over the wire, on one real node. */
class WatchTest {
  private static final String LINES = "Accept: application/x-ndjson";

  @RegisterExtension
  static final LoneNode LONE =
      LoneNode.narrow(new HttpOptions.Times(10_000, 10_000, 60_000, 1_500, 300, 1_000)).anew();

  private Stream watch(String target, String... headers) throws Exception {
    return new Stream(LONE.http().connect(), target, headers);
  }

  private long put(String key, String value) throws Exception {
    return LONE.http().put("/v1/kv/" + key, value).json().get("revision").asLong();
  }

  /** The next line that is not a progress mark. */
  private static JsonNode nextChange(Stream stream) throws Exception {
    JsonNode line = stream.nextJson();
    while (line.get("event").asText().equals("progress")) {
      line = stream.nextJson();
    }
    return line;
  }

  @Test
  void changesComeAsServerSentEventsFromARevisionOn() throws Exception {
    long first = put("app/a", "1");
    put("other", "x");
    long second = put("app/b", "2");
    LONE.http().delete("/v1/kv/app/a");
    try (Stream stream = watch("/v1/watch/app/?prefix&from=" + first)) {
      assertEquals(200, stream.head().status());
      assertEquals("text/event-stream", stream.head().header("Content-Type"));
      assertEquals("no", stream.head().header("X-Accel-Buffering"));
      assertEquals("Accept", stream.head().header("Vary"), "the form depends on it");
      assertTrue(stream.next().contains("event: progress"));
      assertEquals(
          """
          id: %d
          event: change
          data: {"revision":%d,"events":[{"type":"put","key":"app/a","value":"1",\
          "create_revision":%d,"mod_revision":%d,"version":1}]}\
          """
              .formatted(first, first, first, first),
          stream.next());
      assertTrue(stream.next().startsWith("id: " + second + "\nevent: change\ndata: {"));
      assertTrue(stream.next().contains("{\"type\":\"delete\",\"key\":\"app/a\"}"));
    }
  }

  @Test
  void aWatchResumesAfterTheLastEventId() throws Exception {
    put("k", "1");
    long second = put("k", "2");
    long third = put("k", "3");
    try (Stream stream =
        watch("/v1/watch/k?from=1&initial=false", LINES, "Last-Event-ID: " + second)) {
      JsonNode change = nextChange(stream);
      assertEquals(third, change.get("revision").asLong());
      long fourth = put("k", "4");
      assertEquals(fourth, nextChange(stream).get("revision").asLong());
    }
  }

  @Test
  void initialGivesTheStateThenSyncedThenChanges() throws Exception {
    put("s/a", "1");
    put("s/b", "2");
    long last = put("t", "9");
    try (Stream stream = watch("/v1/watch/s/?prefix&initial=true", LINES)) {
      JsonNode state = stream.nextJson();
      assertEquals("state", state.get("event").asText());
      assertEquals(2, state.get("items").size());
      assertEquals("s/b", state.get("items").get(1).get("key").asText());
      JsonNode synced = stream.nextJson();
      assertEquals("synced", synced.get("event").asText());
      assertEquals(last, synced.get("revision").asLong());
      long next = put("s/c", "3");
      assertEquals(next, nextChange(stream).get("revision").asLong());
    }
  }

  @Test
  void initialOfALargeRangeComesWholeAndOnce() throws Exception {
    for (int i = 0; i < 700; i++) {
      put("large/" + (1000 + i), "v".repeat(200));
    }
    try (Stream stream = watch("/v1/watch/large/?prefix&initial", LINES)) {
      int seen = 0;
      JsonNode line = stream.nextJson();
      while (line.get("event").asText().equals("state")) {
        for (JsonNode item : line.get("items")) {
          assertEquals("large/" + (1000 + seen), item.get("key").asText());
          seen++;
        }
        line = stream.nextJson();
      }
      assertEquals(700, seen);
      assertEquals("synced", line.get("event").asText());
    }
  }

  @Test
  void allChangesOfOneRevisionComeInOneFrame() throws Exception {
    for (int i = 0; i < 5; i++) {
      put("d/" + i, "x");
    }
    try (Stream stream = watch("/v1/watch/d/?prefix", LINES)) {
      assertEquals("progress", stream.nextJson().get("event").asText());
      long revision = LONE.http().delete("/v1/kv/d/?prefix").json().get("revision").asLong();
      JsonNode change = nextChange(stream);
      assertEquals(revision, change.get("revision").asLong());
      assertEquals(5, change.get("events").size());
    }
  }

  @Test
  void aQuietWatchIsToldHowFarItIsComplete() throws Exception {
    try (Stream stream = watch("/v1/watch/quiet", LINES)) {
      long opened = stream.nextJson().get("revision").asLong();
      long other = put("noise", "1");
      JsonNode progress = stream.nextJson();
      while (progress.get("revision").asLong() == opened) {
        progress = stream.nextJson();
      }
      assertEquals("progress", progress.get("event").asText());
      assertEquals(other, progress.get("revision").asLong());
    }
  }

  @Test
  void aForgottenRevisionIsGoneAtTheStart() throws Exception {
    long first = put("g", "1");
    for (int i = 0; i < 10; i++) {
      put("g", "x");
    }
    Compaction.keepRevisions(LONE.node(), 6);
    Compaction.compactTo(LONE.node(), first + 4);
    Response gone = LONE.http().get("/v1/watch/g?from=" + first);
    assertEquals(410, gone.status());
    assertEquals("compacted", gone.json().get("code").asText());
    long oldest = gone.json().get("oldest_revision").asLong();
    assertEquals(first + 5, oldest);
    assertEquals(410, LONE.http().get("/v1/kv/g?at_revision=" + first).status());
    assertEquals(200, LONE.http().get("/v1/kv/g?at_revision=" + oldest).status());
    try (Stream stream = watch("/v1/watch/g?from=" + oldest, LINES)) {
      assertEquals(oldest, nextChange(stream).get("revision").asLong());
    }
  }

  @Test
  void aFromThatHasNotComeWaits() throws Exception {
    long now = put("f", "1");
    try (Stream stream = watch("/v1/watch/f?from=" + (now + 2), LINES)) {
      put("f", "2");
      put("f", "3");
      assertEquals(now + 2, nextChange(stream).get("revision").asLong());
    }
  }

  @Test
  void locksCanBeWatched() throws Exception {
    try (Stream stream = watch("/v1/watch/backup?kind=lock", LINES)) {
      assertEquals("progress", stream.nextJson().get("event").asText());
      long token =
          LONE.http()
              .post("/v1/locks/backup:acquire", "{\"owner\":\"me\"}")
              .json()
              .get("token")
              .asLong();
      JsonNode acquired = nextChange(stream).get("events").get(0);
      assertEquals("acquired", acquired.get("type").asText());
      assertEquals("backup", acquired.get("lock").asText());
      assertEquals(token, acquired.get("token").asLong());
      assertEquals("me", acquired.get("owner").asText());
      LONE.http().post("/v1/locks/backup:release", "{\"token\":" + token + "}");
      assertEquals("released", nextChange(stream).get("events").get(0).get("type").asText());
    }
  }

  @Test
  void manyWatchersGetEveryChangeOnce() throws Exception {
    Stream[] streams = new Stream[50];
    for (int i = 0; i < streams.length; i++) {
      streams[i] = watch(i % 2 == 0 ? "/v1/watch/m/1" : "/v1/watch/m/?prefix", LINES);
      assertEquals("progress", streams[i].nextJson().get("event").asText());
    }
    assertEquals(50, LONE.node().http.figures().watches());
    for (int i = 0; i < 20; i++) {
      put("m/1", "v" + i);
    }
    for (Stream stream : streams) {
      for (int i = 0; i < 20; i++) {
        JsonNode event = nextChange(stream).get("events").get(0);
        assertEquals("v" + i, event.get("value").asText());
      }
      stream.close();
    }
    Waiting.until("closed watches are gone", () -> LONE.node().http.figures().watches() == 0);
  }

  @Test
  void aReaderWhoTakesNothingIsParkedThenCutOffAndOthersAreServed() throws Exception {
    try (Http.Connection slow = LONE.http().connect();
        Stream quick = watch("/v1/watch/flood", LINES)) {
      slow.send("GET", "/v1/watch/flood", new byte[0], LINES);
      assertEquals(200, slow.head().status());
      quick.nextJson();
      String value = "v".repeat(100 << 10);
      for (int i = 0; i < 80; i++) {
        put("flood", i + value);
        String seen = nextChange(quick).get("events").get(0).get("value").asText();
        assertTrue(seen.startsWith(i + "v"), "the quick reader sees change " + i);
      }
      Waiting.until("the slow reader is cut off", () -> LONE.node().http.figures().watches() == 1);
      assertTrue(slow.closedByPeer(), "the connection is closed");
    }
  }

  @Test
  void aStoppingNodeSaysGoodbye() throws Exception {
    long revision = put("bye", "1");
    try (Stream events = watch("/v1/watch/bye");
        Stream lines = watch("/v1/watch/bye", LINES)) {
      events.next();
      lines.next();
      LONE.node().closeHttp();
      String last = events.next();
      while (last.contains("event: progress")) {
        last = events.next();
      }
      assertTrue(last.matches("(?s)retry: \\d+\nid: " + revision + "\nevent: goodbye\n.*"), last);
      JsonNode goodbye = nextChange(lines);
      assertEquals("goodbye", goodbye.get("event").asText());
      int retry = goodbye.get("retry_ms").asInt();
      assertTrue(retry >= 500 && retry < 1_500, () -> "retry after " + retry);
      assertFalse(last.contains("\"retry_ms\":" + retry + "}"), "not all at once");
      assertThrows(EOFException.class, lines::next);
    }
    assertFalse(LONE.node().http.figures().watches() > 0);
  }
}
