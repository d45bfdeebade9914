package io.lockstep.kv.model;

import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LockHeld;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Failure.TicketEnded;
import io.lockstep.kv.result.Failure.TicketNotFound;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.LockReason;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.PlaceLeft;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Contract 7: exclusive locks, granted strictly first come, first served. */
public final class ModelLocks {
  /** Who holds a lock. */
  public record Grant(TicketId ticket, String owner, LeaseId lease, long token, long since) {}

  /** A grant that ended. */
  public record Past(long token, LeaseId lease, boolean lost) {}

  /** A place in a queue. */
  public static final class Waiter {
    public final LockAcquire asked;
    public final TicketId ticket;
    public final long since;
    public long deadline;
    public Server server;
    public boolean keep;

    Waiter(LockAcquire asked, TicketId ticket, long now) {
      this.asked = asked;
      this.ticket = ticket;
      this.since = now;
      this.deadline = now + asked.waitMillis();
      this.server = asked.server();
      this.keep = asked.keepPlace();
    }

    public @Nullable LeaseId lease() {
      return asked.holder() instanceof ExistingLease(LeaseId lease) ? lease : null;
    }
  }

  /** A lock that is remembered. */
  public static final class Lock {
    public final Bytes name;
    public @Nullable Grant grant;
    public final List<Waiter> queue = new ArrayList<>();
    public final List<Past> past = new ArrayList<>();
    public long idleSince;

    Lock(Bytes name) {
      this.name = name;
    }

    boolean idle() {
      return grant == null && queue.isEmpty();
    }
  }

  public final TreeMap<Bytes, Lock> byName = new TreeMap<>();
  private final TreeMap<Server, Long> heard = new TreeMap<>();
  private final Model model;

  ModelLocks(Model model) {
    this.model = model;
  }

  Result acquire(LockAcquire acquire) {
    if (!ModelKeys.lengthAllowed(acquire.name())) {
      return new KeyLengthInvalid(1024);
    }
    Lock lock = byName.get(acquire.name());
    switch (acquire.holder()) {
      case OwnLease(long ttl) -> {
        if (!model.leases.ttlAllowed(ttl)) {
          return model.leases.ttlFailure();
        }
      }
      case ExistingLease(LeaseId lease) -> {
        if (model.leases.get(lease) == null) {
          return model.leases.absence(lease);
        }
        if (lock != null && lock.grant != null && lock.grant.lease().equals(lease)) {
          return granted(lock);
        }
        if (lock != null && waiterOf(lock, lease) != null) {
          return takeUpAgain(acquire, lock, waiterOf(lock, lease));
        }
      }
    }
    boolean free = lock == null || lock.idle();
    if (!free && acquire.waitMillis() == 0) {
      return held(lock);
    }
    if (!free && lock.queue.size() >= model.limits.waitersOnLockMax()) {
      return new QueueFull(model.limits.waitersOnLockMax());
    }
    Failure growth = model.refusesGrowth(900 + 400);
    if (growth != null) {
      return growth;
    }
    if (lock == null) {
      lock = new Lock(acquire.name());
      byName.put(acquire.name(), lock);
    }
    TicketId ticket = new TicketId(model.index, acquire.nonce());
    Waiter waiter = new Waiter(acquire, ticket, model.now);
    if (free) {
      grant(lock, waiter);
      return granted(lock);
    }
    lock.queue.add(waiter);
    heardOf(waiter);
    model.history.lock(LockChange.QUEUE, lock, lock.grant);
    return queued(lock, waiter);
  }

  /** Contract 7: a lease that waits gets its ticket back; its place is kept for who asked last. */
  private Result takeUpAgain(LockAcquire acquire, Lock lock, Waiter waiter) {
    if (acquire.waitMillis() > 0) {
      waiter.deadline = Math.max(waiter.deadline, model.now + acquire.waitMillis());
      waiter.server = acquire.server();
      waiter.keep |= acquire.keepPlace();
      heardOf(waiter);
    }
    return queued(lock, waiter);
  }

  private void heardOf(Waiter waiter) {
    forgetNodesThatDoNotWait();
    if (!waiter.keep || heard.containsKey(waiter.server)) {
      heard.put(waiter.server, model.now);
    }
  }

