package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.HttpOptions;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.storage.LogStore.Room;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Members, maintenance and users through etcd's gateway. */
@Timeout(60)
class EtcdClusterTest {
  private static JsonNode json(Http http, String path, String body) throws IOException {
    Response answer = http.post(path, body);
    assertEquals(200, answer.status(), answer.text());
    return answer.json();
  }

  @Test
  void threeNodesTellTheSameClusterAndServeEveryRequest() throws Exception {
    try (Trio trio = new Trio()) {
      List<TestNode> nodes = trio.nodes;
      JsonNode first = json(nodes.get(0).client(), "/v3/cluster/member/list", "");
      assertEquals(3, first.get("members").size());
      assertFalse(first.get("header").has("revision"), "as etcd has it");
      for (TestNode node : nodes) {
        Http http = node.client();
        JsonNode list = json(http, "/v3/cluster/member/list", "{}");
        assertEquals(first.get("members"), list.get("members"));
        assertEquals(first.at("/header/cluster_id"), list.at("/header/cluster_id"));
        assertEquals("[\"http://" + node.id + "\"]", urls(list, node));
        byte[] name = node.id.text().getBytes(StandardCharsets.UTF_8);
        String key = Base64.getEncoder().encodeToString(name);
        json(http, "/v3/kv/put", "{\"key\":\"" + key + "\",\"value\":\"MQ==\"}");
      }
      JsonNode all =
          json(nodes.get(1).client(), "/v3/kv/range", "{\"key\":\"AA==\",\"range_end\":\"AA==\"}");
      assertEquals("3", all.get("count").asText());
      assertNotEquals(
          first.at("/header/member_id"), all.at("/header/member_id"), "each has its own");
      hashesAreEqualAtOneRevision(nodes, all.at("/header/revision").asLong());
    }
  }

  /** Whatever else a node's state holds by then: clients compare members by these. */
  private static void hashesAreEqualAtOneRevision(List<TestNode> nodes, long revision)
      throws IOException {
    SortedSet<String> now = new TreeSet<>();
    SortedSet<String> before = new TreeSet<>();
    for (TestNode node : nodes) {
      Waiting.until("it has all", () -> node.coordinator.view().revision() == revision);
      json(node.client(), "/v3/lease/grant", "{\"TTL\":60}");
      String asked = "{\"revision\":" + (revision - 1) + "}";
      now.add(json(node.client(), "/v3/maintenance/hash", "").get("hash").asText());
      now.add(json(node.client(), "/v3/maintenance/hashkv", "").get("hash").asText());
      before.add(json(node.client(), "/v3/maintenance/hashkv", asked).get("hash").asText());
      refused(
          node.client(),
          "maintenance/hashkv",
          "{\"revision\":" + (revision + 1) + "}",
          400,
          "etcdserver: mvcc: required revision is a future revision");
    }
    assertEquals(1, now.size(), now.toString());
    assertEquals(1, before.size(), before.toString());
    assertNotEquals(now, before);
  }

  private static String urls(JsonNode list, TestNode node) {
    for (JsonNode member : list.get("members")) {
      if (member.get("name").asText().equals(node.id.text())) {
        return member.get("clientURLs").toString();
      }
    }
    return "none";
  }

  @Test
  void leadershipIsHandedToAMemberByItsNumber() throws Exception {
    try (Trio trio = new Trio()) {
      TestNode leader = trio.leader;
      Http http = leader.client();
      assertEquals(
          412, http.post("/v3/maintenance/transfer-leadership", "{\"targetID\":\"5\"}").status());
      TestNode other = trio.follower;
      String id =
          json(other.client(), "/v3/maintenance/status", "").at("/header/member_id").asText();
      json(http, "/v3/maintenance/transfer-leadership", "{\"targetID\":\"" + id + "\"}");
      Waiting.until("the other leads", () -> other.raft.status().isLeader());
      assertEquals(id, json(other.client(), "/v3/maintenance/status", "").get("leader").asText());
    }
  }

