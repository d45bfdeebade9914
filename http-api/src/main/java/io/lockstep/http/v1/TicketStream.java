package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.Problems;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Outflow;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import org.jspecify.annotations.Nullable;

/**
 * A ticket as server-sent events: {@code queued} with its position at once and every few seconds,
 * then {@code held} or {@code elected}, or {@code ended}; {@code goodbye} when this node can say no
 * more. While it is open the ticket is polled.
 */
final class TicketStream {
  private static final long STEP_MILLIS = 5_000;

  private final Coordinator coordinator;
  private final Exchange exchange;
  private final LockName name;
  private final TicketId ticket;
  private final Outflow out;
  private boolean begun;

  TicketStream(Coordinator coordinator, Exchange exchange, LockName name, TicketId ticket) {
    this.coordinator = coordinator;
    this.exchange = exchange;
    this.name = name;
    this.ticket = ticket;
    this.out = new Outflow(exchange, () -> {});
  }

  void start() {
    poll(null, 0);
  }

  private void poll(Answer.@Nullable Done known, long waitMillis) {
    long deadline = exchange.deadlineNanos(0);
    if (begun) {
      deadline = coordinator.clock().nanoTime() + 2 * STEP_MILLIS * 1_000_000;
    }
    var waits = coordinator.poll(name, ticket, known, waitMillis, deadline, new Step());
    exchange.whenGone(waits::cancel);
  }

  private void told(Answer answer) {
    switch (answer) {
      case Answer.Done done -> told(done);
      case Answer.Unknown unknown -> {
        if (begun) {
          poll(null, 0);
        } else {
          exchange.problem(Problems.of(Refusal.NOT_CONFIRMED));
        }
      }
      case Answer.NotApplied refused -> {
        if (begun) {
          last("goodbye", Problems.of(refused.refusal()));
        } else {
          exchange.problem(Problems.of(refused.refusal()));
        }
      }
      case Answer.WaitPassed passed -> poll(null, 0);
    }
  }

  private void told(Answer.Done done) {
    Applied applied = done.applied();
    switch (applied.result()) {
      case Result.Success success -> {
        begin(applied.revision());
        String event = success instanceof Result.LockGranted ? granted() : "queued";
        JsonText json = exchange.json().plain("event: ").plain(event).plain("\ndata: ");
        Tickets.write(exchange, json, Permits.NONE, success);
        out.write(json.field("revision", applied.revision()).end().plain("\n\n"));
        if (success instanceof Result.LockGranted) {
          out.end();
        } else if (out.full()) {
          exchange.cut();
        } else {
          poll(done, STEP_MILLIS);
        }
      }
      case Failure failure -> {
        Problem problem = Problems.of(failure, null);
        if (begun) {
          last("ended", problem);
        } else {
          exchange.problem(problem);
        }
      }
      case Result.OutcomeOnly none -> exchange.cut();
    }
  }

  private String granted() {
    return switch (name.kind()) {
      case LOCK -> "held";
      case ELECTION -> "elected";
      case SEMAPHORE -> "held";
    };
  }

  private void begin(long revision) {
    if (!begun) {
      begun = true;
      out.begin(200, revision, Names.EVENT_STREAM);
    }
  }

  private void last(String event, Problem problem) {
    JsonText json = exchange.json().plain("event: ").plain(event).plain("\ndata: ").begin();
    json.field("code", problem.code().text()).field("detail", problem.detail()).end();
    out.write(json.plain("\n\n"));
    out.end();
  }

  /** What was told next. */
  private final class Step extends AnswerTask {
    Step() {
      super(exchange);
    }

    @Override
    protected void told(Answer given) {
      TicketStream.this.told(given);
    }
  }
}
