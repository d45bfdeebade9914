package io.lockstep.sim;

import io.lockstep.http.service.Answer;
import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client that takes locks, alone and with others, permits of a semaphore, and offices; waits for
 * them, or polls a ticket until it tires of it; and now and then takes a lock away from others.
 */
final class PlaceGuest extends Guest {
  /** The first are those of everyone else, too. */
  private static final int LOCKS = 3;

  private static final int PERMITS = 3;
  private static final int POLLS_MAX = 6;
  private static final int ATTEMPTS_MAX = 4;

  private final Set<Offer> offers;
  private final List<LockKind> kinds = new ArrayList<>();
  private final List<Held> holds = new ArrayList<>();

  private record Held(LockName name, Hold hold) {}

  /** One acquire over all its attempts. */
  private record Wanted(
      LockName name,
      LockMode mode,
      Holder holder,
      Bid bid,
      long waitMillis,
      long queueTtlMillis,
      @Nullable RequestKey key,
      long began,
      List<Long> nonces) {}

  PlaceGuest(SystemWorkload workload, int index, Set<Offer> offers) {
    super(workload, index);
    this.offers = offers;
    Set<Offer> ofLocks = EnumSet.of(Offer.SHARED_LOCKS, Offer.TICKETS, Offer.FORCE);
    if (offers.stream().anyMatch(ofLocks::contains)) {
      kinds.add(LockKind.LOCK);
    }
    if (offers.contains(Offer.SEMAPHORES)) {
      kinds.add(LockKind.SEMAPHORE);
    }
    if (offers.contains(Offer.ELECTIONS)) {
      kinds.add(LockKind.ELECTION);
    }
  }

  @Override
  void next() {
    holds.removeIf(held -> held.hold().safeUntil() < now());
    if (offers.contains(Offer.FORCE) && chance.oneIn(12)) {
      force();
    } else if (holds.isEmpty() || chance.oneIn(5)) {
      acquire();
    } else {
      use(holds.get(chance.below(holds.size())));
    }
  }

  private void force() {
    LockName name = LockName.lock(Bytes.utf8("lock" + chance.below(LOCKS)));
    ask(
        () -> new Command.LockForce(name, 0, "by " + this.name),
        (began, asked, result) -> {
          if (result instanceof Result.LockForced) {
            workload.guests().used(Offer.FORCE);
          }
          pause();
        });
  }

  private void acquire() {
    LockKind kind = kinds.get(chance.below(kinds.size()));
    boolean shares = offers.contains(Offer.SHARED_LOCKS) && !chance.oneIn(3);
    LockName wanted =
        switch (kind) {
          case LOCK -> LockName.lock(Bytes.utf8("lock" + chance.below(LOCKS)));
          case ELECTION -> LockName.election(Bytes.utf8("office"));
          case SEMAPHORE -> LockName.semaphore(Bytes.utf8("permits"));
        };
    LockMode mode =
        switch (kind) {
          case LOCK -> shares ? LockMode.SHARED : LockMode.EXCLUSIVE;
          case ELECTION -> LockMode.EXCLUSIVE;
          case SEMAPHORE -> LockMode.SHARED;
        };
    Bid bid =
        switch (kind) {
          case LOCK -> Bid.NONE;
          case ELECTION -> new Bid(chance.below(3), Bytes.utf8(fresh("v")));
          case SEMAPHORE -> Bid.of(new Permits(chance.below(2) + 1, PERMITS));
        };
    boolean durable =
        offers.contains(Offer.TICKETS) && kind != LockKind.SEMAPHORE && chance.oneIn(2);
    attempt(
        new Wanted(
            wanted,
            mode,
            holder(kind),
            bid,
            durable || chance.oneIn(3) ? 0 : chance.between(100, 1_500),
            durable ? chance.between(200, 1_000) : 0,
            keyOneIn(4),
            now(),
            new ArrayList<>()),
        1);
  }

  /** What a candidate brings goes with a lease that is made for the office. */
  private Holder holder(LockKind kind) {
    return holds.isEmpty() || kind == LockKind.ELECTION || chance.oneIn(2)
        ? new Holder.OwnLease(chance.between(1_000, 2_000))
        : new Holder.ExistingLease(holds.get(chance.below(holds.size())).hold().lease);
  }

  private void attempt(Wanted wanted, int attempt) {
    long asked = now();
    Command.LockAcquire command =
        new Command.LockAcquire(
            wanted.name(),
            wanted.mode(),
            wanted.holder(),
            name,
            wanted.bid(),
            wanted.waitMillis(),
            wanted.queueTtlMillis(),
            calls.server(),
            wanted.key() != null || wanted.queueTtlMillis() > 0,
            chance.nextLong());
    wanted.nonces().add(command.nonce());
    workload.witness().holders().asked(command);
    calls.acquire(wanted.key(), command, answer -> heard(wanted, attempt, asked, answer));
  }

