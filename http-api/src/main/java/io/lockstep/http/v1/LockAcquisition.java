package io.lockstep.http.v1;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.AnswerSink;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LockWait;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** Takes a lock or permits, or stands in an election, and waits for it. */
final class LockAcquisition {
  private final Coordinator coordinator;

  LockAcquisition(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  void serve(Exchange exchange, LockName name) {
    exchange.query().finish();
    exchange.body(
        body ->
            acquire(
                exchange,
                name,
                switch (name.kind()) {
                  case LOCK -> AcquireBody.ofLock(body);
                  case ELECTION -> AcquireBody.ofElection(body);
                  case SEMAPHORE -> AcquireBody.ofSemaphore(body);
                },
                body));
  }

  private void acquire(Exchange exchange, LockName name, AcquireBody wanted, Bytes body) {
    RequestKey key = Mutations.key(exchange, body);
    LockAcquire command =
        new LockAcquire(
            name,
            wanted.mode(),
            wanted.holder(),
            wanted.owner(),
            wanted.bid(),
            wanted.waitMillis(),
            0,
            coordinator.server(),
            key != null,
            coordinator.nonce());
    Reply reply = new Reply(exchange, wanted.bid().permits());
    LockWait lockWait =
        coordinator.acquire(
            new Request(Mutations.PRINCIPAL, key, command),
            command,
            exchange.deadlineNanos(wanted.waitMillis()),
            reply);
    reply.lockWait = lockWait;
    exchange.whenGone(lockWait::cancel);
  }

  private static void granted(
      Exchange exchange, Permits permits, Applied applied, Result.Success result) {
    Result.LockGranted granted = Mutations.expect(Result.LockGranted.class, result);
    JsonText json = exchange.json().begin();
    switch (granted.name().kind()) {
      case LOCK ->
          json.field("state", "held")
              .key("name", granted.name().text())
              .field("mode", LockFields.text(granted.mode()));
      case ELECTION -> json.field("state", "elected").key("name", granted.name().text());
      // A lease that has permits gets those that it asks for, or a refusal: so these are they.
      case SEMAPHORE ->
          json.field("state", "held")
              .key("name", granted.name().text())
              .field("permits", permits.count())
              .field("limit", permits.limit());
    }
    json.field("token", granted.token()).field("lease", granted.lease().toString());
    LeaseFields.write(exchange, json, granted.ttlMillis(), granted.expiresInMillis());
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  /** Carries the answer to the exchange's loop. */
  private static final class Reply extends LoopTask implements AnswerSink {
    private final Exchange exchange;
    private final Permits permits;
    private volatile @Nullable Answer answer;

    /** Touched on the loop only, where it is set before the answer can be taken from the inbox. */
    private @Nullable LockWait lockWait;

    Reply(Exchange exchange, Permits permits) {
      this.exchange = exchange;
      this.permits = permits;
    }

    @Override
    public void answer(Answer given) {
      answer = given;
      exchange.loop().post(this);
    }

    @Override
    protected void run() {
      Answer given = answer;
      LockWait waited = lockWait;
      if (given == null) {
        return;
      }
      if (!exchange.over()) {
        exchange.run(
            () ->
                Mutations.finish(
                    exchange,
                    given,
                    null,
                    (x, applied, result) -> granted(x, permits, applied, result)));
      } else if (waited != null) {
        waited.undelivered(given);
      }
    }
  }
}
