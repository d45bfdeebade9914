package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.KvFigures;
import io.lockstep.kv.KvView;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import java.util.Locale;

/** {@code GET /v1/cluster}: this node's own view of the cluster, also without a leader. */
public final class ClusterResource implements Resource {
  /** The route. */
  public static final String PATH = "/v1/cluster";

  private final Coordinator coordinator;
  private final ClusterDirectory directory;

  public ClusterResource(Coordinator coordinator, ClusterDirectory directory) {
    this.coordinator = coordinator;
    this.directory = directory;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /v1/cluster");
    Methods.readOnly(exchange);
    Accepts.json(exchange);
    exchange.query().finish();
    RaftStatus status = coordinator.status();
    KvView view = coordinator.view();
    JsonText json = exchange.json().begin();
    String clusterId = directory.clusterId();
    if (clusterId != null) {
      json.field("cluster_id", clusterId);
    }
    json.field("node", coordinator.self().text());
    NodeId leader = status.leader();
    if (leader == null) {
      json.fieldNull("leader");
    } else {
      json.field("leader", leader.text());
    }
    json.field("role", status.role().name().toLowerCase(Locale.ROOT))
        .field("term", status.term())
        .field("leader_changes", status.leaderChanges())
        .field("last_index", status.lastLog().index())
        .field("commit_index", status.commitIndex())
        .field("applied_index", view.appliedIndex())
        .field("cluster_time_ms", view.clusterTimeMillis())
        .field("revision", view.revision())
        .field("oldest_revision", view.compactedRevision() + 1);
    writeMembers(json, leader);
    writeState(json, view);
    exchange.answer(200, view.revision(), json.end());
  }

  private void writeMembers(JsonText json, @org.jspecify.annotations.Nullable NodeId leader) {
    json.name("members").beginArray();
    for (ClusterDirectory.Member member : directory.members()) {
      boolean self = member.id().equals(coordinator.self());
      json.begin().field("id", member.id().text()).field("peer", member.peer());
      String client = member.client();
      if (client != null) {
        json.field("client", client);
      }
      json.field("voter", true)
          .field("leader", member.id().equals(leader))
          .field("self", self)
          .field("connected", self || coordinator.connected(member.id()))
          .end();
    }
    json.endArray();
  }

  private static void writeState(JsonText json, KvView view) {
    KvFigures figures = view.figures();
    json.name("state")
        .begin()
        .field("keys", figures.keys())
        .field("leases", figures.leases())
        .field("locks_held", figures.locksHeld())
        .field("lock_waiters", figures.waiters())
        .field("stored_answers", figures.storedAnswers())
        .field("history_revisions", figures.historyRevisions())
        .field("used_bytes", view.usedBytes())
        .field("quota_bytes", view.limits().quotaBytes())
        .end();
  }
}
