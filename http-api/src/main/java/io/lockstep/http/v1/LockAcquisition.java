package io.lockstep.http.v1;

import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.AnswerSink;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LockWait;
import io.lockstep.http.service.TicketWait;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes a lock or permits, or stands in an election, and waits for it; or keeps the place as a
 * ticket.
 */
final class LockAcquisition {
  private final Coordinator coordinator;

  LockAcquisition(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  /** {@code path} is the raw one of the lock or election. */
  void serve(Exchange exchange, LockName name, String path) {
    exchange.query().finish();
    exchange.body(
        body ->
            acquire(
                exchange,
                name,
                path,
                switch (name.kind()) {
                  case LOCK -> AcquireBody.ofLock(body);
                  case ELECTION -> AcquireBody.ofElection(body);
                  case SEMAPHORE -> AcquireBody.ofSemaphore(body);
                },
                body));
  }

  private void acquire(
      Exchange exchange, LockName name, String path, AcquireBody wanted, Bytes body) {
    RequestKey key = Mutations.key(exchange, body);
    boolean keep = wanted.queueTtlMillis() > 0;
    long waitMillis = keep ? 0 : wanted.waitMillis();
    LockAcquire command =
        new LockAcquire(
            name,
            wanted.mode(),
            wanted.holder(),
            wanted.owner(),
            wanted.bid(),
            waitMillis,
            wanted.queueTtlMillis(),
            coordinator.server(),
            keep || key != null,
            coordinator.nonce());
    long deadline = exchange.deadlineNanos(wanted.waitMillis());
    Reply reply =
        keep
            ? new KeptReply(exchange, path, wanted.waitMillis(), deadline)
            : new Reply(exchange, wanted.bid().permits());
    LockWait lockWait =
        coordinator.acquire(
            new Request(Mutations.PRINCIPAL, key, command),
            command,
            keep ? deadline - TimeUnit.MILLISECONDS.toNanos(wanted.waitMillis()) : deadline,
            reply);
    reply.lockWait = lockWait;
    exchange.whenGone(lockWait::cancel);
  }

  /** Carries the answer to the exchange's loop. */
  private static class Reply extends LoopTask implements AnswerSink {
    final Exchange exchange;
    private final Permits permits;
    private volatile @Nullable Answer answer;

    /** Touched on the loop only, where it is set before the answer can be taken from the inbox. */
    @Nullable LockWait lockWait;

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
        exchange.run(() -> told(given));
      } else if (waited != null) {
        waited.undelivered(given);
      }
    }

    void told(Answer given) {
      Mutations.finish(
          exchange,
          given,
          null,
          (x, applied, result) -> Tickets.answer(x, permits, applied, result));
    }
  }

  /**
   * As above, where the place is kept: what is told in the end is the ticket. A client that goes
   * before that does not know it, so the place is given up, unless a retry can ask for it.
   */
  private final class KeptReply extends Reply {
    private final String path;
    private final long waitMillis;
    private final long deadlineNanos;

    KeptReply(Exchange exchange, String path, long waitMillis, long deadlineNanos) {
      super(exchange, Permits.NONE);
      this.path = path;
      this.waitMillis = waitMillis;
      this.deadlineNanos = deadlineNanos;
    }

    @Override
    void told(Answer given) {
      if (given instanceof Answer.Done done
          && done.applied().result() instanceof Result.LockQueued queued) {
        queued(done, queued);
      } else {
        super.told(given);
      }
    }

    private void queued(Answer.Done done, Result.LockQueued queued) {
      boolean replayed = done.applied().replayed();
      if (waitMillis == 0 && !replayed) {
        locate(done);
        super.told(done);
        return;
      }
      LockWait taken = lockWait;
      // A replay is of then: that the client is still there must be told anew.
      TicketWait waits =
          coordinator.poll(
              queued.name(),
              queued.ticket(),
              replayed ? null : done,
              waitMillis,
              deadlineNanos,
              new Waited(done));
      exchange.whenGone(
          () -> {
            waits.cancel();
            if (taken != null) {
              taken.undelivered(done);
            }
          });
    }

    private void locate(Answer.Done done) {
      if (done.applied().result() instanceof Result.LockQueued queued) {
        Tickets.locate(exchange, path, queued.ticket());
      }
    }

    /** The end of the wait for a place that is kept. */
    private final class Waited extends LoopTask implements AnswerSink {
      private final Answer.Done before;
      private volatile @Nullable Answer answer;

      Waited(Answer.Done before) {
        this.before = before;
      }

      @Override
      public void answer(Answer given) {
        answer = given;
        exchange.loop().post(this);
      }

      @Override
      protected void run() {
        Answer given = answer;
        if (given != null && !exchange.over()) {
          exchange.run(() -> finish(given));
        }
      }

      private void finish(Answer given) {
        // The place was taken, whatever is known of it now.
        Answer.Done told = given instanceof Answer.Done done ? asReplayed(done) : before;
        locate(told);
        KeptReply.super.told(told);
      }

      private Answer.Done asReplayed(Answer.Done done) {
        Applied now = done.applied();
        boolean replayed = before.applied().replayed();
        return new Answer.Done(
            new Applied(now.index(), now.revision(), replayed, now.result()), done.timing());
      }
    }
  }
}
