package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.error.Fate;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.KvFigures;
import io.lockstep.kv.KvView;
import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.StateAgreement;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/cluster}, with {@code ?verbose} for the hash of the state: this node's own view of
 * the cluster, also without a leader.
 */
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
    boolean verbose = exchange.query().flag("verbose");
    exchange.query().finish();
    KvView view = coordinator.view();
    if (verbose) {
      hashThenAnswer(exchange, view);
    } else {
      answer(exchange, view, null);
    }
  }

  /** The hash may cost a walk over the whole state, so not on the loop. */
  private void hashThenAnswer(Exchange exchange, KvView view) {
    exchange
        .loop()
        .context()
        .executeBlocking(() -> Long.toHexString(view.stateHash()), false)
        .onSuccess(hash -> answer(exchange, view, hash))
        .onFailure(
            failure ->
                exchange.problem(
                    Problem.of(ProblemCode.INTERNAL, "the state could not be hashed")
                        .withFate(Fate.NOT_APPLIED)));
  }

  private void answer(Exchange exchange, KvView view, @Nullable String stateHash) {
    RaftStatus status = coordinator.status();
    JsonText json = exchange.json().begin().field("node", coordinator.self().text());
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
        .field("oldest_revision", view.compactedRevision() + 1)
        .field("lease_reads", status.membership().leaseReads())
        .field("lease_ms", status.membership().leaseMillis());
    MemberFields.write(
        json,
        directory,
        status.membership(),
        view.members(),
        member -> writeMember(json, member, leader));
    writeState(json, view, status.state(), stateHash);
    exchange.answer(200, view.revision(), json.end());
  }

  private void writeMember(JsonText json, NodeId member, @Nullable NodeId leader) {
    boolean self = member.equals(coordinator.self());
    json.field("leader", member.equals(leader))
        .field("self", self)
        .field("connected", self || coordinator.connected(member));
  }

  private static void writeState(
      JsonText json, KvView view, StateAgreement agreement, @Nullable String stateHash) {
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
        .field("quota_bytes", view.limits().quotaBytes());
    if (stateHash != null) {
      json.field("state_hash", stateHash);
    }
    json.field("agreement", agreement.verdict().name().toLowerCase(Locale.ROOT));
    Checkpoint compared = agreement.own();
    if (compared != null) {
      json.field("compared_index", compared.index());
    }
    json.end();
  }
}
