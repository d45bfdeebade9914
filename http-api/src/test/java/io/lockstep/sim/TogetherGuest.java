package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A client that takes several locks together, or one that stays closed for a while after its lease
 * has expired; and that often goes away without a word.
 */
final class TogetherGuest extends Guest {
  /** The first are those of everyone else, too. */
  private static final int LOCKS = 5;

  private static final int ATTEMPTS_MAX = 4;

  private final Set<Offer> offers;
  private final List<Hold> holds = new ArrayList<>();

  /** One acquire over all its attempts; its names ascend. */
  private record Wanted(
      List<LockName> names,
      Holder holder,
      long waitMillis,
      long delayMillis,
      @Nullable RequestKey key,
      long began,
      List<Long> nonces) {}

  TogetherGuest(SystemWorkload workload, int index, Set<Offer> offers) {
    super(workload, index);
    this.offers = offers;
  }

  @Override
  void next() {
    holds.removeIf(hold -> hold.safeUntil() < now());
    if (holds.isEmpty()) {
      acquire();
    } else {
      use();
    }
  }

  private void acquire() {
    boolean together = offers.contains(Offer.TOGETHER);
    TreeSet<LockName> names = new TreeSet<>();
    int count = together ? chance.below(2) + 2 : 1;
    while (names.size() < count) {
      names.add(LockName.lock(Bytes.utf8("lock" + chance.below(LOCKS))));
    }
    boolean delayed = offers.contains(Offer.DELAYS) && (!together || chance.oneIn(2));
    attempt(
        new Wanted(
            List.copyOf(names),
            new Holder.OwnLease(chance.between(1_000, 2_000)),
            chance.oneIn(3) ? 0 : chance.between(100, 2_500),
            delayed ? chance.between(200, 1_500) : 0,
            keyOneIn(4),
            now(),
            new ArrayList<>()),
        1);
  }

  private void attempt(Wanted wanted, int attempt) {
    long asked = now();
    Command.LockAcquire command =
        new Command.LockAcquire(
            wanted.names().getFirst(),
            LockMode.EXCLUSIVE,
            wanted.holder(),
            name,
            Bid.NONE,
            wanted.waitMillis(),
            0,
            calls.server(),
            wanted.key() != null,
            chance.nextLong(),
            wanted.names().subList(1, wanted.names().size()),
            wanted.delayMillis());
    wanted.nonces().add(command.nonce());
    workload.witness().holders().asked(command);
    calls.acquire(wanted.key(), command, answer -> heard(wanted, attempt, asked, answer));
  }

  private void heard(Wanted wanted, int attempt, long asked, Answer answer) {
    switch (answer) {
      case Answer.Done done -> {
        if (done.applied().result() instanceof Result.LockGranted granted) {
          granted(wanted, asked, granted);
        } else if (done.applied().result() instanceof Result.LockQueued) {
          workload.cluster().fail("an answer fits its request", wanted + " got " + done);
        }
        pause();
      }
      case Answer.WaitPassed passed -> {
        wanted.nonces().forEach(workload.witness().holders()::waitPassed);
        pause();
      }
      case Answer.NotApplied refused -> again(wanted, attempt);
      case Answer.Unknown unknown -> again(wanted, attempt);
    }
  }

  private void again(Wanted wanted, int attempt) {
    if (wanted.key() == null || attempt >= ATTEMPTS_MAX || workload.isStopped()) {
      pause();
      return;
    }
    calls.otherNode();
    workload.simulation().after(chance.delay(4 * MILLI), () -> attempt(wanted, attempt + 1));
  }

  private void granted(Wanted wanted, long asked, Result.LockGranted granted) {
    List<LockName> told = new ArrayList<>(List.of(granted.name()));
    told.addAll(granted.also());
    if (!told.equals(wanted.names())) {
      workload
          .cluster()
          .fail("what is asked for together is granted together", wanted + " got " + told);
    }
    long safe = workload.safeUntil(asked, granted.expiresInMillis());
    workload.history().promised(granted.lease(), safe);
    for (LockName each : wanted.names()) {
      Hold hold =
          new Hold(
              HolderWitness.text(each),
              granted.token(),
              granted.lease(),
              name,
              wanted.began(),
              now(),
              safe);
      holds.add(hold);
      workload.history().add(hold);
    }
    if (wanted.names().size() > 1) {
      workload.guests().used(Offer.TOGETHER);
    }
    if (wanted.delayMillis() > 0) {
      workload.guests().used(Offer.DELAYS);
    }
  }

  private void use() {
    int dice = chance.below(10);
    Hold any = holds.get(chance.below(holds.size()));
    if (dice < 4) {
      renew(any);
    } else if (dice < 7) {
      // It is gone, and what it has ends by itself: it counts on that no longer than it may.
      holds.clear();
      pause();
    } else {
      Claim claim = chance.oneIn(2) ? new Claim.ByToken(any.token) : new Claim.ByLease(any.lease);
      letGo();
      LockName by = LockName.lock(Bytes.utf8(any.lock));
      ask(() -> new Command.LockRelease(by, claim), (began, asked, result) -> pause());
    }
  }

  /** Under any of the names: all of them are renewed, or none. */
  private void renew(Hold any) {
    LockName by = LockName.lock(Bytes.utf8(any.lock));
    Renewal renewal =
        chance.oneIn(2) ? new Renewal.OfGrant(by, any.token) : new Renewal.OfLease(any.lease);
    askOnce(
        new Command.Renew(List.of(renewal)),
        (began, asked, result) -> {
          if (result instanceof Result.Renewed renewed) {
            renewed(asked, renewed.results().getFirst());
          }
          pause();
        });
  }

  private void renewed(long asked, RenewalResult result) {
    if (result instanceof RenewalResult.Alive alive) {
      long safe = workload.safeUntil(asked, alive.expiresInMillis());
      workload.history().promised(alive.lease(), safe);
      holds.stream()
          .filter(hold -> hold.lease.equals(alive.lease()))
          .forEach(hold -> hold.safeUntil(safe));
    } else if (result instanceof RenewalResult.Refused(Failure failure)
        && !(failure instanceof Failure.AmbiguousToken)) {
      letGo();
    }
  }

  private void letGo() {
    holds.forEach(hold -> hold.givenUp(now()));
    holds.clear();
  }
}