  @Test
  void aLoneNodeAnswersAsAnEtcdWithoutUsers() throws Exception {
    try (TestNode node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0))) {
      Http http = node.client();
      refused(http, "cluster/member/remove", "{\"ID\":5}", 404, "etcdserver: member not found");
      refused(http, "cluster/member/promote", "{\"ID\":5}", 404, "etcdserver: member not found");
      refused(http, "cluster/member/add", "{}", 400, "etcdserver: given member URLs are invalid");
      add(http, "ftp://a:1", 400, "etcdserver: given member URLs are invalid");
      add(http, "http://a", 400, "etcdserver: given member URLs are invalid");
      add(http, "http://a:1", 501, "etcdserver: a new node adds itself: start it with --join");
      refused(http, "auth/enable", "", 412, "etcdserver: root user does not exist");
      refused(
          http,
          "auth/authenticate",
          "{\"name\":\"root\",\"password\":\"x\"}",
          412,
          "etcdserver: authentication is not enabled");
      refused(http, "auth/user/add", "{}", 400, "etcdserver: user name is empty");
      refused(http, "auth/user/get", "{}", 412, "etcdserver: user name not found");
      refused(http, "auth/role/get", "{}", 412, "etcdserver: role name not found");
      refused(http, "auth/nothing", "{}", 404, "Not Found");
      assertEquals("1", json(http, "/v3/auth/user/list", "{}").at("/header/revision").asText());
      JsonNode status = json(http, "/v3/maintenance/status", "{}");
      assertEquals(status.at("/header/member_id"), status.get("leader"));
      assertTrue(status.get("raftIndex").asLong() >= status.get("raftAppliedIndex").asLong());
      assertTrue(json(http, "/v3/maintenance/hashkv", "{}").get("hash").isIntegralNumber());
      assertEquals("{}", http.post("/v3/maintenance/alarm", "{}").text(), "no header, as etcd");
      refused(
          http,
          "maintenance/alarm",
          "{\"action\":1,\"alarm\":\"NOSPACE\"}",
          501,
          "etcdserver: alarms are not raised by hand");
      String self = status.get("leader").asText();
      refused(
          http,
          "cluster/member/remove",
          "{\"ID\":\"" + self + "\"}",
          412,
          "etcdserver: re-configuration failed due to not enough started members");
    }
  }

  /** Who cannot take more says so by itself, and whoever silences it hears that it stands. */
  @Test
  void aFullDiskIsAnAlarmUntilThereIsRoom() throws Exception {
    try (TestNode node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0))) {
      Http http = node.client();
      String self = json(http, "/v3/maintenance/status", "").get("leader").asText();
      node.log.room(Room.RESERVE);
      Waiting.until("it is known", () -> !node.coordinator.hasRoom());
      String raised = "{\"alarms\":[{\"memberID\":\"" + self + "\",\"alarm\":\"NOSPACE\"}]}";
      assertEquals(raised, alarm(http, "{}"));
      assertEquals(raised, alarm(http, "{\"action\":\"GET\",\"alarm\":1}"));
      assertEquals("{}", alarm(http, "{\"alarm\":\"CORRUPT\"}"));
      assertEquals("{}", alarm(http, "{\"action\":\"DEACTIVATE\",\"alarm\":\"NOSPACE\"}"));
      assertEquals(raised, alarm(http, "{}"));
      refused(
          http, "kv/put", "{\"key\":\"YQ==\"}", 429, "etcdserver: mvcc: database space exceeded");
      node.log.room(Room.AMPLE);
      Waiting.until("it is known", () -> node.coordinator.hasRoom());
      assertEquals("{}", alarm(http, "{}"));
    }
  }

  private static String alarm(Http http, String body) throws IOException {
    return http.post("/v3/maintenance/alarm", body).text();
  }

  private static void add(Http http, String url, int status, String message) throws IOException {
    refused(http, "cluster/member/add", "{\"peerURLs\":[\"" + url + "\"]}", status, message);
  }

  private static void refused(Http http, String call, String body, int status, String message)
      throws IOException {
    Response answer = http.post("/v3/" + call, body);
    assertEquals(status, answer.status(), answer.text());
    assertEquals(message, answer.json().get("message").asText());
    assertEquals(message, answer.json().get("error").asText());
  }
}
