package io.lockstep.http.v1;

import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Utf8;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;

/**
 * {@code DELETE /v1/locks/{name}?force=true&reason=...}: takes a lock away from who holds it. What
 * came of it is put down in the node's log, also when its client has gone.
 */
final class ForceRelease {
  private static final long TOKEN_MAX = (1L << 53) - 1;

  private final Coordinator coordinator;

  ForceRelease(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  void serve(Exchange exchange, LockName name) {
    exchange.refuseBody();
    Query query = exchange.query();
    if (!query.flag("force")) {
      throw Query.bad(
          "force", "must be true: a lock is given back by POST :release, a ticket with ?ticket=");
    }
    String reason = query.text("reason");
    if (reason == null || reason.isBlank()) {
      throw Query.bad("reason", "must be given, for those who look for it later");
    }
    AcquireBody.checkedOwner("reason", reason);
    long token = query.number("token", 1, TOKEN_MAX, 0);
    query.finish();
    LockForce force = new LockForce(name, token, reason);
    Request request = new Request(Mutations.PRINCIPAL, Mutations.key(exchange, Bytes.EMPTY), force);
    coordinator.submit(request, exchange.deadlineNanos(0), new Reply(exchange, force));
  }

  private static void forced(Exchange exchange, Applied applied, Result.Success result) {
    Result.LockForced forced = Mutations.expect(Result.LockForced.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .field("state", "forced")
            .key("name", forced.name().text())
            .field("token", forced.token())
            .field("holders", forced.holders());
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  /** Puts down what came of it, whether or not its client still waits. */
  private static final class Reply extends AnswerTask {
    private final LockForce force;

    Reply(Exchange exchange, LockForce force) {
      super(exchange);
      this.force = force;
    }

    @Override
    protected void arrived(Answer given) {
      exchange()
          .audit(
              "force-release lock="
                  + quoted(force.name().text().utf8())
                  + " reason="
                  + quoted(force.reason())
                  + " principal="
                  + Mutations.PRINCIPAL
                  + " "
                  + outcome(given));
      super.arrived(given);
    }

    @Override
    protected void told(Answer given) {
      Mutations.finish(exchange(), given, null, ForceRelease::forced);
    }

    private static String quoted(String text) {
      return '"' + Utf8.printable(text).replace('"', '\'') + '"';
    }

    private static String outcome(Answer answer) {
      return switch (answer) {
        case Answer.Done done ->
            switch (done.applied().result()) {
              case Result.LockForced forced ->
                  "outcome=applied revision="
                      + done.applied().revision()
                      + " token="
                      + forced.token()
                      + (done.applied().replayed() ? " replayed=true" : "");
              case Result.Success other -> "outcome=applied";
              case Result.OutcomeOnly(boolean applied) ->
                  applied ? "outcome=applied replayed=true" : "outcome=not_applied replayed=true";
              case Failure refused -> "outcome=not_applied";
            };
        case Answer.NotApplied refused -> "outcome=not_applied";
        case Answer.WaitPassed passed -> "outcome=not_applied";
        case Answer.Unknown unknown -> "outcome=unknown";
      };
    }
  }
}
