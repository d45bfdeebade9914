package io.lockstep.sim;

import static io.lockstep.http.service.Refusal.OVERLOADED;

import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.txn.Compare;
import io.lockstep.kv.txn.Operand;
import io.lockstep.kv.txn.Operator;
import io.lockstep.kv.txn.Transaction;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Condition;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client: does one thing after the other, through whichever node, and remembers what it hears.
 */
final class SystemClient {
  private static final long MILLI = 1_000_000;
  private static final int KEYS = 4;
  private static final int LOCKS = 2;
  private static final long STALENESS_MILLIS_MAX = 1_500;

  /** So many calls on one key make a history; then comes the next key. */
  private static final int CALLS_ON_A_KEY = 150;

  private final SystemWorkload workload;
  private final Chance chance;
  private final Calls calls;
  private final int index;
  private final String name;
  private final Map<String, Long> revisions = new TreeMap<>();
  private long number;
  private long answered;
  private long turn;
  private @Nullable LeaseId lease;
  private @Nullable Hold hold;
  private @Nullable Hold past;

  SystemClient(SystemWorkload workload, int index) {
    this.workload = workload;
    chance = workload.chance();
    calls = new Calls(workload, index);
    this.index = index;
    name = "c" + index;
  }

  /** Calls of this client that were answered. */
  long answered() {
    return answered;
  }

  void pause() {
    long gap = workload.cluster().settings().clientPauseNanos();
    workload.simulation().after(chance.delay(gap), this::next);
  }

  private void next() {
    if (workload.isStopped()) {
      return;
    }
    turn++;
    calls.chooseNode();
    int dice = chance.below(32);
    if (dice < 8) {
      get();
    } else if (dice < 18) {
      put(false);
    } else if (dice < 22) {
      put(true);
    } else if (dice < 24) {
      delete();
    } else if (dice < 28) {
      useLease();
    } else if (chance.oneIn(8)) {
      long of = turn;
      new TwinLeases(workload, calls, "twins", () -> done(of, true)).begin();
    } else {
      useLock();
    }
  }

  /** Ends a turn, once. */
  private void done(long of, boolean heard) {
    if (of == turn) {
      turn++;
      answered += heard ? 1 : 0;
      pause();
    }
  }

  private long now() {
    return workload.simulation().now();
  }

  private String key() {
    return "k" + chance.below(KEYS) + "." + workload.operations() / (CALLS_ON_A_KEY * KEYS);
  }

  private void get() {
    if (chance.oneIn(4)) {
      getNearby();
      return;
    }
    String key = key();
    long of = turn;
    long invoked = now();
    calls.<KeyRecord>read(
        view -> view.get(Bytes.utf8(key)),
        (fresh, found) -> {
          if (fresh && of == turn) {
            workload
                .history()
                .read(Operation.answered(name, new Call.Get(key), response(found), invoked, now()));
            revisions.put(key, found == null ? 0 : found.meta().modRevision());
          }
          done(of, fresh);
        });
  }

  /**
   * A read with {@code max_staleness}: as good as a linearizable one that began when the node was
   * last confirmed to be current.
   */
  private void getNearby() {
    String key = key();
    long of = turn;
    calls.readNearby(
        STALENESS_MILLIS_MAX,
        view -> view.get(Bytes.utf8(key)),
        (currentAt, found) -> {
          boolean fresh = currentAt >= 0;
          if (fresh && of == turn) {
            workload
                .history()
                .read(
                    Operation.answered(
                        name + " nearby", new Call.Get(key), response(found), currentAt, now()));
          }
          done(of, fresh);
        });
  }

  private static Response response(@Nullable KeyRecord found) {
    return found == null
        ? new Response.Missing()
        : new Response.Found(
            found.value().utf8(), found.meta().modRevision(), found.meta().version());
  }

  private void put(boolean keyed) {
    String key = key();
    String value = name + "-" + ++number;
    long known = revisions.getOrDefault(key, -1L);
    boolean conditional = known >= 0 && chance.oneIn(2);
    KeyCondition condition =
        !conditional
            ? new KeyCondition.Always()
            : known == 0 ? new KeyCondition.Absent() : new KeyCondition.RevisionIs(known);
    Condition modelled =
        !conditional
            ? new Condition.Always()
            : known == 0 ? new Condition.Absent() : new Condition.RevisionIs(known);
    Mutation mutation = new Mutation(name, new Call.Put(key, value, modelled), value, true, now());
    Command command =
        condition instanceof KeyCondition.RevisionIs(long revision) && chance.oneIn(2)
            ? putIfStill(key, value, revision)
            : put(key, value, new LeaseBinding.Detach(), condition, List.of());
    mutate(mutation, command, keyed ? requestKey(value) : null);
  }

  /** A compare-and-set as a transaction, which reads what there is instead when it may not put. */
  private static Command putIfStill(String key, String value, long revision) {
    KeyRange range = KeyRange.of(Bytes.utf8(key));
    Compare still = new Compare.Keys(range, new Operand.ModRevision(revision), Operator.EQUAL);
    io.lockstep.kv.txn.Operation put =
        new io.lockstep.kv.txn.Operation.Put(
            Bytes.utf8(key), Bytes.utf8(value), "text/plain", new LeaseBinding.Detach());
    Transaction transaction =
        new Transaction(
            List.of(still),
            List.of(put),
            List.of(new io.lockstep.kv.txn.Operation.Get(range, 1, false)));
    return new Command.Txn(transaction, List.of());
  }

