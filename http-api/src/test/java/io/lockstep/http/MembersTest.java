package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNetwork;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members come and go over HTTP, through any node. */
class MembersTest {
  private static final String MEMBERS = "/v1/cluster/members";
  private final TestNetwork network = new TestNetwork();
  private final List<NodeId> founders =
      List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3"));
  private final List<TestNode> nodes = new ArrayList<>();

  @BeforeEach
  void start() {
    founders.forEach(this::node);
    nodes.forEach(TestNode::start);
    Waiting.until("all know one leader", () -> nodes.stream().allMatch(this::knowsLeader));
  }

  @AfterEach
  void stop() {
    nodes.forEach(TestNode::close);
  }

  private TestNode node(NodeId id) {
    TestNode made = new TestNode(id, founders, network, options());
    nodes.add(made);
    return made;
  }

  private boolean knowsLeader(TestNode node) {
    NodeId leader = node.raft.status().leader();
    return leader != null && nodes.stream().anyMatch(n -> n.id.equals(leader) && leads(n));
  }

  private static boolean leads(TestNode node) {
    return node.raft.status().isLeader();
  }

  private TestNode leader() {
    List<TestNode> found = new ArrayList<>();
    Waiting.until(
        "one leads",
        () -> {
          found.clear();
          nodes.stream().filter(MembersTest::leads).forEach(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  private TestNode follower() {
    TestNode leader = leader();
    return nodes.stream().filter(node -> node != leader).findFirst().orElseThrow();
  }

  private static String body(String id, String more) {
    return "{\"id\":\""
        + id
        + "\",\"peer\":\"127.0.0.1:9000\",\"storage_id\":\""
        + "0123456789abcdef0123456789abcdef"
        + "\""
        + more
        + "}";
  }

  private static List<String> ids(Response response, String role) throws Exception {
    List<String> found = new ArrayList<>();
    for (JsonNode member : response.json().get("members")) {
      if (member.get("role").asText().equals(role)) {
        found.add(member.get("id").asText());
      }
    }
    return found;
  }

  @Test
  void aMemberComesThroughAFollowerBecomesAVoterAndGoes() throws Exception {
    TestNode four = node(new NodeId("n4")).start();
    Response added = follower().client().post(MEMBERS, body("n4", ""));
    assertEquals(201, added.status(), added.text());
    assertEquals(List.of("n4"), ids(added, "learner"));
    assertEquals(3, added.json().get("founders").size());
    Waiting.until(
        "n4 is a voter that knows it",
        () -> four.raft.status().membership().voters().contains(four.id));
    Response written = four.client().put("/v1/kv/through-n4", "x");
    assertEquals(201, written.status(), written.text());
    Waiting.until("the change is over", () -> !leader().raft.status().membership().joint());
    Response shown = four.client().get("/v1/cluster");
    assertEquals(List.of("n1", "n2", "n3", "n4"), ids(shown, "voter"));

    Response removed = four.client().delete(MEMBERS + "/n4");
    assertEquals(200, removed.status(), removed.text());
    assertEquals(List.of("n1", "n2", "n3"), ids(removed, "voter"));
    assertEquals(404, follower().client().delete(MEMBERS + "/n4").status());
  }

  @Test
  void anObserverServesReadsAndIsPromotedOnDemand() throws Exception {
    TestNode four = node(new NodeId("n4")).start();
    Response added = leader().client().post(MEMBERS, body("n4", ",\"role\":\"observer\""));
    assertEquals(201, added.status(), added.text());
    assertEquals(201, leader().client().put("/v1/kv/a", "1").status());
    Waiting.until("n4 reads", () -> four.client().get("/v1/kv/a?raw").status() == 200);
    assertEquals(List.of("n4"), ids(four.client().get("/v1/cluster"), "observer"));
    Waiting.until(
        "n4 is promoted",
        () -> follower().client().post(MEMBERS + "/n4:promote", "").status() == 200);
    assertTrue(leader().raft.status().membership().voters().contains(four.id));
  }

  @Test
  void whatWouldLoseTheQuorumIsRefusedWithTheArithmetic() throws Exception {
    List<NodeId> three = List.of(new NodeId("m1"), new NodeId("m2"), new NodeId("m3"));
    TestNetwork other = new TestNetwork();
    try (TestNode one = new TestNode(three.get(0), three, other, options()).start();
        TestNode two = new TestNode(three.get(1), three, other, options()).start()) {
      Waiting.until("one leads", () -> leads(one) || leads(two));
      Waiting.until("it serves", () -> one.client().get("/v1/kv/a").status() == 404);
      String follower = leads(one) ? "m2" : "m1";
      Response refused = one.client().delete(MEMBERS + "/" + follower);
      assertEquals(409, refused.status(), refused.text());
      assertEquals("quorum-would-be-lost", refused.json().get("code").asText());
      assertEquals("not_applied", refused.json().get("outcome").asText());
      assertEquals(2, refused.json().get("voters").asInt());
      assertEquals(1, refused.json().get("heard").asInt());
      assertEquals(2, refused.json().get("needed").asInt());
      assertEquals(3, one.raft.status().membership().voters().size());
      Response lost = one.client().delete(MEMBERS + "/m3");
      assertEquals(200, lost.status(), lost.text());
    }
  }

  private static HttpOptions options() {
    return HttpOptions.listen("127.0.0.1", 0);
  }

  @Test
  void whatIsNotRightIsSaidSo() throws Exception {
    TestNode any = follower();
    assertEquals(400, any.client().post(MEMBERS, "{\"id\":\"n9\"}").status());
    assertEquals(400, any.client().post(MEMBERS, body("n 9", "")).status());
    assertEquals(400, any.client().post(MEMBERS, body("n9", ",\"role\":\"king\"")).status());
    assertEquals(
        422,
        any.client()
            .post(MEMBERS, body("n9", ",\"role\":\"observer\",\"replaces\":\"n1\""))
            .status());
    assertEquals(409, any.client().post(MEMBERS, body("n1", "")).status());
    assertEquals(404, any.client().post(MEMBERS, body("n9", ",\"replaces\":\"n7\"")).status());
    assertEquals(404, any.client().post(MEMBERS + "/n9:promote", "").status());
    assertEquals(404, any.client().post(MEMBERS + "/n1:crown", "").status());
    assertEquals(405, any.client().get(MEMBERS).status());
  }

  @Test
  void leaseReadsAreSwitchedOnAndOffThroughAnyNode() throws Exception {
    String configure = "/v1/cluster:configure";
    JsonNode before = follower().client().get("/v1/cluster").json();
    assertFalse(before.get("lease_reads").asBoolean());
    assertEquals(0, before.get("lease_ms").asLong());
    Response on = follower().client().post(configure, "{\"lease_reads\":true}");
    assertEquals(200, on.status(), on.text());
    assertTrue(on.json().get("lease_reads").asBoolean());
    assertEquals(3, ids(on, "voter").size());
    long lease = leader().raft.status().membership().leaseMillis();
    assertEquals(lease, on.json().get("lease_ms").asLong());
    assertTrue(lease > 0);
    for (TestNode node : nodes) {
      Waiting.until("all show it", () -> node.raft.status().membership().leaseReads());
      assertEquals(lease, node.client().get("/v1/cluster").json().get("lease_ms").asLong());
    }
    Waiting.until(
        "reads are served by the lease",
        () -> {
          follower().client().get("/v1/kv/a");
          leader().client().get("/v1/kv/a");
          return leader().raft.status().leaseReads() > 0;
        });
    Response again = leader().client().post(configure, "{\"lease_reads\":true}");
    assertEquals(on.json().get("index").asLong(), again.json().get("index").asLong());
    Response off = leader().client().post(configure, "{\"lease_reads\":false}");
    assertEquals(200, off.status(), off.text());
    assertEquals(0, off.json().get("lease_ms").asLong());
  }

  @Test
  void leadershipIsHandedOverThroughAnyNode() throws Exception {
    TestNode before = leader();
    TestNode to = follower();
    Response named =
        to.client().post("/v1/cluster:transfer-leadership", "{\"to\":\"" + to.id + "\"}");
    assertEquals(200, named.status(), named.text());
    assertEquals(to.id.text(), named.json().get("leader").asText());
    assertNotEquals(before.id.text(), named.json().get("leader").asText());
    assertEquals(
        404, to.client().post("/v1/cluster:transfer-leadership", "{\"to\":\"n9\"}").status());
  }
}
