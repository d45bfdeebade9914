package io.lockstep.http.etcd;

import io.lockstep.http.request.Consistency;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Answer;
import io.lockstep.http.v1.AnswerTask;
import io.lockstep.http.v1.Mutations;
import io.lockstep.http.v1.Reads;
import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.Invariant;
import java.util.function.Consumer;

/** One request of an etcd client. Owned by its exchange's loop. */
final class EtcdCall {
  private final EtcdNode node;
  private final Exchange exchange;
  private final Reads reads;

  EtcdCall(EtcdNode node, Exchange exchange, Reads reads) {
    this.node = node;
    this.exchange = exchange;
    this.reads = reads;
  }

  /** What is done with what a command has done. */
  interface Applying {
    void applied(long revision, Result.Success success);
  }

  EtcdNode node() {
    return node;
  }

  Exchange exchange() {
    return exchange;
  }

  /** Runs a step of this request; a refusal that it throws becomes the answer. */
  void run(Runnable step) {
    try {
      step.run();
    } catch (EtcdRefused e) {
      refuse(e.error());
    }
  }

  void refuse(EtcdError error) {
    JsonText json = exchange.json();
    error.write(json);
    exchange.answer(error.status(), json);
  }

  /** An answer whose header is written, at {@code revision}; to be ended and given. */
  JsonText begin(long revision) {
    JsonText json = exchange.json().begin();
    node.header(json, revision);
    return json;
  }

  void end(JsonText json, long revision) {
    exchange.answer(200, revision, json.end());
  }

  /** An answer that has nothing to say but its header. */
  void done(long revision) {
    end(begin(revision), revision);
  }

  /** Goes on with a current view. */
  void read(Consumer<KvView> reading) {
    read(new Consistency.Linearizable(), reading);
  }

  /** Goes on with a view that is as new as {@code wanted}. */
  void read(Consistency wanted, Consumer<KvView> reading) {
    reads.read(exchange, wanted, (x, view) -> run(() -> reading.accept(view)));
  }

  /** Submits a command; what refuses it becomes the answer. */
  void submit(Command command, Applying applying) {
    submit(command, applying, this::refuse);
  }

  /** Submits a command; {@code refused} hears of what refuses it. */
  void submit(Command command, Applying applying, Consumer<EtcdError> refused) {
    submit(command, new Reply(this, applying, refused, false));
  }

  /** Submits a command that leaves something to be cleared away if its client is gone. */
  void submitEvenIfGone(Command command, Applying applying) {
    submit(command, new Reply(this, applying, this::refuse, true));
  }

  private void submit(Command command, Reply reply) {
    Request request = new Request(Mutations.PRINCIPAL, null, command);
    node.coordinator().submit(request, exchange.deadlineNanos(0), reply);
  }

  /** Runs a step on the loop, from whichever thread, unless nobody waits for the answer. */
  void onLoop(Runnable step) {
    exchange
        .loop()
        .post(
            new LoopTask() {
              @Override
              protected void run() {
                if (!exchange.over()) {
                  exchange.run(() -> EtcdCall.this.run(step));
                }
              }
            });
  }

  /** The success is of the kind that the command has: anything else is a bug. */
  static <T extends Result.Success> T expect(Class<T> kind, Result.Success success) {
    Invariant.check(kind.isInstance(success), "a command has results of its own kind");
    return kind.cast(success);
  }

  private void finish(Answer answer, Applying applying, Consumer<EtcdError> refused) {
    switch (answer) {
      case Answer.Done done -> finish(done.applied(), applying, refused);
      case Answer.NotApplied not -> refused.accept(EtcdError.of(not.refusal()));
      case Answer.Unknown unknown -> refused.accept(EtcdError.TIMED_OUT);
      case Answer.WaitPassed passed -> throw new IllegalStateException("nothing waits here");
    }
  }

  private static void finish(Applied applied, Applying applying, Consumer<EtcdError> refused) {
    switch (applied.result()) {
      case Result.Success success -> applying.applied(applied.revision(), success);
      case Failure failure -> refused.accept(EtcdError.of(failure));
      case Result.OutcomeOnly only -> throw new IllegalStateException("nothing was stored");
    }
  }

  /** Turns the answer of a command into that of its call. */
  private static final class Reply extends AnswerTask {
    private final EtcdCall call;
    private final Applying applying;
    private final Consumer<EtcdError> refused;
    private final boolean evenIfGone;

    Reply(EtcdCall call, Applying applying, Consumer<EtcdError> refused, boolean evenIfGone) {
      super(call.exchange);
      this.evenIfGone = evenIfGone;
      this.call = call;
      this.applying = applying;
      this.refused = refused;
    }

    @Override
    protected void arrived(Answer given) {
      if (evenIfGone) {
        exchange().run(() -> told(given));
      } else {
        super.arrived(given);
      }
    }

    @Override
    protected void told(Answer given) {
      call.run(() -> call.finish(given, applying, refused));
    }
  }
}
