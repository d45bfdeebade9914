package io.lockstep.kv.apply;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.request.StoredAnswer;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.OneHeld;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.result.Result.TxnDone;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.raft.Invariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stored answer, told again. What speaks of time or of a place in a queue is told as it is now: a
 * replay never promises time that has passed. Everything else is told as it was, with the revision
 * of then.
 */
public final class Replay {
  private Replay() {}

  /** What a retry of {@code stored} is answered in {@code state}. */
  public static Applied of(State state, StoredAnswer stored, long index) {
    Result present = present(state, stored.result());
    long revision = present.equals(stored.result()) ? stored.revision() : state.revision();
    return new Applied(index, revision, true, present);
  }

  /** What has become of a ticket: granted, queued, ended, or never made. */
  public static Result ticket(State state, TicketId ticket) {
    if (state.places().lockOf(ticket) == null) {
      boolean made = ticket.index() > 0 && ticket.index() <= state.appliedIndex();
      return made ? new TicketEnded(ticket) : new TicketNotFound(ticket);
    }
    return LockAnswers.ofTicket(
        state.leases(), state.places(), state.locks(), ticket, state.clusterTimeMillis());
  }

  /** Why a lease does not run in {@code state}. */
  public static Failure absence(State state, LeaseId lease) {
    return LockAnswers.absence(
        state.leases(), state.places(), state.locks(), lease, state.appliedIndex());
  }

  /** Who holds a lock in {@code state}; null for a free one. */
  public static @Nullable HolderInfo holder(State state, Lock lock) {
    return LockAnswers.holderInfo(state.leases(), lock, state.clusterTimeMillis());
  }

  /** How long a delay still holds a lock up in {@code state}; 0 when none does. */
  public static long opensInMillis(State state, Lock lock) {
    return LockAnswers.opensInMillis(lock, state.clusterTimeMillis());
  }

  /** One who holds a lock in {@code state}. */
  public static HolderInfo holder(State state, Grant grant) {
    return LockAnswers.holderInfo(state.leases(), grant, state.clusterTimeMillis());
  }

  /** Those who hold a lock in {@code state}, the first {@code max}. */
  public static List<HolderInfo> holders(State state, Lock lock, int max) {
    List<HolderInfo> holders = new ArrayList<>();
    for (Grant grant : lock.grants().first(max)) {
      holders.add(holder(state, grant));
    }
    return holders;
  }

  private static Result present(State state, Result stored) {
    return switch (stored) {
      case LeaseGranted granted -> {
        Lease lease = state.leases().get(granted.lease());
        yield lease == null
            ? absence(state, granted.lease())
            : new LeaseGranted(lease.id(), lease.ttlMillis(), expiresIn(state, lease));
      }
      case TtlKeyPut put -> {
        LeaseId id = Invariant.present(put.meta().lease(), "a key with a time to live has a lease");
        Lease lease = state.leases().get(id);
        long left = lease == null ? 0 : expiresIn(state, lease);
        yield new TtlKeyPut(put.meta(), put.created(), put.ttlMillis(), left);
      }
      case PeriodClaimed claimed -> {
        Lease lease = state.leases().get(claimed.lease());
        yield lease == null
            ? absence(state, claimed.lease())
            : claimed.expiringIn(expiresIn(state, lease));
      }
      case WorkerLeased worker -> {
        Lease lease = state.leases().get(worker.lease());
        yield lease == null
            ? absence(state, worker.lease())
            : worker.expiringIn(expiresIn(state, lease));
      }
      case TxnDone done -> {
        List<Result.Success> present = new ArrayList<>(done.results().size());
        for (Result.Success one : done.results()) {
          present.add((Result.Success) present(state, one));
        }
        yield new TxnDone(done.then(), present);
      }
      case Renewed renewed -> renewed(state, renewed);
      case LockGranted granted -> granted(state, granted);
      case LockQueued queued -> ticket(state, queued.ticket());
      case LockHeld held -> held(state, held);
      case OneHeld(LockName name, LockHeld held) -> new OneHeld(name, held(state, held));
      case NotHolder refused -> {
        HolderInfo then = refused.holder();
        yield then == null ? refused : new NotHolder(holderNow(state, then));
      }
      case Result.Success told -> told;
      case Failure told -> told;
      case Result.OutcomeOnly told -> told;
    };
  }

  private static Result renewed(State state, Renewed renewed) {
    List<RenewalResult> present = new ArrayList<>(renewed.results().size());
    for (RenewalResult result : renewed.results()) {
      present.add(
          switch (result) {
            case Alive(LeaseId id, long ttlMillis, long expiresIn) -> {
              Lease lease = state.leases().get(id);
              yield lease == null
                  ? new Refused(absence(state, id))
                  : new Alive(id, ttlMillis, expiresIn(state, lease));
            }
            case Polled(Result.Success then) -> polled(state, then);
            case Refused refused -> refused;
          });
    }
    return new Renewed(present);
  }

  private static RenewalResult polled(State state, Result.Success then) {
    Result present = present(state, then);
    return present instanceof Result.Success success
        ? new Polled(success)
        : new Refused((Failure) present);
  }

  private static Result granted(State state, LockGranted granted) {
    Lock lock = state.locks().get(granted.name());
    Grant grant = lock == null ? null : lock.grants().get(granted.ticket());
    if (grant != null) {
      return ticket(state, granted.ticket());
    }
    return state.leases().get(granted.lease()) == null
        ? absence(state, granted.lease())
        : new TicketEnded(granted.ticket());
  }

  private static LockHeld held(State state, LockHeld held) {
    HolderInfo then = held.holder();
    if (then == null) {
      return held;
    }
    HolderInfo holder = holderNow(state, then);
    long retryAfter = holder.expiresInMillis() == 0 ? 0 : holder.expiresInMillis() + 1;
    return new LockHeld(held.reason(), holder, retryAfter, held.queueLength());
  }

  /** A holder of then with the time that its lease has now: none if it no longer runs. */
  private static HolderInfo holderNow(State state, HolderInfo then) {
    Lease lease = state.leases().get(then.lease());
    return new HolderInfo(
        then.owner(),
        then.token(),
        then.lease(),
        then.sinceRevision(),
        lease == null ? 0 : expiresIn(state, lease));
  }

  private static long expiresIn(State state, Lease lease) {
    return lease.expiresInMillis(state.clusterTimeMillis());
  }
}
