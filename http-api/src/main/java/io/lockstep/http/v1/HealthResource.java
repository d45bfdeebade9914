package io.lockstep.http.v1;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.StateAgreement;
import java.util.ArrayList;
import java.util.List;

/** {@code /livez} and {@code /readyz}: whether this node runs, and whether it can serve. */
public final class HealthResource implements Resource {
  /** Answers while the process runs its loops. */
  public static final String LIVE = "/livez";

  /** Answers 200 while requests sent here can be served. */
  public static final String READY = "/readyz";

  private static final long BEHIND_MAX = 10_000;

  private final Coordinator coordinator;

  public HealthResource(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  private record Check(String name, boolean passed, String detail) {}

  @Override
  public void serve(Exchange exchange) {
    Methods.readOnly(exchange);
    boolean verbose = exchange.query().flag("verbose");
    exchange.query().finish();
    switch (exchange.target().path()) {
      case LIVE -> {
        exchange.route("GET /livez");
        exchange.answer(200, exchange.json().begin().field("status", "ok").end());
      }
      case READY -> {
        exchange.route("GET /readyz");
        ready(exchange, verbose);
      }
      default -> throw new Rejected(ProblemCode.NO_SUCH_ROUTE, "nothing is served at this path");
    }
  }

  private void ready(Exchange exchange, boolean verbose) {
    List<Check> checks = checks(exchange);
    boolean passed = checks.stream().allMatch(Check::passed);
    JsonText json = exchange.json().begin().field("status", passed ? "ok" : "not ready");
    if (verbose || !passed) {
      json.name("checks").beginArray();
      for (Check check : checks) {
        json.begin()
            .field("name", check.name())
            .field("ok", check.passed())
            .field("detail", check.detail())
            .end();
      }
      json.endArray();
    }
    exchange.answer(passed ? 200 : 503, json.end());
  }

  private static String leaderDetail(RaftStatus status) {
    NodeId leader = status.leader();
    String known = leader == null ? "no leader is known" : leader.text() + " leads";
    return status.repairing()
        ? known + "; repairing: the disk has lost entries, a leader replaces them"
        : known;
  }

  private static String agreement(StateAgreement state) {
    Checkpoint own = state.own();
    if (own == null) {
      return "not compared with the other replicas yet";
    }
    return switch (state.verdict()) {
      case AGREED -> "that of a majority of the voters at index " + own.index();
      case UNDECIDED ->
          "voters differ at index " + own.index() + ", and no majority of them agrees";
      case DIVERGED ->
          "differs from that of a majority of the voters at index "
              + own.index()
              + ": remove this node from the cluster and add it anew, with an empty data directory";
    };
  }

  private List<Check> checks(Exchange exchange) {
    RaftStatus status = coordinator.status();
    long behind = status.commitIndex() - coordinator.view().appliedIndex();
    List<Check> checks = new ArrayList<>();
    checks.add(new Check("leader", status.leader() != null, leaderDetail(status)));
    checks.add(
        new Check(
            "confirmed",
            status.confirmedAtNanos() != RaftStatus.NEVER,
            "the state was confirmed to be current at least once"));
    checks.add(
        new Check("applied", behind <= BEHIND_MAX, behind + " committed entries to be applied"));
    checks.add(new Check("state", coordinator.serves(), agreement(status.state())));
    checks.add(new Check("disk", coordinator.hasRoom(), "the log has room"));
    checks.add(new Check("progress", !coordinator.stalled(), "what this node leads is committed"));
    checks.add(new Check("serving", !exchange.loop().closing(), "the node is not stopping"));
    return checks;
  }
}
