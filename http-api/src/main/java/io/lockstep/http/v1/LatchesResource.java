package io.lockstep.http.v1;

import io.lockstep.http.error.Fate;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Consistency;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.ReadSink;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.gate.Latch;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code /v1/latches/{name}}: to arrive at a latch, and to wait until all have. */
public final class LatchesResource implements Resource {
  /** Where names begin in a path. */
  public static final String PREFIX = "/v1/latches/";

  private static final int OPEN = 200;
  private static final int NOT_YET = 202;

  private final Coordinator coordinator;
  private final Mutations mutations;
  private final Reads reads;

  public LatchesResource(Coordinator coordinator, Mutations mutations, Reads reads) {
    this.coordinator = coordinator;
    this.mutations = mutations;
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    exchange.route("/v1/latches/{name}");
    switch (exchange.method()) {
      case "GET", "HEAD" -> look(exchange, named(exchange));
      case "DELETE" -> remove(exchange, named(exchange));
      case "POST" -> {
        Verbs verbs = Verbs.of(exchange, PREFIX);
        if (!verbs.verb().equals("arrive")) {
          throw Verbs.unknown(verbs.verb());
        }
        Keys.requireName(verbs.name());
        arrive(exchange, verbs.name());
      }
      default -> Methods.notAllowed(exchange, "GET, HEAD, POST, DELETE");
    }
  }

  private static Bytes named(Exchange exchange) {
    Bytes name = exchange.target().bytesFrom(PREFIX.length());
    Keys.requireName(name);
    return name;
  }

  private void look(Exchange exchange, Bytes name) {
    exchange.route("GET /v1/latches/{name}");
    exchange.refuseBody();
    Consistency wanted = Consistency.of(exchange.query());
    exchange.query().finish();
    reads.read(
        exchange,
        wanted,
        (x, view) -> {
          Latch latch = view.latch(name);
          if (latch == null) {
            x.problem(Problem.of(ProblemCode.LATCH_NOT_FOUND, "nobody has arrived there"));
          } else {
            show(x, OPEN, view.revision(), stateOf(latch));
          }
        });
  }

  private void remove(Exchange exchange, Bytes name) {
    exchange.route("DELETE /v1/latches/{name}");
    exchange.refuseBody();
    exchange.query().finish();
    mutations.submit(
        exchange,
        new Command.RemoveLatch(name),
        Bytes.EMPTY,
        (x, applied, result) ->
            x.answer(200, applied.revision(), x.json().begin().field("deleted", 1).end()));
  }

  private void arrive(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/latches/{name}:arrive");
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          int parties = parties(json);
          Bytes id = GateFields.required(json, "id", Latch.ID_BYTES_MAX);
          long waitMillis = AcquireBody.waitMillis(json);
          json.finish();
          mutations.submit(
              exchange,
              new Command.ArriveLatch(name, parties, id),
              body,
              (x, applied, result) -> arrived(x, name, waitMillis, applied, result));
        });
  }

  private static int parties(JsonBody json) {
    long parties = json.number("parties", 1, 0);
    if (parties == 0) {
      throw JsonBody.missing("parties");
    }
    if (parties > Latch.PARTIES_MAX) {
      throw new Rejected(
          Problem.of(
                  ProblemCode.NOT_ALLOWED,
                  "a latch waits for at most " + Latch.PARTIES_MAX + " parties")
              .with("field", "parties")
              .with("limit", Latch.PARTIES_MAX));
    }
    return (int) parties;
  }

  private void arrived(
      Exchange exchange, Bytes name, long waitMillis, Applied applied, Result.Success result) {
    Result.LatchState state = Mutations.expect(Result.LatchState.class, result);
    if (state.open() || waitMillis == 0) {
      show(exchange, state.open() ? OPEN : NOT_YET, applied.revision(), state);
    } else {
      long deadline = coordinator.clock().nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis);
      coordinator.awaitLatch(name, deadline, new Reply(exchange, name, state));
    }
  }

  private static Result.LatchState stateOf(Latch latch) {
    return new Result.LatchState(latch.parties(), latch.arrived().size());
  }

  private static void show(Exchange exchange, int status, long revision, Result.LatchState state) {
    JsonText json = exchange.json().begin().field("open", state.open());
    json.field("arrived", state.arrived()).field("parties", state.parties());
    exchange.answer(status, revision, json.end());
  }

  /** Carries the end of a wait to the exchange's loop. */
  private final class Reply extends LoopTask implements ReadSink {
    private final Exchange exchange;
    private final Bytes name;
    private final Result.LatchState before;
    private @Nullable Refusal refusal;

    Reply(Exchange exchange, Bytes name, Result.LatchState before) {
      this.exchange = exchange;
      this.name = name;
      this.before = before;
    }

    @Override
    public void current() {
      exchange.loop().post(this);
    }

    @Override
    public void refused(Refusal reason) {
      refusal = reason;
      exchange.loop().post(this);
    }

    @Override
    protected void run() {
      if (!exchange.over()) {
        exchange.run(this::answer);
      }
    }

    private void answer() {
      Refusal reason = refusal;
      if (reason == Refusal.SHUTTING_DOWN || reason == Refusal.OVERLOADED) {
        // It has arrived: only the wait was refused.
        exchange.problem(Problems.of(reason).withFate(Fate.APPLIED));
        return;
      }
      KvView view = coordinator.view();
      Latch latch = view.latch(name);
      // This node may be behind the leader's answer, and the latch may have been removed since.
      Result.LatchState seen = latch == null ? before : stateOf(latch);
      Result.LatchState now = seen.arrived() < before.arrived() ? before : seen;
      show(exchange, now.open() ? OPEN : NOT_YET, view.revision(), now);
    }
  }
}
