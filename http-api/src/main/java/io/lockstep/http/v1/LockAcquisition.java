package io.lockstep.http.v1;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.AnswerSink;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LockWait;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/locks/{name}:acquire}. */
final class LockAcquisition {
  private static final long WAIT_MILLIS_MAX = 60_000;

  private final Coordinator coordinator;

  LockAcquisition(Coordinator coordinator) {
    this.coordinator = coordinator;
  }

  /** What the body says. */
  private record Wanted(Holder holder, long waitMillis, String owner) {
    static Wanted of(Bytes body) {
      JsonBody json = JsonBody.parse(body);
      long ttl = json.duration("ttl", -1);
      String lease = json.text("lease");
      long waitMillis = json.duration("wait", 0);
      String owner = json.text("owner");
      String mode = json.text("mode");
      json.finish();
      if (ttl >= 0 && lease != null) {
        throw JsonBody.bad("ttl", "and field 'lease' exclude each other");
      }
      if (mode != null && !mode.equals("exclusive")) {
        throw JsonBody.bad("mode", "can only be \"exclusive\"");
      }
      if (waitMillis > WAIT_MILLIS_MAX) {
        throw Durations.outOfRange("wait", 0, WAIT_MILLIS_MAX);
      }
      String shown = owner == null ? "" : owner;
      if (Bytes.utf8(shown).length() > FieldCodec.TEXT_BYTES_MAX) {
        throw new Rejected(
            Problem.of(ProblemCode.NOT_ALLOWED, "owner is longer than its limit")
                .with("field", "owner")
                .with("limit", FieldCodec.TEXT_BYTES_MAX));
      }
      return new Wanted(holder(ttl, lease), waitMillis, shown);
    }

    private static Holder holder(long ttl, @Nullable String lease) {
      if (lease == null) {
        return new Holder.OwnLease(ttl < 0 ? LeasesResource.TTL_MILLIS_DEFAULT : ttl);
      }
      LeaseId id = LeaseId.parse(lease);
      if (id == null) {
        throw JsonBody.bad("lease", "is not the id of a lease");
      }
      return new Holder.ExistingLease(id);
    }
  }

  void serve(Exchange exchange, Bytes name) {
    exchange.route("POST /v1/locks/{name}:acquire");
    exchange.query().finish();
    exchange.body(body -> acquire(exchange, name, body));
  }

  private void acquire(Exchange exchange, Bytes name, Bytes body) {
    Wanted wanted = Wanted.of(body);
    RequestKey key = Mutations.key(exchange, body);
    LockAcquire command =
        new LockAcquire(
            name,
            wanted.holder(),
            wanted.owner(),
            wanted.waitMillis(),
            coordinator.server(),
            key != null,
            coordinator.nonce());
    Reply reply = new Reply(exchange);
    LockWait lockWait =
        coordinator.acquire(
            new Request(Mutations.PRINCIPAL, key, command),
            command,
            exchange.deadlineNanos(wanted.waitMillis()),
            reply);
    reply.lockWait = lockWait;
    exchange.whenGone(lockWait::cancel);
  }

  private static void granted(Exchange exchange, Applied applied, Result.Success result) {
    Result.LockGranted granted = Mutations.expect(Result.LockGranted.class, result);
    JsonText json =
        exchange
            .json()
            .begin()
            .field("state", "held")
            .key("name", granted.name())
            .field("token", granted.token())
            .field("lease", granted.lease().toString());
    LeaseFields.write(exchange, json, granted.ttlMillis(), granted.expiresInMillis());
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  /** Carries the answer to the exchange's loop. */
  private static final class Reply extends LoopTask implements AnswerSink {
    private final Exchange exchange;
    private volatile @Nullable Answer answer;

    /** Touched on the loop only, where it is set before the answer can be taken from the inbox. */
    private @Nullable LockWait lockWait;

    Reply(Exchange exchange) {
      this.exchange = exchange;
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
        exchange.run(() -> Mutations.finish(exchange, given, null, LockAcquisition::granted));
      } else if (waited != null) {
        waited.undelivered(given);
      }
    }
  }
}
