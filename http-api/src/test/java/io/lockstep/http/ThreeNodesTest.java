package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.Http.Stream;
import io.lockstep.http.fixture.TestNetwork;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three nodes behind HTTP: any of them takes any request. */
class ThreeNodesTest {
  private final Trio trio = new Trio();
  private final TestNetwork network = trio.network;
  private final List<TestNode> nodes = trio.nodes;
  private final TestNode leader = trio.leader;
  private final TestNode follower = trio.follower;

  @AfterEach
  void stop() {
    trio.close();
  }

  @Test
  void aWriteThroughAFollowerIsReadOnEveryNode() throws Exception {
    for (int i = 0; i < 20; i++) {
      TestNode writer = nodes.get(i % 3);
      Response written = writer.client().put("/v1/kv/any", "v" + i);
      assertEquals(i == 0 ? 201 : 200, written.status(), written.text());
      assertEquals(writer.id.text(), written.header("Lockstep-Node"));
      assertEquals(leader.id.text(), written.header("Lockstep-Leader"));
      for (TestNode reader : nodes) {
        assertEquals("v" + i, reader.client().get("/v1/kv/any?raw").text());
      }
    }
  }

  @Test
  void aWatchOnAFollowerSeesWhatTheLeaderTook() throws Exception {
    try (Stream stream =
        new Stream(follower.client().connect(), "/v1/watch/w", "Accept: application/x-ndjson")) {
      stream.nextJson();
      long revision = leader.client().put("/v1/kv/w", "x").json().get("revision").asLong();
      assertEquals(revision, stream.nextJson().get("revision").asLong());
    }
  }

  @Test
  void aWaiterOnAFollowerIsGrantedWhatIsReleasedOnTheLeader() throws Exception {
    long token = leader.client().post("/v1/locks/a:acquire", "{}").json().get("token").asLong();
    try (Http.Connection waiter = follower.client().connect()) {
      byte[] body = "{\"wait\":\"20s\"}".getBytes(StandardCharsets.UTF_8);
      waiter.send("POST", "/v1/locks/a:acquire", body);
      Waiting.until(
          "it is queued",
          () -> leader.client().get("/v1/locks/a").json().get("queue_length").asInt() == 1);
      String release = "{\"token\":" + token + "}";
      assertEquals(200, leader.client().post("/v1/locks/a:release", release).status());
      Response granted = waiter.answer(false);
      assertEquals(200, granted.status(), granted.text());
      assertTrue(granted.json().get("token").asLong() > token);
    }
  }

  @Test
  void theWaitsOfANodeThatIsCutOffEndAndNoGhostIsGranted() throws Exception {
    long token = leader.client().post("/v1/locks/g:acquire", "{}").json().get("token").asLong();
    try (Http.Connection waiter = follower.client().connect()) {
      byte[] body = "{\"wait\":\"60s\"}".getBytes(StandardCharsets.UTF_8);
      waiter.send("POST", "/v1/locks/g:acquire", body);
      Waiting.until(
          "it is queued",
          () -> leader.client().get("/v1/locks/g").json().get("queue_length").asInt() == 1);
      network.cutOff(follower.id);
      Waiting.until(
          "its place is gone",
          () -> leader.client().get("/v1/locks/g").json().get("queue_length").asInt() == 0);
      leader.client().post("/v1/locks/g:release", "{\"token\":" + token + "}");
      assertEquals("free", leader.client().get("/v1/locks/g").json().get("state").asText());
    }
  }

  @Test
  void aMinorityRefusesWithinTheDeadlineAndNeverSaysOk() throws Exception {
    leader.client().put("/v1/kv/m", "before");
    network.cutOff(leader.id);
    Http minority = leader.client();
    Response write = minority.put("/v1/kv/m", "lost?", "Request-Timeout: 1s");
    assertTrue(write.status() == 503 || write.status() == 504, write.text());
    JsonNode problem = write.json();
    assertEquals(
        write.status() == 504 ? "unknown" : "not_applied", problem.get("outcome").asText());
    Response read = minority.get("/v1/kv/m", "Request-Timeout: 1s");
    assertTrue(read.status() == 503 || read.status() == 504, read.text());
    assertEquals("not_applied", read.json().get("outcome").asText());
    TestNode other = nodes.stream().filter(node -> node != leader).findFirst().orElseThrow();
    Waiting.until(
        "the others go on",
        () -> other.client().put("/v1/kv/m", "after", "Request-Timeout: 1s").status() == 200);
    assertNotEquals(leader.id, other.raft.status().leader());
    network.rejoin(leader.id);
    Waiting.until(
        "the old leader serves again",
        () -> minority.get("/v1/kv/m?raw", "Request-Timeout: 1s").text().equals("after"));
  }

  @Test
  void writesThatBeginWithoutALeaderAreDoneWhenThereIsOne() throws Exception {
    network.cutOff(leader.id);
    Response written = follower.client().put("/v1/kv/late", "x", "Request-Timeout: 20s");
    // Known to be refused by no one: either the old leader was still believed in, or it worked.
    assertTrue(written.status() == 201 || written.status() == 504, written.text());
    if (written.status() == 201) {
      assertEquals("x", follower.client().get("/v1/kv/late?raw").text());
    }
  }

  @Test
  void theClusterPageNamesEveryMember() throws Exception {
    JsonNode page = follower.client().get("/v1/cluster").json();
    assertEquals(follower.id.text(), page.get("node").asText());
    assertEquals(leader.id.text(), page.get("leader").asText());
    assertEquals("follower", page.get("role").asText());
    assertEquals(3, page.get("members").size());
    assertTrue(page.get("members").get(0).get("connected").asBoolean());
    Waiting.until("it is ready", () -> follower.client().get("/readyz").status() == 200);
    network.cutOff(follower.id);
    Waiting.until("it is not ready", () -> follower.client().get("/readyz").status() == 503);
    assertEquals(200, follower.client().get("/livez").status());
  }
}
