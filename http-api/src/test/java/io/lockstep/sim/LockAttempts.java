package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.sim.Chance;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One acquire that a client wants. With an idempotency key it is asked again through another node
 * when its fate is not known, and must find the place, or the grant, that it made the first time.
 */
final class LockAttempts {
  private static final long MILLI = 1_000_000;
  private static final int ATTEMPTS_MAX = 4;

  private final SystemWorkload workload;
  private final Calls calls;
  private final Chance chance;
  private final String client;
  private final String lock;
  private final Holder holder;
  private final long waitMillis;
  private final @Nullable RequestKey key;
  private final Consumer<Hold> held;
  private final Consumer<Boolean> end;
  private final List<Long> nonces = new ArrayList<>();
  private final long firstAsked;
  private BooleanSupplier goesOn = () -> true;
  private int attempts;

  /**
   * Prepares an acquire.
   *
   * @param lease that the client has, and perhaps uses
   * @param key null for one that is asked for once
   * @param held hears of the grant
   * @param end hears at the end whether there was an answer
   */
  LockAttempts(
      SystemWorkload workload,
      Calls calls,
      String client,
      String lock,
      @Nullable LeaseId lease,
      @Nullable RequestKey key,
      Consumer<Hold> held,
      Consumer<Boolean> end) {
    this.workload = workload;
    this.calls = calls;
    this.chance = workload.chance();
    this.client = client;
    this.lock = lock;
    this.holder =
        lease != null && chance.oneIn(2)
            ? new Holder.ExistingLease(lease)
            : new Holder.OwnLease(chance.between(1_000, 2_000));
    this.waitMillis = chance.oneIn(3) ? 0 : chance.between(100, 2_500);
    this.key = key;
    this.held = held;
    this.end = end;
    firstAsked = now();
  }

  private long now() {
    return workload.simulation().now();
  }

  /** Asks, and again as long as {@code mayGoOn} says so. */
  void begin(BooleanSupplier mayGoOn) {
    goesOn = mayGoOn;
    attempt();
  }

  private void attempt() {
    attempts++;
    long asked = now();
    // Each attempt is made by its node, as over HTTP: only the key is the same.
    Command.LockAcquire command =
        new Command.LockAcquire(
            Bytes.utf8(lock),
            holder,
            client,
            waitMillis,
            calls.server(),
            key != null,
            chance.nextLong());
    nonces.add(command.nonce());
    calls.acquire(key, command, answer -> heard(asked, answer));
  }

  private void heard(long asked, Answer answer) {
    switch (answer) {
      case Answer.Done done -> {
        result(asked, done.applied().result());
        end.accept(true);
      }
      case Answer.WaitPassed passed -> {
        nonces.forEach(workload.witness().holders()::waitPassed);
        end.accept(true);
      }
      case Answer.NotApplied refused -> again(refused.refusal() != Refusal.NO_LEADER);
      case Answer.Unknown unknown -> again(false);
    }
  }

  private void again(boolean definite) {
    if (key == null || attempts >= ATTEMPTS_MAX || !goesOn.getAsBoolean()) {
      end.accept(definite);
      return;
    }
    calls.otherNode();
    workload.simulation().after(chance.delay(4 * MILLI), this::attempt);
  }

  private void result(long asked, Result result) {
    if (result instanceof Result.LockQueued) {
      workload.cluster().fail("an answer fits its request", lock + " got " + result);
    }
    if (!(result instanceof Result.LockGranted granted)) {
      return;
    }
    long safe = workload.safeUntil(asked, granted.expiresInMillis());
    Hold got = new Hold(lock, granted.token(), granted.lease(), client, firstAsked, now(), safe);
    workload.history().promised(granted.lease(), safe);
    workload.history().add(got);
    held.accept(got);
  }
}
