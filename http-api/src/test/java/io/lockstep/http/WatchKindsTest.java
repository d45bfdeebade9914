package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever advances the revision can be watched: contract 8. */
class WatchKindsTest {
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

  private Stream watch(String target) throws Exception {
    Stream stream = new Stream(http.connect(), target, "Accept: application/x-ndjson");
    assertEquals("progress", stream.nextJson().get("event").asText());
    return stream;
  }

  private long revision(Response answer) throws Exception {
    assertTrue(answer.status() < 300, answer.text());
    return Long.parseLong(answer.header("Lockstep-Revision"));
  }

  /** The only event of the next change, as it stands in the stream. */
  private static String event(Stream stream, long revision) throws Exception {
    JsonNode line = stream.nextJson();
    while (line.get("event").asText().equals("progress")) {
      line = stream.nextJson();
    }
    assertEquals(revision, line.get("revision").asLong(), line.toString());
    assertEquals(1, line.get("events").size(), line.toString());
    return line.get("events").get(0).toString();
  }

  @Test
  void theReservationOfABlockIsToldWithTheLeastIdAfterIt() throws Exception {
    try (Stream one = watch("/v1/watch/order?kind=sequence");
        Stream all = watch("/v1/watch/?prefix&kind=sequence")) {
      http.post("/v1/ids/other:next", "");
      long first = revision(http.post("/v1/ids/order:next", ""));
      String told = "{\"type\":\"reserved\",\"sequence\":\"order\",\"next\":\"1002\"}";
      assertEquals(told, event(one, first));
      assertTrue(event(all, first - 1).contains("\"sequence\":\"other\""));
      assertEquals(told, event(all, first));
      assertEquals(first, revision(http.post("/v1/ids/order:next", "")), "out of the block");
    }
  }

  @Test
  void aFencesTokensAreTold() throws Exception {
    try (Stream stream = watch("/v1/watch/s3?kind=fence")) {
      long advanced = revision(http.post("/v1/fences/s3:advance", "{\"token\":47}"));
      assertEquals(
          "{\"type\":\"advanced\",\"fence\":\"s3\",\"token\":47}", event(stream, advanced));
      http.post("/v1/fences/s3:advance", "{\"token\":47}");
      http.post("/v1/fences/s3:advance", "{\"token\":46}");
      long again = revision(http.post("/v1/fences/s3:advance", "{\"token\":48}"));
      assertEquals(advanced + 1, again);
      assertEquals("{\"type\":\"advanced\",\"fence\":\"s3\",\"token\":48}", event(stream, again));
    }
  }

  @Test
  void claimsOfWorkOnceAPeriodAreTold() throws Exception {
    try (Stream stream = watch("/v1/watch/night?prefix&kind=once")) {
      Response claim = http.post("/v1/once/nightly:claim", "{\"period\":\"21\",\"ttl\":\"1h\"}");
      long token = claim.json().get("token").asLong();
      assertEquals(
          "{\"type\":\"claimed\",\"once\":\"nightly\",\"token\":" + token + "}",
          event(stream, revision(claim)));
    }
  }

  @Test
  void theEndOfALeaseThatHeldSomethingIsTold() throws Exception {
    String lease = http.post("/v1/leases", "{\"ttl\":\"15s\"}").json().get("id").asText();
    String idle = http.post("/v1/leases", "{\"ttl\":\"15s\"}").json().get("id").asText();
    http.put("/v1/kv/nodes/1?lease=" + lease, "up");
    try (Stream one = watch("/v1/watch/" + lease + "?kind=lease");
        Stream all = watch("/v1/watch/?prefix&kind=lease")) {
      http.delete("/v1/leases/" + idle);
      long ended = revision(http.delete("/v1/leases/" + lease));
      String told = "{\"type\":\"revoked\",\"lease\":\"" + lease + "\"}";
      assertEquals(told, event(one, ended));
      assertEquals(told, event(all, ended));
    }
  }

  @Test
  void whoComesAndGoesIsTold() throws Exception {
    try (Stream all = watch("/v1/watch/?prefix&kind=member");
        Stream one = watch("/v1/watch/n4?kind=member")) {
      long before = node.coordinator.view().revision();
      Response added =
          http.post(
              "/v1/cluster/members",
              "{\"id\":\"n4\",\"peer\":\"127.0.0.1:9000\",\"client\":\"http://h:1\","
                  + "\"storage_id\":\"0123456789abcdef0123456789abcdef\"}");
      assertEquals(201, added.status(), added.text());
      String told =
          "{\"type\":\"added\",\"member\":\"n4\",\"role\":\"learner\","
              + "\"client\":\"http://h:1\"}";
      assertEquals(told, event(all, before + 1));
      assertEquals(told, event(one, before + 1));
      assertEquals(200, http.delete("/v1/cluster/members/n4").status());
      assertEquals(told.replace("added", "removed"), event(all, before + 2));
    }
  }

  @Test
  void whereANodeIsReachedIsInTheStateAndNoChangeAtFirst() throws Exception {
    Waiting.until(
        "the node has said so", () -> node.coordinator.view().members().address(node.id) != null);
    assertEquals(1, node.coordinator.view().revision());
    assertEquals("http://n1", node.coordinator.view().members().address(node.id));
    assertEquals("http://n1", http.get("/v1/cluster").json().at("/members/0/client").asText());
  }

  @Test
  void anUnknownKindIsRefusedWithTheList() throws Exception {
    Response refused = http.get("/v1/watch/a?kind=latch");
    assertEquals(400, refused.status());
    assertTrue(
        refused
            .json()
            .get("detail")
            .asText()
            .endsWith(
                "is one of key, lock, election, semaphore, lease, fence, sequence, once, member"),
        refused.text());
    assertEquals(422, http.get("/v1/watch/?kind=fence").status(), "a fence without a name");
    assertEquals(400, http.get("/v1/watch/a?kind=fence&initial").status(), "initial is for keys");
  }
}
