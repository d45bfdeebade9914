package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNetwork;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.NodeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The header Server-Timing of writes, through the node that leads and through one that does not.
 */
class ServerTimingTest {
  private static final String SPAN = "(\\d+\\.\\d{3})";
  private static final Pattern FORM =
      Pattern.compile(
          "queue;dur=%s, fsync(?:;dur=%s|;desc=\"not awaited\"), replicate;dur=%s, apply;dur=%s"
              .formatted(SPAN, SPAN, SPAN, SPAN));

  private final TestNetwork network = new TestNetwork();
  private List<TestNode> nodes;
  private Http leader;
  private Http follower;

  @BeforeEach
  void start() {
    List<NodeId> ids = List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3"));
    nodes =
        ids.stream()
            .map(id -> new TestNode(id, ids, network, HttpOptions.listen("127.0.0.1", 0)))
            .toList();
    nodes.forEach(TestNode::start);
    Waiting.until(
        "all know one leader",
        () -> {
          List<NodeId> known =
              nodes.stream().map(node -> node.raft.status().leader()).distinct().toList();
          return known.size() == 1 && known.get(0) != null;
        });
    NodeId leads = nodes.get(0).raft.status().leader();
    leader = client(leads, true);
    follower = client(leads, false);
  }

  private Http client(NodeId leads, boolean leading) {
    return nodes.stream()
        .filter(node -> node.id.equals(leads) == leading)
        .findFirst()
        .orElseThrow()
        .client();
  }

  @AfterEach
  void stop() {
    nodes.forEach(TestNode::close);
  }

  @FunctionalInterface
  private interface Call {
    Response make() throws IOException;
  }

  /** The spans add up to no more than what the client has measured. */
  private static Response timed(Call call) throws IOException {
    long begun = System.nanoTime();
    Response response = call.make();
    double whole = (System.nanoTime() - begun) / 1e6;
    check(response, whole);
    return response;
  }

  private static void check(Response response, double whole) {
    String header = response.header("Server-Timing");
    assertNotNull(header, response.text());
    Matcher spans = FORM.matcher(header);
    assertTrue(spans.matches(), header);
    double replicate = Double.parseDouble(spans.group(3));
    double told =
        Double.parseDouble(spans.group(1)) + replicate + Double.parseDouble(spans.group(4));
    assertTrue(told <= whole, header + " of " + whole);
    assertTrue(replicate > 0, header);
    if (spans.group(2) != null) {
      assertTrue(Double.parseDouble(spans.group(2)) <= replicate, header);
    }
  }

  @Test
  void everyAnswerToAWriteHasItOnAnyNode() throws Exception {
    for (Http node : List.of(leader, follower)) {
      timed(() -> node.put("/v1/kv/a", "x"));
      timed(() -> node.delete("/v1/kv/a"));
      String lease =
          timed(() -> node.post("/v1/leases", "{\"ttl\":\"60s\"}")).json().get("id").asText();
      timed(() -> node.post("/v1/leases/" + lease + ":renew", ""));
      timed(() -> node.delete("/v1/leases/" + lease));
      long token = timed(() -> node.post("/v1/locks/l:acquire", "{}")).json().get("token").asLong();
      timed(() -> node.post("/v1/locks/l:renew", "{\"token\":" + token + "}"));
      timed(() -> node.post("/v1/locks/l:release", "{\"token\":" + token + "}"));
    }
  }

  @Test
  void aWriteThatTheStateMachineRefusedHasItToo() throws Exception {
    leader.put("/v1/kv/a", "x");
    assertEquals(412, timed(() -> follower.put("/v1/kv/a", "y", "If-None-Match: *")).status());
    assertEquals(404, timed(() -> follower.delete("/v1/kv/none")).status());
    leader.post("/v1/locks/l:acquire", "{}");
    assertEquals(423, timed(() -> follower.post("/v1/locks/l:acquire", "{}")).status());
    String wait = "{\"wait\":\"300ms\"}";
    assertEquals(423, timed(() -> follower.post("/v1/locks/l:acquire", wait)).status());
  }

  @Test
  void aReplayHasItsOwn() throws Exception {
    leader.put("/v1/kv/a", "x", "Idempotency-Key: k");
    Response replay = timed(() -> follower.put("/v1/kv/a", "x", "Idempotency-Key: k"));
    assertEquals("true", replay.header("Idempotency-Replayed"));
  }

  @Test
  void aGrantAfterAWaitHasThatOfItsAcquire() throws Exception {
    long token = leader.post("/v1/locks/l:acquire", "{}").json().get("token").asLong();
    try (Http.Connection waiter = follower.connect()) {
      long begun = System.nanoTime();
      byte[] body = "{\"wait\":\"20s\"}".getBytes(StandardCharsets.UTF_8);
      waiter.send("POST", "/v1/locks/l:acquire", body);
      Waiting.until(
          "it is queued", () -> leader.get("/v1/locks/l").json().get("queue_length").asInt() == 1);
      double queued = (System.nanoTime() - begun) / 1e6;
      leader.post("/v1/locks/l:release", "{\"token\":" + token + "}");
      Response granted = waiter.answer(false);
      assertEquals(200, granted.status(), granted.text());
      check(granted, queued);
    }
  }

  @Test
  void whatNeverReachedTheLogHasNone() throws Exception {
    Response malformed = follower.put("/v1/kv/a", "x", "If-Match: nonsense");
    assertEquals(400, malformed.status());
    assertNull(malformed.header("Server-Timing"));
    Response read = leader.get("/v1/kv/a");
    assertNull(read.header("Server-Timing"));
    nodes.forEach(node -> network.cutOff(node.id));
    Response refused = follower.put("/v1/kv/a", "x", "Request-Timeout: 200ms");
    assertTrue(refused.status() >= 503, refused.text());
    assertNull(refused.header("Server-Timing"));
  }
}
