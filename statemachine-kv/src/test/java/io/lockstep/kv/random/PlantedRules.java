package io.lockstep.kv.random;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.request.StoredAnswer;

/** Bugs on purpose, each in one decision, to prove that tests find them. */
public final class PlantedRules {
  private PlantedRules() {}

  /** A lease ends one tick early. */
  public static final class LeaseDueEarly extends Rules {
    @Override
    protected boolean due(long clusterTimeMillis, long deadlineMillis) {
      return clusterTimeMillis >= deadlineMillis;
    }
  }

  /** A waiter is granted the lock though its lease is just ending. */
  public static final class GrantNotValidated extends Rules {
    @Override
    protected boolean mayBeGranted(Waiter waiter, LeaseTable leases, long clusterTimeMillis) {
      return true;
    }
  }

  /** A retry is executed again. */
  public static final class RetryExecuted extends Rules {
    @Override
    protected StoredAnswer remembered(RequestTable requests, RequestKey key) {
      return null;
    }
  }

  /** A guard does not guard. */
  public static final class GuardIgnored extends Rules {
    @Override
    protected boolean holds(LockGuard guard, Lock lock) {
      return true;
    }
  }

  /** A guard accepts any token of the past. */
  public static final class GuardAcceptsOlder extends Rules {
    @Override
    protected boolean holds(LockGuard guard, Lock lock) {
      Grant latest = lock == null ? null : lock.grants().latest();
      return latest != null && guard.token() <= latest.token();
    }
  }

  /** Ids come out of a block that another node's has outdated. */
  public static final class OutdatedBlockAccepted extends Rules {
    @Override
    protected boolean ofPresentBlock(Sequence sequence, TakeIds take) {
      return take.first() > 0 && take.first() + take.count() <= sequence.next();
    }
  }

  /** Permits are given as long as one is free, however many are wanted. */
  public static final class PermitsOvercommitted extends Rules {
    @Override
    protected boolean fits(Permits wanted, long free) {
      return free > 0;
    }
  }

  /** Several locks are taken as soon as nobody holds them, past those who came before. */
  public static final class OvertakenTogether extends Rules {
    @Override
    protected boolean isTurn(Lock lock, TicketId first, Waiter waiter) {
      return lock.grants().isEmpty();
    }
  }

  /** Several locks are granted though one of them is still held. */
  public static final class TakenInPart extends Rules {
    @Override
    protected boolean isTurn(Lock lock, TicketId first, Waiter waiter) {
      return waiter.ticket().equals(first);
    }
  }

  /** Several open locks are taken as soon as nobody holds them, past those who came before. */
  public static final class OvertakenWhileOpen extends Rules {
    @Override
    protected boolean isTurn(Lock lock, TicketId first, Waiter waiter) {
      return lock.grants().isEmpty() && !lock.closed();
    }
  }

  /** Several locks are taken only where nobody else waits. */
  public static final class GivesWayTogether extends Rules {
    @Override
    protected boolean isTurn(Lock lock, TicketId first, Waiter waiter) {
      return super.isTurn(lock, first, waiter) && lock.queue().size() == 1;
    }
  }

  /** A lock is handed on at once when a lease expires. */
  public static final class DelayIgnored extends Rules {
    @Override
    protected long closedUntil(Grant grant, long clusterTimeMillis) {
      return 0;
    }
  }

  /** A fence goes back. */
  public static final class FenceGoesBack extends Rules {
    @Override
    protected boolean outdated(long token, long current) {
      return false;
    }
  }

  /** A worker id that was lost is somebody's again at once. */
  public static final class LostWorkerNotRested extends Rules {
    @Override
    protected long restsUntil(long clusterTimeMillis, long ttlMillis) {
      return clusterTimeMillis;
    }
  }

  /** From whom a lock was taken away writes on under its token. */
  public static final class ForcedStillGuards extends Rules {
    @Override
    protected boolean holds(LockGuard guard, Lock lock) {
      return super.holds(guard, lock)
          || lock != null
              && lock.past().stream()
                  .anyMatch(past -> past.token() == guard.token() && past.end() == GrantEnd.FORCED);
    }
  }

  /** A lock keeps its token when it changes hands. */
  public static final class TokenNotIncreasing extends Rules {
    @Override
    protected long token(Lock lock, long revision) {
      return lock.past().isEmpty() ? revision : lock.past().getLast().token();
    }
  }
}
