package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.raft.NodeId;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/cluster:transfer-leadership}: another voter leads from now on. */
public final class TransferResource implements Resource {
  /** The route. */
  public static final String PATH = "/v1/cluster:transfer-leadership";

  private final Coordinator coordinator;

  public TransferResource(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("POST /v1/cluster:transfer-leadership");
    Accepts.json(exchange);
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          String to = json.text("to");
          json.finish();
          transfer(exchange, to == null ? null : voter(to));
        });
  }

  private NodeId voter(String text) {
    for (NodeId voter : coordinator.status().membership().voters()) {
      if (voter.text().equals(text)) {
        return voter;
      }
    }
    throw new Rejected(
        Problem.of(ProblemCode.MEMBER_NOT_FOUND, "no voter has this id").with("field", "to"));
  }

  private void transfer(Exchange exchange, @Nullable NodeId to) {
    coordinator.transferLeadership(
        to,
        exchange.deadlineNanos(0),
        leader ->
            exchange
                .loop()
                .post(
                    new LoopTask() {
                      @Override
                      protected void run() {
                        if (!exchange.over()) {
                          exchange.run(() -> finish(exchange, leader));
                        }
                      }
                    }));
  }

  private void finish(Exchange exchange, @Nullable NodeId leader) {
    if (leader == null) {
      exchange.problem(
          Problem.of(ProblemCode.NO_LEADER, "nobody took over in time")
              .retryAfter(Problems.jittered()));
    } else {
      exchange.answer(
          200,
          coordinator.view().revision(),
          exchange.json().begin().field("leader", leader.text()).end());
    }
  }
}