  private static Response ofTransaction(Result.TxnDone done) {
    return switch (done.results().getFirst()) {
      case Result.KeyPut put -> new Response.Written(put.meta().modRevision());
      case Result.RecordsFound found ->
          new Response.Refused(
              found.records().isEmpty() ? 0 : found.records().getFirst().meta().modRevision());
      default -> throw new IllegalStateException("no such step was asked for: " + done);
    };
  }

  private RequestKey requestKey(String text) {
    return new RequestKey(name, Bytes.utf8(text), Bytes.utf8("f" + text));
  }

  /** What a plain write was answered; null for a refusal by the state machine. */
  static @Nullable Response written(Answer.Done done) {
    return done.applied().result() instanceof Result.KeyPut put
        ? new Response.Written(put.meta().modRevision())
        : null;
  }

  static Command put(
      String key,
      String value,
      LeaseBinding binding,
      KeyCondition condition,
      List<LockGuard> guards) {
    return new Command.Put(
        Bytes.utf8(key), Bytes.utf8(value), "text/plain", binding, condition, guards, false);
  }

  private void delete() {
    String key = key();
    Mutation mutation =
        new Mutation(name, new Call.Delete(key, new Condition.Always()), null, true, now());
    Command command =
        new Command.Delete(Bytes.utf8(key), new KeyCondition.Always(), List.of(), false);
    mutate(mutation, command, chance.oneIn(4) ? requestKey("d" + ++number) : null);
  }

  private void mutate(Mutation mutation, Command command, @Nullable RequestKey key) {
    workload.history().add(mutation);
    long of = turn;
    attempt(mutation, command, key, of);
    if (key != null && chance.oneIn(2)) {
      // Again through another node while the first is under way, or just after.
      workload.simulation().after(chance.delay(4 * MILLI), () -> again(mutation, command, key, of));
    }
  }

  private void again(Mutation mutation, Command command, RequestKey key, long of) {
    if (mutation.attempts < 4 && !workload.isStopped()) {
      calls.otherNode();
      attempt(mutation, command, key, of);
    }
  }

  private void attempt(Mutation mutation, Command command, @Nullable RequestKey key, long of) {
    mutation.attempts++;
    calls.submit(
        key,
        command,
        answer -> {
          switch (answer) {
            case Answer.Done done -> {
              heard(mutation, done);
              done(of, true);
            }
            case Answer.NotApplied refused -> {
              mutation.refused();
              retryOrEnd(mutation, command, key, of);
            }
            case Answer.Unknown unknown -> retryOrEnd(mutation, command, key, of);
            case Answer.WaitPassed passed -> unexpected(command, passed);
          }
        });
  }

  private void retryOrEnd(Mutation mutation, Command command, @Nullable RequestKey key, long of) {
    if (key != null && of == turn && mutation.attempts < 4 && !workload.isStopped()) {
      again(mutation, command, key, of);
    } else {
      done(of, false);
    }
  }

  private void heard(Mutation mutation, Answer.Done done) {
    Response response =
        switch (done.applied().result()) {
          case Result.KeyPut put -> new Response.Written(put.meta().modRevision());
          case Result.TxnDone txn -> ofTransaction(txn);
          case Result.KeysDeleted deleted -> new Response.Deleted(done.applied().revision());
          case Failure.KeyNotFound none -> new Response.Missing();
          case Failure.ConditionFailed failed ->
              new Response.Refused(failed.current() == null ? 0 : failed.current().modRevision());
          case Failure.StaleToken stale -> null;
          case Failure.LeaseEnded ended -> null;
          case Failure.LeaseNotFound none -> null;
          default -> {
            unexpected(mutation.call, done);
            yield null;
          }
        };
    mutation.answered(response, now());
    if (response instanceof Response.Written written) {
      revisions.put(mutation.call.key(), written.revision());
    } else if (response instanceof Response.Refused refused && refused.current() >= 0) {
      revisions.put(mutation.call.key(), refused.current());
    }
  }

  private void unexpected(Object asked, Object answer) {
    workload.cluster().fail("an answer fits its request", asked + " got " + answer);
  }

  private void useLease() {
    LeaseId mine = lease;
    if (mine == null) {
      grantLease();
    } else if (chance.oneIn(3)) {
      String value = name + "-" + ++number;
      String key = "l/" + name + "/" + chance.below(2);
      Mutation mutation =
          new Mutation(name, new Call.Put(key, value, new Condition.Always()), value, false, now());
      LeaseBinding binding = new LeaseBinding.Attach(mine);
      mutate(mutation, put(key, value, binding, new KeyCondition.Always(), List.of()), null);
    } else if (chance.oneIn(6)) {
      lease = null;
      if (hold != null && hold.lease.equals(mine)) {
        letGo();
      }
      simply(new Command.LeaseRevoke(mine), result -> {});
    } else if (chance.oneIn(8)) {
      lease = null;
      grantLease();
    } else {
      renew(new Renewal.OfLease(mine));
    }
  }