  private void heard(Wanted wanted, int attempt, long asked, Answer answer) {
    switch (answer) {
      case Answer.Done done -> place(wanted, 0, asked, done.applied().result());
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

  /** What became of an acquire, or of the ticket that came of it. */
  private void place(Wanted wanted, int polls, long asked, Result result) {
    if (result instanceof Result.LockGranted granted) {
      if (polls > 0) {
        workload.guests().used(Offer.TICKETS);
      }
      granted(wanted, asked, granted);
    } else if (result instanceof Result.LockQueued queued) {
      if (wanted.queueTtlMillis() == 0) {
        workload.cluster().fail("an answer fits its request", wanted + " got " + result);
      }
      pollLater(wanted, queued.ticket(), polls);
      return;
    }
    pause();
  }

  /** A ticket that is polled no more ends by itself. */
  private void pollLater(Wanted wanted, TicketId ticket, int polls) {
    if (polls >= POLLS_MAX || chance.oneIn(8) || workload.isStopped()) {
      pause();
      return;
    }
    workload.simulation().after(chance.delay(60 * MILLI), () -> poll(wanted, ticket, polls + 1));
  }

  private void poll(Wanted wanted, TicketId ticket, int polls) {
    long asked = now();
    calls.chooseNode();
    calls.poll(
        wanted.name(),
        ticket,
        chance.oneIn(2) ? 0 : chance.between(50, 600),
        answer -> {
          if (answer instanceof Answer.Done done) {
            place(wanted, polls, asked, done.applied().result());
          } else {
            pollLater(wanted, ticket, polls);
          }
        });
  }

  private void granted(Wanted wanted, long asked, Result.LockGranted granted) {
    long safe = workload.safeUntil(asked, granted.expiresInMillis());
    workload.history().promised(granted.lease(), safe);
    for (Held held : holds) {
      if (held.name().equals(wanted.name()) && held.hold().lease.equals(granted.lease())) {
        held.hold().safeUntil(safe);
        return;
      }
    }
    boolean shared = wanted.mode() == LockMode.SHARED;
    String text = HolderWitness.text(wanted.name());
    Hold hold =
        new Hold(text, granted.token(), granted.lease(), name, wanted.began(), now(), safe, shared);
    holds.add(new Held(wanted.name(), hold));
    Permits permits = wanted.bid().permits();
    switch (wanted.name().kind()) {
      case LOCK -> {
        workload.history().add(hold);
        if (shared) {
          workload.guests().used(Offer.SHARED_LOCKS);
        }
      }
      case ELECTION -> {
        workload.history().add(hold);
        workload.guests().used(Offer.ELECTIONS);
      }
      case SEMAPHORE -> {
        workload.history().permits().granted(hold, permits.count(), permits.limit());
        workload.guests().used(Offer.SEMAPHORES);
      }
    }
  }

  private void use(Held held) {
    Hold hold = held.hold();
    Claim claim = chance.oneIn(2) ? new Claim.ByToken(hold.token) : new Claim.ByLease(hold.lease);
    int dice = chance.below(12);
    if (dice < 5) {
      renew(held);
    } else if (dice < 8 && held.name().kind() == LockKind.ELECTION) {
      proclaimOrTransfer(held, claim);
    } else {
      letGo(hold.lease);
      if (dice == 11) {
        pause();
        return;
      }
      ask(() -> new Command.LockRelease(held.name(), claim), (b, a, result) -> pause());
    }
  }

  private void proclaimOrTransfer(Held held, Claim claim) {
    if (chance.oneIn(2)) {
      Bytes value = Bytes.utf8(fresh("p"));
      ask(
          () -> new Command.Proclaim(held.name(), claim, value),
          (b, a, result) -> {
            if (result instanceof Failure) {
              letGo(held.hold().lease);
            }
            pause();
          });
    } else {
      letGo(held.hold().lease);
      String to = Guests.anyone(chance.below(100));
      ask(() -> new Command.Transfer(held.name(), claim, to), (b, a, result) -> pause());
    }
  }

  private void renew(Held held) {
    LeaseId lease = held.hold().lease;
    Renewal renewal =
        chance.oneIn(2)
            ? new Renewal.OfGrant(held.name(), held.hold().token)
            : new Renewal.OfLease(lease);
    askOnce(
        new Command.Renew(List.of(renewal)),
        (began, asked, result) -> {
          if (result instanceof Result.Renewed renewed) {
            renewed(lease, asked, renewed.results().getFirst());
          }
          pause();
        });
  }

  private void renewed(LeaseId lease, long asked, RenewalResult result) {
    if (result instanceof RenewalResult.Alive alive) {
      long safe = workload.safeUntil(asked, alive.expiresInMillis());
      workload.history().promised(alive.lease(), safe);
      holds.stream()
          .filter(held -> held.hold().lease.equals(alive.lease()))
          .forEach(held -> held.hold().safeUntil(safe));
    } else if (result instanceof RenewalResult.Refused(Failure failure)
        && !(failure instanceof Failure.AmbiguousToken)) {
      letGo(lease);
    }
  }

  /** It counts on nothing more that this lease holds. */
  private void letGo(LeaseId lease) {
    holds.stream()
        .filter(held -> held.hold().lease.equals(lease))
        .forEach(held -> held.hold().givenUp(now()));
    holds.removeIf(held -> held.hold().lease.equals(lease));
  }
}
