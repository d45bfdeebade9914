package io.lockstep.kv.model;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.AnswersFull;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.RequestMismatch;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.OutcomeOnly;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.kv.result.ResultCodec;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Contract 5: exactly once. */
public final class ModelAnswers {
  /** A first answer, with what it was an answer to. */
  public record Answer(RequestKey key, long revision, long time, Result result, int bytes) {}

  /** The oldest first. */
  public final List<Answer> all = new ArrayList<>();

  private final Model model;

  ModelAnswers(Model model) {
    this.model = model;
  }

  Applied once(Request request) {
    RequestKey key = request.key();
    if (key == null) {
      return fresh(model.execute(request));
    }
    Answer known = find(key.scope(), key.text());
    if (known != null) {
      return known.key().fingerprint().equals(key.fingerprint())
          ? again(known, model.index)
          : fresh(new RequestMismatch());
    }
    if (!makeRoom()) {
      return fresh(new AnswersFull(model.limits.storedAnswersMax()));
    }
    Result result = model.execute(request);
    Result kept = kept(result);
    all.add(new Answer(key, model.revision(), model.now, kept, length(kept)));
    return fresh(result);
  }

  /** Contract 5: a long answer is kept as its outcome; a ticket tells of all its locks. */
  private Result kept(Result result) {
    Result first =
        switch (result) {
          case LockGranted granted -> granted.with(List.of());
          case LockQueued queued -> queued.with(List.of());
          default -> result;
        };
    for (Result one : List.of(result, first)) {
      if (length(one) <= model.limits.storedAnswerBytesMax()) {
        return one;
      }
    }
    return new OutcomeOnly(result instanceof Result.Success);
  }

  private Applied fresh(Result result) {
    return new Applied(model.index, model.revision(), false, result);
  }

  /** Contract 5: the oldest goes first, but none younger than the least age. */
  private boolean makeRoom() {
    if (model.limits.storedAnswersMax() == 0) {
      return false;
    }
    for (int i = 0; i < 64 && all.size() >= model.limits.storedAnswersMax(); i++) {
      if (model.now - all.getFirst().time() < model.limits.storedAnswerMillisMin()) {
        return false;
      }
      all.removeFirst();
    }
    return true;
  }

  void forgetOld() {
    for (int i = 0; i < 64 && !all.isEmpty(); i++) {
      if (model.now - all.getFirst().time() > model.limits.storedAnswerMillisMax()) {
        all.removeFirst();
      }
    }
  }

  public @Nullable Answer find(String scope, Bytes text) {
    return all.stream()
        .filter(answer -> answer.key().scope().equals(scope) && answer.key().text().equals(text))
        .findFirst()
        .orElse(null);
  }

  /** Contract 5: a replay never promises time that has passed. */
  public Applied again(Answer answer, long index) {
    Result now = present(answer.result());
    long revision = now.equals(answer.result()) ? answer.revision() : model.revision();
    return new Applied(index, revision, true, now);
  }

  private Result present(Result first) {
    return switch (first) {
      case LeaseGranted granted -> leaseGranted(granted);
      case PeriodClaimed claimed ->
          model.leases.get(claimed.lease()) == null
              ? model.leases.absence(claimed.lease())
              : claimed.expiringIn(model.leases.expiresIn(claimed.lease()));
      case WorkerLeased worker ->
          model.leases.get(worker.lease()) == null
              ? model.leases.absence(worker.lease())
              : worker.expiringIn(model.leases.expiresIn(worker.lease()));
      case Renewed renewed -> new Renewed(renewed.results().stream().map(this::now).toList());
      case TtlKeyPut put -> {
        boolean runs = model.leases.get(put.meta().lease()) != null;
        long left = runs ? model.leases.expiresIn(put.meta().lease()) : 0;
        yield new TtlKeyPut(put.meta(), put.created(), put.ttlMillis(), left);
      }
      case TxnDone done ->
          new TxnDone(
              done.then(),
              done.results().stream().map(one -> (Result.Success) present(one)).toList());
      case LockGranted granted -> lockGranted(granted);
      case LockQueued queued -> model.locks.said.ticket(queued.ticket());
      case LockHeld held -> now(held);
      case OneHeld(LockName name, LockHeld held) -> new OneHeld(name, now(held));
      case NotHolder(HolderInfo holder) -> new NotHolder(holder == null ? null : now(holder));
      default -> first;
    };
  }

  private Result leaseGranted(LeaseGranted granted) {
    LeaseId id = granted.lease();
    return model.leases.get(id) == null
        ? model.leases.absence(id)
        : new LeaseGranted(id, model.leases.get(id).ttl, model.leases.expiresIn(id));
  }

  private LockHeld now(LockHeld held) {
    if (held.holder() == null) {
      return held;
    }
    HolderInfo holder = now(held.holder());
    long retry = holder.expiresInMillis() == 0 ? 0 : holder.expiresInMillis() + 1;
    return new LockHeld(held.reason(), holder, retry, held.queueLength());
  }

  private Result lockGranted(LockGranted granted) {
    ModelLocks.Lock lock = model.locks.byName.get(granted.name());
    ModelLocks.Grant grant =
        lock == null ? null : lock.find(one -> one.ticket().equals(granted.ticket()));
    if (grant != null) {
      return model.locks.said.ticket(granted.ticket());
    }
    return model.leases.get(granted.lease()) == null
        ? model.leases.absence(granted.lease())
        : new TicketEnded(granted.ticket());
  }

  private RenewalResult now(RenewalResult result) {
    return switch (result) {
      case Refused refused -> refused;
      case Polled polled ->
          switch (present(polled.state())) {
            case Result.Success state -> new Polled(state);
            case Failure failure -> new Refused(failure);
            case OutcomeOnly none -> throw new IllegalStateException("of a poll");
          };
      case Alive alive ->
          model.leases.get(alive.lease()) == null
              ? new Refused(model.leases.absence(alive.lease()))
              : new Alive(alive.lease(), alive.ttlMillis(), model.leases.expiresIn(alive.lease()));
    };
  }

  private HolderInfo now(HolderInfo then) {
    boolean runs = model.leases.get(then.lease()) != null;
    return new HolderInfo(
        then.owner(),
        then.token(),
        then.lease(),
        then.sinceRevision(),
        runs ? model.leases.expiresIn(then.lease()) : 0);
  }

  private static int length(Result result) {
    ByteWriter out = new ByteWriter(64);
    ResultCodec.write(out, result);
    return out.size();
  }

  long weight() {
    long sum = 0;
    for (Answer answer : all) {
      RequestKey key = answer.key();
      sum += 400 + answer.bytes() + key.scope().length();
      sum += key.text().length() + key.fingerprint().length();
    }
    return sum;
  }
}