  private void grantLease() {
    long asked = now();
    long ttl = 1_000L + 500L * chance.below(3);
    simply(
        new Command.LeaseGrant(ttl, chance.nextLong()),
        result -> {
          if (result instanceof Result.LeaseGranted granted) {
            lease = granted.lease();
            workload.history().promised(granted.lease(), workload.safeUntil(asked, ttl));
          }
        });
  }

  private void renew(Renewal renewal) {
    long asked = now();
    Hold holding = hold;
    simply(
        new Command.Renew(List.of(renewal)),
        result -> {
          boolean ofLease = renewal instanceof Renewal.OfLease;
          if (!(result instanceof Result.Renewed renewed)) {
            unexpected(renewal, result);
          } else if (renewed.results().getFirst() instanceof RenewalResult.Alive alive) {
            long safe = workload.safeUntil(asked, alive.expiresInMillis());
            workload.history().promised(alive.lease(), safe);
            if (!ofLease && holding != null && holding == hold) {
              holding.safeUntil(safe);
            }
          } else if (ofLease) {
            lease = null;
          } else {
            letGo();
          }
        });
  }

  /** One call without a key; {@code then} hears the result if there is one. */
  private void simply(Command command, Consumer<Result> then) {
    long of = turn;
    calls.submit(
        null,
        command,
        answer -> {
          if (of == turn && answer instanceof Answer.Done done) {
            then.accept(done.applied().result());
          }
          if (command instanceof Command.Renew) {
            mustPass(answer);
          }
          done(of, answer instanceof Answer.Done);
        });
  }

  /** Renews in the middle of a crowd, beside whatever else it does. */
  void renewInTheCrowd() {
    LeaseId mine = lease;
    if (mine != null) {
      Command renew = new Command.Renew(List.of(new Renewal.OfLease(mine)));
      new Calls(workload, index).submit(null, renew, this::mustPass);
    }
  }

  private void mustPass(Answer answer) {
    boolean gaveWay = answer instanceof Answer.NotApplied(Refusal why) && why == OVERLOADED;
    if (gaveWay && workload.renewalsMustPass()) {
      workload.cluster().fail("renewals pass when writes give way", name + " got " + answer);
    }
  }

  private void letGo() {
    Hold ended = hold;
    if (ended != null) {
      ended.givenUp(now());
      past = ended;
      hold = null;
    }
  }

  private void useLock() {
    Hold holding = hold;
    if (holding == null) {
      if (past != null && chance.oneIn(3)) {
        guarded(past);
      } else {
        acquire();
      }
    } else if (chance.oneIn(2)) {
      guarded(past != null && chance.oneIn(4) ? past : holding);
    } else if (chance.oneIn(3)) {
      renew(new Renewal.OfGrant(Bytes.utf8(holding.lock), holding.token));
    } else {
      letGo();
      if (!chance.oneIn(4)) {
        Claim claim =
            chance.oneIn(2) ? new Claim.ByToken(holding.token) : new Claim.ByLease(holding.lease);
        simply(new Command.LockRelease(Bytes.utf8(holding.lock), claim), result -> {});
      } else {
        done(turn, false);
      }
    }
  }

  private void guarded(Hold under) {
    String value = name + "-" + ++number;
    String key = "g/" + under.lock;
    Mutation mutation =
        new Mutation(name, new Call.Put(key, value, new Condition.Always()), value, true, now());
    workload.history().add(mutation);
    LockGuard guard = new LockGuard(Bytes.utf8(under.lock), under.token);
    long of = turn;
    mutation.attempts++;
    calls.submit(
        null,
        put(key, value, new LeaseBinding.Detach(), new KeyCondition.Always(), List.of(guard)),
        answer -> {
          if (answer instanceof Answer.Done done) {
            heard(mutation, done);
            if (done.applied().result() instanceof Result.KeyPut put) {
              workload.history().guarded(under.lock, under.token, put.meta().modRevision());
            }
          } else if (answer instanceof Answer.NotApplied) {
            mutation.refused();
          }
          done(of, answer instanceof Answer.Done);
        });
  }

  private void acquire() {
    String lock = "lock" + chance.below(LOCKS);
    long of = turn;
    RequestKey key = chance.oneIn(3) ? requestKey("a" + ++number) : null;
    LockAttempts attempts =
        new LockAttempts(
            workload,
            calls,
            name,
            lock,
            lease,
            key,
            got -> {
              if (of == turn) {
                hold = got;
              }
            },
            heard -> done(of, heard));
    attempts.begin(() -> of == turn && !workload.isStopped());
  }

  /** What a confirmed read found. */
  interface Found<T> {
    void found(boolean confirmed, @Nullable T found);
  }

  /** What a node found in its own state. */
  interface FoundNearby {
    /** {@code currentAt}: when that state was current for certain, negative when it is too old. */
    void found(long currentAt, @Nullable KeyRecord record);
  }
}
