package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.http.fixture.Compaction;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.LoneNode;
import io.lockstep.http.fixture.Waiting;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A reader who is so slow that history is forgotten under its cursor: it gets what was sent before,
 * then one gap frame, then the end.
 */
@Timeout(120)
class WatchGapTest {
  private static final String LINES = "Accept: application/x-ndjson";
  private static final int CHANGES = 80;
  private static final int REVISIONS_KEPT = 6;

  /** Together more than the buffers of a socket hold. */
  private static final String VALUE = "v".repeat(100 << 10);

  private final ObjectMapper mapper = new ObjectMapper();
  @RegisterExtension static final LoneNode LONE = LoneNode.narrow(HttpOptions.Times.DEFAULT).anew();

  /** One frame, as either form says it. */
  private record Frame(String event, String id, JsonNode data) {}

  @Test
  void aStreamOfEventsEndsWithOneGap() throws Exception {
    endsWithOneGap("Accept: text/event-stream");
  }

  @Test
  void aStreamOfLinesEndsWithOneGap() throws Exception {
    endsWithOneGap(LINES);
  }

  private void endsWithOneGap(String form) throws Exception {
    long first = put("g", "first");
    Compaction.keepRevisions(LONE.node(), REVISIONS_KEPT);
    try (Stream slow = new Stream(LONE.http().connect(), "/v1/watch/g?from=" + first, form)) {
      long last = first;
      for (int i = 0; i < CHANGES; i++) {
        last = put("g", i + VALUE);
      }
      assertEquals(first + CHANGES, last, "nothing else made a revision");
      long floor = last - REVISIONS_KEPT;
      Compaction.compactTo(LONE.node(), floor);
      List<Frame> frames = readToTheGap(slow, form, last);
      Frame gap = frames.removeLast();
      assertEquals("gap", gap.event());
      assertEquals("", gap.id(), "whoever resumes must not take it for a position");
      assertEquals("compacted", gap.data().get("code").asText());
      assertEquals(floor + 1, gap.data().get("oldest_revision").asLong());
      assertTrue(frames.size() < CHANGES, "the reader has missed something");
      assertFalse(frames.isEmpty(), "what was sent before is there");
      for (int i = 0; i < frames.size(); i++) {
        assertEquals("change", frames.get(i).event());
        assertEquals(first + i, frames.get(i).data().get("revision").asLong());
      }
      resumes(first + frames.size() - 1, floor + 1, last);
      Waiting.until("the watch is over", () -> LONE.node().http.figures().watches() == 0);
    }
  }

  /**
   * After the gap: from where the reader stopped there is no way on, from the named one there is.
   */
  private void resumes(long seen, long oldest, long last) throws Exception {
    Response gone = LONE.http().get("/v1/watch/g", LINES, "Last-Event-ID: " + seen);
    assertEquals(410, gone.status());
    assertEquals(oldest, gone.json().get("oldest_revision").asLong());
    try (Stream rest = new Stream(LONE.http().connect(), "/v1/watch/g?from=" + oldest, LINES)) {
      for (long revision = oldest; revision <= last; revision++) {
        Frame frame = frame(rest.next(), LINES);
        while (frame.event().equals("progress")) {
          frame = frame(rest.next(), LINES);
        }
        assertEquals(revision, frame.data().get("revision").asLong());
      }
    }
  }

  /** All frames but progress marks up to the gap, after which the stream ends by itself. */
  private List<Frame> readToTheGap(Stream stream, String form, long last) throws Exception {
    List<Frame> frames = new ArrayList<>();
    while (frames.isEmpty() || !frames.getLast().event().equals("gap")) {
      Frame frame = frame(stream.next(), form);
      if (!frame.event().equals("progress")) {
        frames.add(frame);
      }
      JsonNode revision = frame.data().get("revision");
      assertTrue(
          revision == null || revision.asLong() < last, () -> "no silent loss before " + revision);
    }
    assertThrows(EOFException.class, stream::next, "nothing comes after a gap");
    return frames;
  }

  private Frame frame(String text, String form) throws Exception {
    if (form.equals(LINES)) {
      JsonNode line = mapper.readTree(text);
      return new Frame(line.get("event").asText(), "", line);
    }
    return new Frame(
        field(text, "event: "), field(text, "id: "), mapper.readTree(field(text, "data: ")));
  }

  private static String field(String frame, String name) {
    return frame
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()))
        .findFirst()
        .orElse("");
  }

  private long put(String key, String value) throws Exception {
    return LONE.http().put("/v1/kv/" + key, value).json().get("revision").asLong();
  }
}
