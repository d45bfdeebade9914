package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Elections over the wire, on one real node. */
class ElectionsTest {
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

  private static Response ask(String name, String verb, String body) throws Exception {
    return http.post("/v1/elections/" + name + ":" + verb, body);
  }

  private static JsonNode win(String name, String owner) throws Exception {
    Response won =
        ask(
            name,
            "campaign",
            "{\"ttl\":\"30s\",\"owner\":\"" + owner + "\",\"value\":\"at " + owner + "\"}");
    assertEquals(200, won.status(), won.text());
    assertEquals("elected", won.json().get("state").asText());
    return won.json();
  }

  private static Http.Connection stand(String name, String owner, int priority) throws Exception {
    Http.Connection connection = http.connect();
    String body =
        "{\"wait\":\"20s\",\"owner\":\"%s\",\"value\":\"at %s\",\"priority\":%d}"
            .formatted(owner, owner, priority);
    connection.send(
        "POST", "/v1/elections/" + name + ":campaign", body.getBytes(StandardCharsets.UTF_8));
    return connection;
  }

  private static JsonNode election(String name) throws Exception {
    return http.get("/v1/elections/" + name).json();
  }

  private static void awaitCandidates(String name, int count) {
    Waiting.until("candidates", () -> election(name).get("queue_length").asInt() == count);
  }

  private static String token(JsonNode won) {
    return "\"token\":" + won.get("token").asText();
  }

  @Test
  void aWinnerIsSeenPublishesAndResigns() throws Exception {
    Response vacant = http.get("/v1/elections/w");
    assertEquals(404, vacant.status());
    assertEquals("election-vacant", vacant.json().get("code").asText());
    JsonNode won = win("w", "n1");
    JsonNode seen = election("w");
    assertEquals("at n1", seen.get("value").asText());
    assertEquals(won.get("token"), seen.get("token"));
    assertEquals("n1", seen.get("owner").asText());
    String lease = won.get("lease").asText();
    JsonNode attached = http.get("/v1/leases/" + lease + "?attached").json();
    assertEquals("w", attached.get("elections").get(0).asText());
    assertEquals(0, attached.get("locks").size());
    assertEquals(200, ask("w", "renew", "{" + token(won) + "}").status());
    assertEquals(200, ask("w", "proclaim", "{" + token(won) + ",\"value\":\"moved\"}").status());
    assertEquals("moved", election("w").get("value").asText());
    Response resigned = ask("w", "resign", "{" + token(won) + "}");
    assertEquals(200, resigned.status());
    assertEquals("resigned", resigned.json().get("state").asText());
    assertEquals(200, ask("w", "resign", "{" + token(won) + "}").status(), "again");
    assertEquals(404, http.get("/v1/elections/w").status());
  }

  @Test
  void candidatesWaitByPriorityAndOneMayBeChosenByName() throws Exception {
    JsonNode won = win("c", "n1");
    try (Http.Connection low = stand("c", "n2", 0)) {
      awaitCandidates("c", 1);
      try (Http.Connection high = stand("c", "n3", 7)) {
        awaitCandidates("c", 2);
        JsonNode candidates = election("c").get("candidates");
        assertEquals("n3", candidates.get(0).get("owner").asText());
        assertEquals(7, candidates.get(0).get("priority").asInt());
        Response none = ask("c", "transfer", "{" + token(won) + ",\"to\":\"n9\"}");
        assertEquals(404, none.status());
        assertEquals("candidate-not-found", none.json().get("code").asText());
        Response moved = ask("c", "transfer", "{" + token(won) + ",\"to\":\"n2\"}");
        assertEquals(200, moved.status(), moved.text());
        JsonNode second = low.answer(false).json();
        assertEquals(moved.json().get("token"), second.get("token"));
        assertTrue(second.get("token").asLong() > won.get("token").asLong());
        assertEquals("at n2", election("c").get("value").asText());
        assertEquals(200, ask("c", "resign", "{" + token(second) + "}").status());
        assertEquals("elected", high.answer(false).json().get("state").asText());
      }
    }
  }

  @Test
  void aTryInAnElectionThatIsWonNamesTheWinner() throws Exception {
    JsonNode won = win("t", "n1");
    Response refused = ask("t", "campaign", "{\"value\":\"mine\"}");
    assertEquals(423, refused.status());
    assertEquals(won.get("token"), refused.json().get("holder").get("token"));
    Response proclaimed = ask("t", "proclaim", "{\"token\":1,\"value\":\"mine\"}");
    assertEquals(409, proclaimed.status());
    assertEquals("not-holder", proclaimed.json().get("code").asText());
  }

  @Test
  void aStaleLookSaysHowLongTheOfficeIsSafe() throws Exception {
    win("st", "n1");
    assertFalse(http.get("/v1/elections/st").json().has("safe_for_ms"));
    JsonNode stale = http.get("/v1/elections/st?consistency=stale").json();
    long safe = stale.get("safe_for_ms").asLong();
    // A lease runs to the end of its last millisecond.
    assertTrue(safe > 0 && safe <= stale.get("expires_in_ms").asLong() + 1, stale.toString());
  }

  @Test
  void observersSeeElectedValueAndVacantInOrder() throws Exception {
    JsonNode won = win("o/1", "n1");
    ask("o/1", "proclaim", "{" + token(won) + ",\"value\":\"two\"}");
    ask("o/1", "resign", "{" + token(won) + "}");
    String target = "/v1/watch/o/?prefix&kind=election&from=" + won.get("revision").asLong();
    try (Http.Stream stream =
        new Http.Stream(http.connect(), target, "Accept: application/x-ndjson")) {
      assertEquals("elected at n1", seen(stream));
      assertEquals("value two", seen(stream));
      assertEquals("vacant -", seen(stream));
    }
  }

  private static String seen(Http.Stream stream) throws Exception {
    JsonNode frame = stream.nextJson();
    while (!frame.has("events")) {
      frame = stream.nextJson();
    }
    JsonNode event = frame.get("events").get(0);
    return event.get("type").asText()
        + " "
        + (event.has("value") ? event.get("value").asText() : "-");
  }

  @Test
  void whatMakesNoSenseIsRefused() throws Exception {
    assertEquals(400, ask("b", "campaign", "{\"mode\":\"shared\"}").status());
    assertEquals(400, ask("b", "campaign", "{\"priority\":\"high\"}").status());
    assertEquals(400, ask("b", "campaign", "{\"priority\":3000000000}").status());
    assertEquals(400, ask("b", "proclaim", "{\"token\":4}").status());
    assertEquals(400, ask("b", "proclaim", "{\"value\":\"x\"}").status());
    assertEquals(400, ask("b", "transfer", "{\"token\":4}").status());
    assertEquals(404, ask("b", "acquire", "{}").status());
    assertEquals(400, http.delete("/v1/elections/b").status());
    assertEquals(409, ask("b", "proclaim", "{\"token\":4,\"value\":\"x\"}").status());
    assertEquals(400, http.get("/v1/elections/b?history").status());
    assertEquals(422, ask("", "campaign", "{}").status());
    assertEquals(404, http.get("/v1/elections/b").status());
  }
}
