package io.lockstep.sim;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client of latches, of work once a period, of worker ids and of fences. */
final class GateGuest extends Guest {
  private static final int PARTIES = 4;

  /** So many are enough for a latch, whoever comes. */
  private static final int ARRIVALS = 3;

  /** Fewer numbers than clients that want one. */
  private static final int WORKER_BITS = 1;

  private static final Bytes FENCE = Bytes.utf8("fence");

  private final List<Offer> offers;
  private long fence;
  private @Nullable Hold worker;

  GateGuest(SystemWorkload workload, int index, Set<Offer> offers) {
    super(workload, index);
    this.offers = List.copyOf(offers);
  }

  private Guests guests() {
    return workload.guests();
  }

  private GateHistory gates() {
    return workload.history().gates();
  }

  @Override
  void next() {
    switch (offers.get(chance.below(offers.size()))) {
      case LATCHES -> arrive();
      case ONCE -> claim();
      case WORKER_IDS -> work();
      case FENCES -> fence();
      case SHARED_LOCKS, TICKETS, FORCE, SEMAPHORES, ELECTIONS, TOGETHER, DELAYS ->
          throw new IllegalStateException("is for others");
    }
  }

  private void arrive() {
    int which = guests().latch();
    String latch = "latch" + which;
    String id = name + "/" + chance.below(ARRIVALS);
    gates().arrives(latch, id);
    ask(
        () -> new Command.ArriveLatch(Bytes.utf8(latch), PARTIES, Bytes.utf8(id)),
        (began, asked, result) -> {
          if (result instanceof Result.LatchState state && state.open()) {
            opened(which, latch);
          } else if (chance.oneIn(2)) {
            await(which, latch);
            return;
          }
          pause();
        });
  }

  private void await(int which, String latch) {
    calls.awaitLatch(
        Bytes.utf8(latch),
        chance.between(100, 600) * MILLI,
        open -> {
          if (open) {
            judged(() -> opened(which, latch));
          }
          pause();
        });
  }

  private void opened(int which, String latch) {
    gates().opened(latch, PARTIES);
    guests().opened(which);
    guests().used(Offer.LATCHES);
  }

  private void claim() {
    int which = guests().period();
    String work = "work/" + which;
    long ttl = chance.between(1_000, 1_500);
    ask(
        () ->
            new Command.ClaimOnce(
                Bytes.utf8("work"), Bytes.utf8("p" + which), ttl, chance.nextLong()),
        (began, asked, result) -> {
          if (result instanceof Result.PeriodClaimed claimed) {
            gates().claimed(work, claimed.token(), began);
            Hold hold =
                hold(
                    work,
                    claimed.token(),
                    claimed.lease(),
                    began,
                    asked,
                    claimed.expiresInMillis());
            workload.simulation().after(chance.delay(60 * MILLI), () -> finish(which, work, hold));
            return;
          }
          if (result instanceof Failure.PeriodDone) {
            guests().done(which);
          }
          pause();
        });
  }

  /** Or forgets to. */
  private void finish(int which, String work, Hold hold) {
    hold.givenUp(now());
    if (chance.oneIn(4) || workload.isStopped()) {
      pause();
      return;
    }
    ask(
        () -> new Command.FinishOnce(Bytes.utf8("work"), hold.token),
        (began, asked, result) -> {
          if (result instanceof Result.PeriodFinished finished) {
            gates().finished(work, finished.token(), now());
            guests().done(which);
            guests().used(Offer.ONCE);
          }
          pause();
        });
  }

  private void work() {
    Hold mine = worker;
    if (mine == null || mine.safeUntil() < now()) {
      leaseWorker();
    } else if (chance.oneIn(2)) {
      renew(mine);
    } else {
      mine.givenUp(now());
      worker = null;
      if (chance.oneIn(3)) {
        pause();
      } else {
        ask(() -> new Command.LeaseRevoke(mine.lease), (b, a, result) -> pause());
      }
    }
  }

  private void leaseWorker() {
    long ttl = chance.between(1_000, 1_500);
    ask(
        () ->
            new Command.LeaseWorkerId(
                Bytes.utf8("workers"), WORKER_BITS, ttl, chance.nextLong(), now() / MILLI),
        (began, asked, result) -> {
          if (result instanceof Result.WorkerLeased leased) {
            guests().used(Offer.WORKER_IDS);
            worker =
                hold(
                    "worker " + leased.number(),
                    leased.lease().index(),
                    leased.lease(),
                    began,
                    asked,
                    leased.expiresInMillis());
          }
          pause();
        });
  }

  private void renew(Hold mine) {
    askOnce(
        new Command.Renew(List.of(new Renewal.OfLease(mine.lease))),
        (began, asked, result) -> {
          if (result instanceof Result.Renewed renewed
              && renewed.results().getFirst() instanceof RenewalResult.Alive alive) {
            long safe = workload.safeUntil(asked, alive.expiresInMillis());
            workload.history().promised(alive.lease(), safe);
            mine.safeUntil(safe);
          }
          pause();
        });
  }

  private Hold hold(
      String what, long token, LeaseId lease, long began, long asked, long expiresInMillis) {
    long safe = workload.safeUntil(asked, expiresInMillis);
    workload.history().promised(lease, safe);
    Hold hold = new Hold(what, token, lease, name, began, now(), safe);
    workload.history().add(hold);
    return hold;
  }

  private void fence() {
    if (chance.oneIn(3)) {
      long began = now();
      calls.<Long>read(
          view -> view.fence(FENCE),
          (confirmed, found) -> {
            if (confirmed && found != null) {
              seen(began, found);
            }
            pause();
          });
      return;
    }
    long token = Math.max(1, fence + chance.below(5) - 2);
    ask(
        () -> new Command.AdvanceFence(FENCE, token),
        (began, asked, result) -> {
          if (result instanceof Result.FenceAdvanced advanced) {
            seen(began, advanced.token());
            guests().used(Offer.FENCES);
          } else if (result instanceof Failure.StaleFence stale) {
            seen(began, stale.current());
          }
          pause();
        });
  }

  private void seen(long began, long value) {
    fence = Math.max(fence, value);
    gates().fenceSeen("fence", name, began, now(), value);
  }
}
