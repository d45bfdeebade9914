package io.lockstep.http.describe;

import io.lockstep.http.HttpOptions;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.raft.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Leads three nodes through the answers that depend on a cluster. */
final class ClusterScript {
  private static final String MEMBERS = "/v1/cluster/members";
  private static final String CONFIGURE = "/v1/cluster:configure";
  private static final String TRANSFER = "/v1/cluster:transfer-leadership";
  private static final String SOON = "Request-Timeout: 150ms";
  private static final String LATER = "Request-Timeout: 20s";
  private static final NodeId FOURTH = new NodeId("n4");

  private final Contract contract;
  private final Trio trio;
  private final Http http;

  ClusterScript(Contract contract, Trio trio) {
    this.contract = contract;
    this.trio = trio;
    this.http = trio.leader.client();
  }

  void run() throws Exception {
    ask(404, "DELETE", MEMBERS + "/n9", "");
    ask(404, "POST", MEMBERS + "/n9:promote", "");
    ask(404, "POST", TRANSFER, "{\"to\":\"n9\"}");
    ask(422, "POST", MEMBERS, member("n9", ",\"role\":\"observer\",\"replaces\":\"n1\""));
    ask(404, "POST", MEMBERS, member("n9", ",\"replaces\":\"n7\""));
    ask(409, "POST", MEMBERS, member("n1", ""));
    List<NodeId> founders = trio.nodes.stream().map(node -> node.id).toList();
    try (TestNode four =
        new TestNode(FOURTH, founders, trio.network, HttpOptions.listen("127.0.0.1", 0)).start()) {
      ask(201, "POST", MEMBERS, member("n4", ",\"role\":\"observer\""));
      ask(200, "GET", "/v1/cluster", "");
      Waiting.until(
          "it has caught up",
          () -> four.raft.status().commitIndex() >= trio.leader.raft.status().commitIndex());
      held();
      inTime(200, "DELETE", MEMBERS + "/n4", "");
    }
    inTime(200, "POST", CONFIGURE, "{\"lease_reads\":true}");
    inTime(200, "POST", CONFIGURE, "{\"lease_reads\":false}");
    ask(200, "GET", "/v1/cluster", "");
    ask(200, "POST", TRANSFER, "{\"to\":\"" + trio.follower.id + "\"}", LATER);
  }

  /**
   * Nothing is committed: changes of the membership stay in flight, and get in each other's way.
   */
  private void held() throws Exception {
    trio.network.holdEntries(true);
    ask(504, "POST", MEMBERS + "/n4:promote", "", SOON);
    ask(409, "POST", MEMBERS + "/n4:promote", "");
    ask(409, "POST", CONFIGURE, "{\"lease_reads\":true}");
    ask(409, "DELETE", MEMBERS + "/n4", "");
    ask(409, "POST", MEMBERS, member("n6", ""));
    settle();
    trio.network.holdEntries(true);
    ask(504, "POST", CONFIGURE, "{\"lease_reads\":true}", SOON);
    settle();
    trio.network.holdEntries(true);
    ask(504, "POST", MEMBERS, member("n5", ""), SOON);
    settle();
    inTime(200, "DELETE", MEMBERS + "/n5", "");
    trio.network.holdEntries(true);
    ask(504, "DELETE", MEMBERS + "/n4", "", SOON);
    settle();
    inTime(201, "POST", MEMBERS, member("n4", ",\"role\":\"observer\""));
    inTime(200, "POST", MEMBERS + "/n4:promote", "");
    ask(409, "POST", MEMBERS + "/n4:promote", "");
  }

  /** Asks until no other change is in its way. */
  private void inTime(int status, String method, String target, String body) throws IOException {
    AtomicReference<Response> last = new AtomicReference<>();
    Waiting.until(
        method + " " + target + " meets no other change",
        () -> {
          last.set(http.call(method, target, body, LATER));
          return last.get().status() != 409;
        });
    contract.expect(status, method, target, last.get());
  }

  private void settle() {
    trio.network.holdEntries(false);
    Waiting.until(
        "the change is over",
        () -> {
          var status = trio.leader.raft.status();
          return !status.membership().joint() && status.commitIndex() == status.lastLog().index();
        });
  }

  private Response ask(int status, String method, String target, String body, String... headers)
      throws IOException {
    return contract.ask(http, status, method, target, body, headers);
  }

  private static String member(String id, String more) {
    String storage = id.charAt(1) + "123456789abcdef0123456789abcdef";
    return "{\"id\":\""
        + id
        + "\",\"peer\":\"127.0.0.1:9000\",\"storage_id\":\""
        + storage
        + "\""
        + more
        + "}";
  }
}
