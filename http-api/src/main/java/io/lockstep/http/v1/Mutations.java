package io.lockstep.http.v1;

import io.lockstep.http.error.Fate;
import io.lockstep.http.error.LockProblems;
import io.lockstep.http.error.Problems;
import io.lockstep.http.request.IdempotencyKey;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Submits commands for exchanges and turns their answers into theirs. */
public final class Mutations {
  /** On whose behalf requests are made while there is no authentication. */
  public static final String PRINCIPAL = "anonymous";

  private final Coordinator coordinator;

  public Mutations(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  /** Writes the answer to a command that was applied. */
  interface Rendering {
    void render(Exchange exchange, Applied applied, Result.Success result);
  }

  /** Submits; {@code body} is what the request's fingerprint covers beside its head. */
  void submit(Exchange exchange, Command command, Bytes body, Rendering rendering) {
    long deadline = exchange.deadlineNanos(0);
    Request request = new Request(PRINCIPAL, key(exchange, body), command);
    coordinator.submit(request, deadline, new Reply(exchange, conditionOf(command), rendering));
  }

  /** The request's key, null when it brings none. */
  static @Nullable RequestKey key(Exchange exchange, Bytes body) {
    String header = exchange.single(Names.IDEMPOTENCY_KEY);
    if (header == null) {
      return null;
    }
    return IdempotencyKey.of(
        PRINCIPAL,
        IdempotencyKey.parse(header),
        Arrays.asList(
            exchange.method(),
            exchange.target().path(),
            exchange.target().rawQuery(),
            exchange.single(HttpHeaders.IF_MATCH),
            exchange.single(HttpHeaders.IF_NONE_MATCH),
            String.join(",", exchange.headers(Names.IF_LOCK)),
            exchange.single(HttpHeaders.CONTENT_TYPE)),
        body);
  }

  /** Gives the answer of a command to its exchange. */
  static void finish(
      Exchange exchange, Answer answer, @Nullable KeyCondition condition, Rendering rendering) {
    switch (answer) {
      case Answer.Done(Applied applied, Timing timing) -> {
        exchange.with(Names.SERVER_TIMING, ServerTiming.of(timing));
        exchange.answersFrom(applied.revision());
        exchange.strain(LeaseFields.strainOf(timing));
        if (applied.replayed()) {
          exchange.with(Names.IDEMPOTENCY_REPLAYED, Names.TRUE);
        }
        switch (applied.result()) {
          case Result.Success success -> rendering.render(exchange, applied, success);
          case Result.OutcomeOnly(boolean done) -> {
            if (done) {
              answerOutcome(exchange, applied);
            } else {
              exchange.problem(Problems.refusedBefore());
            }
          }
          case Failure failure -> exchange.problem(Problems.of(failure, condition));
        }
      }
      case Answer.NotApplied refused -> exchange.problem(Problems.of(refused.refusal()));
      case Answer.WaitPassed passed -> {
        exchange.with(Names.SERVER_TIMING, ServerTiming.of(passed.timing()));
        exchange.problem(
            LockProblems.waitPassed(
                passed.of(), passed.holder(), passed.queueLength(), passed.opensInMillis()));
      }
      case Answer.Unknown unknown -> exchange.problem(Problems.unknown());
    }
  }

  /** What is left of an answer that was too long to be kept. */
  private static void answerOutcome(Exchange exchange, Applied applied) {
    exchange.answer(
        200,
        applied.revision(),
        exchange
            .json()
            .begin()
            .field("outcome", Fate.APPLIED.text())
            .field("revision", applied.revision())
            .end());
  }

  /** The success is of the kind that the command has: anything else is a bug. */
  static <T extends Result.Success> T expect(Class<T> kind, Result.Success success) {
    Invariant.check(kind.isInstance(success), "a command has results of its own kind");
    return kind.cast(success);
  }

  /** A success of another kind than the command has: a bug. */
  static IllegalStateException unexpected(Result.Success success) {
    return new IllegalStateException("unexpected " + success.getClass().getSimpleName());
  }

  private static @Nullable KeyCondition conditionOf(Command command) {
    if (command instanceof Command.Put put) {
      return put.condition();
    }
    if (command instanceof Command.Delete delete) {
      return delete.condition();
    }
    return command instanceof Command.Add add ? add.condition() : null;
  }

  /** Turns the answer of a command into that of its exchange. */
  private static final class Reply extends AnswerTask {
    private final @Nullable KeyCondition condition;
    private final Rendering rendering;

    Reply(Exchange exchange, @Nullable KeyCondition condition, Rendering rendering) {
      super(exchange);
      this.condition = condition;
      this.rendering = rendering;
    }

    @Override
    protected void told(Answer given) {
      finish(exchange(), given, condition, rendering);
    }
  }
}
