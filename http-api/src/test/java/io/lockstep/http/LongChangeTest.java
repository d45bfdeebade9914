package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Waiting;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of a lease with as many keys as one may have: one revision, one frame, in pieces. */
@Timeout(120)
class LongChangeTest {
  private static final int KEYS = 10_000;
  private static final int KEYS_A_TXN = 250;

  /** So long that the whole frame is more than sockets and buffers hold. */
  private static final String LONG = "n".repeat(900);

  private final ObjectMapper mapper = new ObjectMapper();
  @RegisterExtension static final LoneNode LONE = LoneNode.narrow(HttpOptions.Times.DEFAULT).anew();

  private String fill(int keys, String suffix) throws Exception {
    String lease = LONE.http().post("/v1/leases", "{\"ttl\":\"1h\"}").json().get("id").asText();
    for (int from = 0; from < keys; from += KEYS_A_TXN) {
      StringBuilder body = new StringBuilder("{\"then\":[");
      for (int i = from; i < from + KEYS_A_TXN; i++) {
        body.append(i == from ? "" : ",")
            .append(
                "{\"put\":\"p/%05d%s\",\"value\":\"\",\"lease\":\"%s\"}"
                    .formatted(i, suffix, lease));
      }
      Response put = LONE.http().post("/v1/txn", body.append("]}").toString());
      assertEquals(200, put.status(), put.text());
    }
    return lease;
  }

  private void checkFrame(JsonNode change, long revision, int keys) {
    assertEquals(revision, change.get("revision").asLong());
    JsonNode events = change.get("events");
    assertEquals(keys, events.size());
    for (int i = 0; i < keys; i++) {
      assertEquals("delete", events.get(i).get("type").asText());
      assertTrue(events.get(i).get("key").asText().startsWith("p/%05d".formatted(i)));
    }
  }

  @Test
  void tenThousandKeysEndInOneRevisionAndOneFrame() throws Exception {
    String lease = fill(KEYS, "");
    try (Stream lines =
            new Stream(
                LONE.http().connect(), "/v1/watch/p/?prefix", "Accept: application/x-ndjson");
        Stream events = new Stream(LONE.http().connect(), "/v1/watch/p/?prefix")) {
      lines.nextJson();
      events.next();
      Response ended = LONE.http().delete("/v1/leases/" + lease);
      assertEquals(200, ended.status(), ended.text());
      assertEquals(KEYS, ended.json().get("keys_deleted").asInt());
      long revision = ended.json().get("revision").asLong();
      LONE.http().put("/v1/kv/p/after", "x");
      checkFrame(lines.nextJson(), revision, KEYS);
      assertEquals(revision + 1, lines.nextJson().get("revision").asLong());
      String frame = events.next();
      List<String> parts = frame.lines().toList();
      assertEquals("id: " + revision, parts.get(0));
      assertEquals("event: change", parts.get(1));
      checkFrame(mapper.readTree(parts.get(2).substring("data: ".length())), revision, KEYS);
      assertTrue(events.next().contains("\"revision\":" + (revision + 1)));
    }
    assertEquals(0, LONE.http().get("/v1/kv/p/0?prefix").json().get("count").asInt());
  }

  @Test
  void aReaderThatStopsReadingHoldsNobodyUpAndGetsTheRestLater() throws Exception {
    String lease = fill(KEYS, LONG);
    try (Stream slow =
        new Stream(LONE.http().connect(), "/v1/watch/p/?prefix", "Accept: application/x-ndjson")) {
      slow.nextJson();
      long revision = LONE.http().delete("/v1/leases/" + lease).json().get("revision").asLong();
      for (int i = 0; i < 20; i++) {
        assertTrue(LONE.http().put("/v1/kv/other", "x" + i).status() < 300);
      }
      LONE.http().put("/v1/kv/p/after", "x");
      checkFrame(slow.nextJson(), revision, KEYS);
      assertEquals(revision + 21, slow.nextJson().get("revision").asLong());
    }
  }

  @Test
  void aNodeThatStopsWithinAFrameTearsItVisibly() throws Exception {
    String lease = fill(KEYS, LONG);
    try (Stream slow =
        new Stream(LONE.http().connect(), "/v1/watch/p/?prefix", "Accept: application/x-ndjson")) {
      slow.nextJson();
      LONE.http().delete("/v1/leases/" + lease);
      Waiting.until(
          "the end is there", () -> LONE.http().get("/v1/leases/" + lease).status() == 410);
      LONE.node().closeHttp();
      assertThrows(IOException.class, slow::nextJson, "neither whole nor ended as if it were");
    }
  }
}