  private void grant(Lock lock, Waiter waiter) {
    LeaseId lease =
        switch (waiter.asked.holder()) {
          case ExistingLease(LeaseId existing) -> existing;
          case OwnLease(long ttl) -> {
            LeaseId made = new LeaseId(waiter.ticket.index(), waiter.ticket.nonce());
            model.leases.start(made, ttl, true);
            yield made;
          }
        };
    lock.queue.remove(waiter);
    lock.grant =
        new Grant(waiter.ticket, waiter.asked.owner(), lease, model.history.next(), model.now);
    model.history.lock(LockChange.ACQUIRED, lock, lock.grant);
  }

  Result release(LockRelease release) {
    Lock lock = byName.get(release.name());
    if (lock == null) {
      return new NotHolder(null);
    }
    if (lock.grant != null && fits(release.claim(), lock.grant.token(), lock.grant.lease())) {
      long token = lock.grant.token();
      giveBack(lock);
      return new LockReleased(lock.name, token);
    }
    for (Past past : lock.past.reversed()) {
      if (fits(release.claim(), past.token(), past.lease())) {
        return past.lost()
            ? new GrantLost(past.token())
            : new LockReleased(lock.name, past.token());
      }
    }
    return new NotHolder(holderInfo(lock));
  }

  private static boolean fits(Claim claim, long token, LeaseId lease) {
    return switch (claim) {
      case ByToken by -> by.token() == token;
      case ByLease by -> by.lease().equals(lease);
    };
  }

  /** Contract 7: a lease made by the acquire itself ends with the release. */
  private void giveBack(Lock lock) {
    LeaseId lease = lock.grant.lease();
    if (model.leases.get(lease).own) {
      model.leases.end(lease, LeaseEnd.RELEASED);
    } else {
      endGrant(lock, false);
    }
  }

  Result leave(LockLeave leave) {
    TicketId ticket = leave.ticket();
    for (Lock lock : byName.values()) {
      boolean holds = lock.grant != null && lock.grant.ticket().equals(ticket);
      Waiter waiter = find(lock, ticket);
      if (holds || waiter != null) {
        if (!lock.name.equals(leave.name())) {
          return new TicketNotFound(ticket);
        }
        if (holds && leave.sparesGrant()) {
          return granted(lock);
        }
        if (holds) {
          giveBack(lock);
        } else {
          endPlace(lock, waiter);
        }
        return new PlaceLeft(holds);
      }
    }
    boolean made = ticket.index() > 0 && ticket.index() < model.index;
    return made ? new TicketEnded(ticket) : new TicketNotFound(ticket);
  }

  void endGrant(Lock lock, boolean lost) {
    Grant ended = lock.grant;
    lock.grant = null;
    lock.idleSince = model.now;
    lock.past.add(new Past(ended.token(), ended.lease(), lost));
    if (lock.past.size() > 16) {
      lock.past.removeFirst();
    }
    model.history.lock(lost ? LockChange.EXPIRED : LockChange.RELEASED, lock, ended);
    for (Waiter waiter : lock.queue) {
      LeaseId lease = waiter.lease();
      boolean alive =
          lease == null
              || model.leases.get(lease) != null && model.now <= model.leases.get(lease).deadline;
      if (alive) {
        grant(lock, waiter);
        return;
      }
    }
  }

  void endPlace(Lock lock, Waiter waiter) {
    lock.queue.remove(waiter);
    lock.idleSince = model.now;
    model.history.lock(LockChange.QUEUE, lock, lock.grant);
  }

  /** Contract 7: a waiter's place ends with its wait. */
  void endWaitsThatPassed() {
    while (true) {
      Waiter first =
          allWaiters().stream()
              .min(
                  Comparator.comparing((Waiter waiter) -> waiter.deadline)
                      .thenComparing(waiter -> waiter.ticket))
              .orElse(null);
      if (first == null || model.now <= first.deadline) {
        return;
      }
      endPlace(byName.get(first.asked.name()), first);
      model.history.close();
    }
  }

  /** Contract 7: so that no ghost is granted a lock. */
  void endPlacesOfSilentNodes() {
    forgetNodesThatDoNotWait();
    for (Server server : List.copyOf(heard.keySet())) {
      if (model.now > heard.get(server) + model.limits.serverSilenceMillis()) {
        allWaiters().stream()
            .filter(waiter -> !waiter.keep && waiter.server.equals(server))
            .sorted(Comparator.comparing(waiter -> waiter.ticket))
            .forEach(waiter -> endPlace(byName.get(waiter.asked.name()), waiter));
        model.history.close();
      }
    }
  }

