package io.lockstep.http.v1;

import io.lockstep.http.error.ChangeProblems;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Coordinator;
import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.ChangeRefusal;
import io.lockstep.raft.MembershipChange;
import java.util.function.Consumer;

/** Asks the leader for another membership and answers the client. */
final class MemberChanges {
  private MemberChanges() {}

  /** What is done is answered by {@code rendering}, on the exchange's loop; all else here. */
  static void ask(
      Coordinator coordinator,
      Exchange exchange,
      MembershipChange change,
      Consumer<ChangeOutcome.Done> rendering) {
    coordinator.changeMembership(
        change, exchange.deadlineNanos(0), outcome -> reply(exchange, outcome, rendering));
  }

  private static void reply(
      Exchange exchange, ChangeOutcome outcome, Consumer<ChangeOutcome.Done> rendering) {
    exchange
        .loop()
        .post(
            new LoopTask() {
              @Override
              protected void run() {
                if (!exchange.over()) {
                  exchange.run(() -> finish(exchange, outcome, rendering));
                }
              }
            });
  }

  private static void finish(
      Exchange exchange, ChangeOutcome outcome, Consumer<ChangeOutcome.Done> rendering) {
    switch (outcome) {
      case ChangeOutcome.Done done -> rendering.accept(done);
      case ChangeOutcome.Refused(ChangeRefusal reason) ->
          exchange.problem(ChangeProblems.of(reason));
      case ChangeOutcome.NotLeader _ ->
          exchange.problem(
              Problem.of(ProblemCode.NO_LEADER, "no leader took the membership change")
                  .retryAfter(Problems.jittered()));
      case ChangeOutcome.Overloaded _ ->
          exchange.problem(
              Problem.of(ProblemCode.OVERLOADED, "too many membership changes wait")
                  .retryAfter(Problems.jittered()));
      case ChangeOutcome.Unknown _ -> exchange.problem(Problems.unknown());
    }
  }
}
