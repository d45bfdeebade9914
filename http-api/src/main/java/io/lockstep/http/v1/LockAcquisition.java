package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LockWait;
import io.lockstep.http.service.TicketWait;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes a lock or permits, or stands in an election, and waits for it; or keeps the place as a
 * ticket.
 */
final class LockAcquisition {
  private final Coordinator coordinator;
  private final SignedGrants grants;

  LockAcquisition(Coordinator coordinator, SignedGrants grants) {
    this.coordinator = coordinator;
    this.grants = grants;
  }

  /** {@code path} is the raw one of the lock or election. */
  void serve(Exchange exchange, LockName name, String path) {
    exchange.query().finish();
    exchange.body(
        body ->
            acquire(
                exchange,
                List.of(name),
                path,
                switch (name.kind()) {
                  case LOCK -> AcquireBody.ofLock(JsonBody.parse(body));
                  case ELECTION -> AcquireBody.ofElection(body);
                  case SEMAPHORE -> AcquireBody.ofSemaphore(body);
                },
                body));
  }

  /** All the locks that the body names, or none of them. */
  void serveTogether(Exchange exchange) {
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          List<LockName> names = names(json);
          AcquireBody wanted = AcquireBody.ofLock(json);
          if (wanted.mode() != LockMode.EXCLUSIVE) {
            throw new Rejected(
                Problem.of(ProblemCode.NOT_ALLOWED, "several locks are taken exclusively")
                    .with("field", "mode"));
          }
          String first = names.getFirst().text().utf8();
          String encoded = URLEncoder.encode(first, StandardCharsets.UTF_8).replace("+", "%20");
          acquire(exchange, names, LocksResource.PREFIX + encoded, wanted, body);
        });
  }

  /** The names in the order in which all requests take them. */
  private static List<LockName> names(JsonBody json) {
    List<String> texts = json.texts("names", LockName.TOGETHER_MAX);
    if (texts == null || texts.isEmpty()) {
      throw JsonBody.missing("names");
    }
    TreeSet<LockName> names = new TreeSet<>();
    for (String text : texts) {
      Bytes name = Bytes.utf8(text);
      Keys.requireName(name);
      if (!names.add(LockName.lock(name))) {
        throw JsonBody.bad("names", "names a lock twice");
      }
    }
    return List.copyOf(names);
  }

  private void acquire(
      Exchange exchange, List<LockName> names, String path, AcquireBody wanted, Bytes body) {
    if (wanted.signed()) {
      grants.require();
    }
    RequestKey key = Mutations.key(exchange, body);
    boolean keep = wanted.queueTtlMillis() > 0;
    long waitMillis = keep ? 0 : wanted.waitMillis();
    LockAcquire command =
        new LockAcquire(
            names.getFirst(),
            wanted.mode(),
            wanted.holder(),
            wanted.owner(),
            wanted.bid(),
            waitMillis,
            wanted.queueTtlMillis(),
            coordinator.server(),
            keep || key != null,
            coordinator.nonce(),
            names.subList(1, names.size()),
            wanted.delayMillis());
    long deadline = exchange.deadlineNanos(wanted.waitMillis());
    Reply reply =
        keep
            ? new KeptReply(exchange, wanted, deadline, path)
            : new Reply(exchange, wanted, deadline);
    LockWait lockWait =
        coordinator.acquire(
            new Request(Mutations.PRINCIPAL, key, command),
            command,
            keep ? deadline - TimeUnit.MILLISECONDS.toNanos(wanted.waitMillis()) : deadline,
            reply);
    reply.lockWait = lockWait;
    exchange.whenGone(lockWait::cancel);
  }

  /** Tells what came of it, signed if that was asked for; gives back what nobody hears of. */
  private class Reply extends AnswerTask {
    final AcquireBody wanted;
    final long deadlineNanos;

    /** Touched on the loop only, where it is set before the answer can be taken from the inbox. */
    @Nullable LockWait lockWait;

    Reply(Exchange exchange, AcquireBody wanted, long deadlineNanos) {
      super(exchange);
      this.wanted = wanted;
      this.deadlineNanos = deadlineNanos;
    }

    @Override
    protected void arrived(Answer given) {
      LockWait waited = lockWait;
      if (exchange().over() && waited != null) {
        waited.undelivered(given);
      }
      super.arrived(given);
    }

    @Override
    protected void told(Answer given) {
      if (wanted.signed()
          && given instanceof Answer.Done done
          && done.applied().result() instanceof Result.LockGranted granted) {
        LockWait taken = lockWait;
        exchange()
            .whenGone(
                () -> {
                  if (taken != null) {
                    taken.undelivered(done);
                  }
                });
        grants.sign(
            exchange(),
            Tickets.names(granted),
            granted.lease(),
            deadlineNanos,
            signed -> finish(done, signed));
      } else {
        finish(given, null);
      }
    }

    private void finish(Answer given, SignedGrants.@Nullable Signed signed) {
      Permits permits = wanted.bid().permits();
      Mutations.finish(
          exchange(),
          given,
          null,
          (x, applied, result) -> Tickets.answer(x, permits, signed, applied, result));
    }
  }

  /**
   * As above, where the place is kept: what is told in the end is the ticket. A client that goes
   * before that does not know it, so the place is given up, unless a retry can ask for it.
   */
  private final class KeptReply extends Reply {
    private final String path;

    KeptReply(Exchange exchange, AcquireBody wanted, long deadlineNanos, String path) {
      super(exchange, wanted, deadlineNanos);
      this.path = path;
    }

    @Override
    protected void told(Answer given) {
      if (given instanceof Answer.Done done
          && done.applied().result() instanceof Result.LockQueued queued) {
        queued(done, queued);
      } else {
        super.told(given);
      }
    }

    private void queued(Answer.Done done, Result.LockQueued queued) {
      boolean replayed = done.applied().replayed();
      if (wanted.waitMillis() == 0 && !replayed) {
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
              wanted.waitMillis(),
              deadlineNanos,
              new Waited(done));
      exchange()
          .whenGone(
              () -> {
                waits.cancel();
                if (taken != null) {
                  taken.undelivered(done);
                }
              });
    }

    private void locate(Answer.Done done) {
      if (done.applied().result() instanceof Result.LockQueued queued) {
        Tickets.locate(exchange(), path, queued.ticket());
      }
    }

    /** The end of the wait for a place that is kept. */
    private final class Waited extends AnswerTask {
      private final Answer.Done before;

      Waited(Answer.Done before) {
        super(KeptReply.this.exchange());
        this.before = before;
      }

      @Override
      protected void told(Answer given) {
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