  void heard(Server server) {
    forgetNodesThatDoNotWait();
    heard.computeIfPresent(server, (known, before) -> model.now);
  }

  private void forgetNodesThatDoNotWait() {
    heard
        .keySet()
        .removeIf(
            server ->
                allWaiters().stream()
                    .noneMatch(waiter -> !waiter.keep && waiter.server.equals(server)));
  }

  void forgetIdle() {
    for (int i = 0; i < 64; i++) {
      List<Lock> idle =
          byName.values().stream()
              .filter(Lock::idle)
              .sorted(
                  Comparator.comparing((Lock lock) -> lock.idleSince)
                      .thenComparing(lock -> lock.name))
              .toList();
      if (idle.isEmpty()) {
        return;
      }
      boolean old = model.now - idle.getFirst().idleSince > model.limits.idleLockMillis();
      if (!old && idle.size() <= model.limits.idleLocksMax()) {
        return;
      }
      byName.remove(idle.getFirst().name);
    }
  }

  public List<Bytes> heldBy(LeaseId lease) {
    return byName.values().stream()
        .filter(lock -> lock.grant != null && lock.grant.lease().equals(lease))
        .map(lock -> lock.name)
        .toList();
  }

  public List<Bytes> waitedForBy(LeaseId lease) {
    return byName.values().stream()
        .filter(lock -> waiterOf(lock, lease) != null)
        .map(lock -> lock.name)
        .toList();
  }

  @Nullable Waiter waiterOf(Lock lock, LeaseId lease) {
    return lock.queue.stream()
        .filter(waiter -> lease.equals(waiter.lease()))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Waiter find(Lock lock, TicketId ticket) {
    return lock.queue.stream()
        .filter(waiter -> waiter.ticket.equals(ticket))
        .findFirst()
        .orElse(null);
  }

  /** Whether a lease with the numbers of this ticket will be made at its grant. */
  boolean leaseIsToCome(TicketId ticket) {
    return allWaiters().stream()
        .anyMatch(waiter -> waiter.ticket.equals(ticket) && waiter.lease() == null);
  }

  public List<Waiter> allWaiters() {
    return byName.values().stream().flatMap(lock -> lock.queue.stream()).toList();
  }

  long firstDue() {
    forgetNodesThatDoNotWait();
    long waits = allWaiters().stream().mapToLong(w -> w.deadline).min().orElse(Long.MAX_VALUE);
    long silence =
        heard.values().stream()
            .mapToLong(at -> at + model.limits.serverSilenceMillis())
            .min()
            .orElse(Long.MAX_VALUE);
    return Math.min(waits, silence);
  }

  /** What a ticket's holder is told now. */
  public Result ticket(TicketId ticket) {
    for (Lock lock : byName.values()) {
      if (lock.grant != null && lock.grant.ticket().equals(ticket)) {
        return granted(lock);
      }
      Waiter waiter = find(lock, ticket);
      if (waiter != null) {
        return queued(lock, waiter);
      }
    }
    return ticket.index() > 0 && ticket.index() <= model.index
        ? new TicketEnded(ticket)
        : new TicketNotFound(ticket);
  }

  Result granted(Lock lock) {
    Grant grant = lock.grant;
    return new LockGranted(
        lock.name,
        grant.token(),
        grant.lease(),
        grant.ticket(),
        model.leases.get(grant.lease()).ttl,
        model.leases.expiresIn(grant.lease()));
  }

  private Result queued(Lock lock, Waiter waiter) {
    return new LockQueued(
        lock.name,
        waiter.ticket,
        waiter.lease(),
        lock.queue.indexOf(waiter) + 1,
        waiter.deadline - model.now);
  }

  private Result held(Lock lock) {
    HolderInfo holder = holderInfo(lock);
    return new LockHeld(
        lock.queue.isEmpty() ? LockReason.HELD : LockReason.QUEUED,
        holder,
        holder.expiresInMillis() + 1,
        lock.queue.size());
  }

  public @Nullable HolderInfo holderInfo(Lock lock) {
    Grant grant = lock.grant;
    return grant == null
        ? null
        : new HolderInfo(
            grant.owner(),
            grant.token(),
            grant.lease(),
            grant.token(),
            model.leases.expiresIn(grant.lease()));
  }

  long weight() {
    long sum = 0;
    for (Lock lock : byName.values()) {
      sum += 900 + lock.name.length() + 400L * lock.queue.size();
    }
    return sum;
  }
}
