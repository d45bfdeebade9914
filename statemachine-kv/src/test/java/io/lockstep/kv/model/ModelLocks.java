package io.lockstep.kv.model;

import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.lock.PastGrant;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.LocksDiffer;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.QueueFull;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockForced;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Contract 7: locks and elections, granted strictly first come, first served, by priority. */
public final class ModelLocks {
  /** Who holds a lock. */
  public record Grant(
      Waiter from, LeaseId lease, Bytes value, long token, boolean joint, long since) {
    TicketId ticket() {
      return from.ticket;
    }

    String owner() {
      return from.asked.owner();
    }

    LockMode mode() {
      return from.asked.mode();
    }
  }

  /** A place in a queue. */
  public static final class Waiter {
    public final LockAcquire asked;
    public final TicketId ticket;
    public final long since;
    public long deadline;
    public Server server;
    public boolean keep;
    public long queueTtl;
    public long delay;

    Waiter(LockAcquire asked, TicketId ticket, long now) {
      this.asked = asked;
      this.ticket = ticket;
      this.since = now;
      this.deadline = now + Math.max(asked.waitMillis(), asked.queueTtlMillis());
      this.server = asked.server();
      this.keep = asked.keepPlace();
      this.queueTtl = asked.queueTtlMillis();
      this.delay = asked.delayMillis();
    }

    public @Nullable LeaseId lease() {
      return asked.holder() instanceof ExistingLease(LeaseId lease) ? lease : null;
    }
  }

  /** A lock that is remembered. */
  public static final class Lock {
    public final LockName name;

    /** In the order in which they were granted. */
    public final List<Grant> grants = new ArrayList<>();

    public final List<Waiter> queue = new ArrayList<>();
    public final List<PastGrant> past = new ArrayList<>();
    public long idleSince;

    /** Until when a delay lasts; 0 for none. */
    public long opens;

    Lock(LockName name) {
      this.name = name;
    }

    boolean idle() {
      return grants.isEmpty() && queue.isEmpty() && opens == 0;
    }

    boolean exclusive() {
      return grants.stream().anyMatch(grant -> grant.mode() == LockMode.EXCLUSIVE);
    }

    /** The grant with the greatest token; of several the one with the greatest ticket. */
    public @Nullable Grant latest() {
      return grants.stream()
          .max(Comparator.comparing(Grant::token).thenComparing(Grant::ticket))
          .orElse(null);
    }

    public @Nullable Grant find(Predicate<Grant> wanted) {
      return grants.stream().filter(wanted).findFirst().orElse(null);
    }

    /** Contract 7: shared holders granted in one revision have equal tokens. */
    boolean ambiguous(long token) {
      return grants.stream().anyMatch(grant -> grant.joint() && grant.token() == token)
          || past.stream().anyMatch(grant -> grant.joint() && grant.token() == token);
    }
  }

  public final TreeMap<LockName, Lock> byName = new TreeMap<>();
  private final Model model;

  private final ModelMultiLocks together;

  /** What is said of locks. */
  public final ModelLockAnswers said;

  /** To whom an office goes that is handed over just now. */
  @Nullable Waiter heir;

  ModelLocks(Model model) {
    this.model = model;
    said = new ModelLockAnswers(model);
    together = new ModelMultiLocks(model);
  }

  Result acquire(LockAcquire acquire) {
    if (!ModelKeys.lengthAllowed(acquire.name().text())) {
      return new KeyLengthInvalid(1024);
    }
    if (acquire.bid().value().length() > model.limits.valueBytesMax()) {
      return new ValueTooLarge(model.limits.valueBytesMax());
    }
    if (!acquire.also().isEmpty()) {
      return together.acquire(acquire);
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
        Grant held = lock == null ? null : lock.find(grant -> grant.lease().equals(lease));
        if (held != null) {
          Failure conflict = conflict(held.from().asked, acquire);
          return conflict == null ? said.granted(lock, held) : conflict;
        }
        Waiter waiter = lock == null ? null : model.places.waiterOf(lock, lease);
        if (waiter != null) {
          Failure conflict = conflict(waiter.asked, acquire);
          return conflict == null ? takeUpAgain(acquire, lock, waiter) : conflict;
        }
      }
    }
    Failure otherLimit = ModelPermits.refusal(lock, acquire);
    if (otherLimit != null) {
      return otherLimit;
    }
    boolean free = lock == null || lock.idle() || free(lock, acquire);
    if (!free && acquire.waitMillis() == 0 && acquire.queueTtlMillis() == 0) {
      return said.held(lock, acquire);
    }
    boolean full =
        free
            ? lock != null && lock.grants.size() > model.limits.waitersOnLockMax()
            : lock.queue.size() >= model.limits.waitersOnLockMax();
    if (full) {
      return new QueueFull(model.limits.waitersOnLockMax());
    }
    Failure growth = model.refusesGrowth(900 + 400 + acquire.bid().value().length());
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
      grant(lock, waiter, false);
      return said.granted(lock, lock.grants.getLast());
    }
    model.places.enqueue(lock, waiter);
    return said.queued(lock, waiter);
  }

  private static boolean free(Lock lock, LockAcquire acquire) {
    return ModelPermits.areOf(lock)
        ? ModelPermits.free(lock, acquire)
        : acquire.mode() == LockMode.SHARED
            && lock.opens == 0
            && lock.queue.isEmpty()
            && !lock.exclusive();
  }

  /** Contract 7: a lease that waits gets its ticket back; its place is kept for who asked last. */
  private Result takeUpAgain(LockAcquire acquire, Lock lock, Waiter waiter) {
    model.places.keepLonger(acquire, waiter);
    return said.queued(lock, waiter);
  }

  /** Why a lease that has a lock cannot get what it asks for; null when that is the same. */
  private static @Nullable Failure conflict(LockAcquire before, LockAcquire acquire) {
    return before.also().isEmpty()
        ? ModelPermits.conflict(before, acquire)
        : new LocksDiffer(acquire.name());
  }

  void grant(Lock lock, Waiter waiter, boolean joint) {
    LeaseId lease =
        switch (waiter.asked.holder()) {
          case ExistingLease(LeaseId existing) -> existing;
          case OwnLease(long ttl) -> {
            LeaseId made = new LeaseId(waiter.ticket.index(), waiter.ticket.nonce());
            if (model.leases.get(made) == null) {
              model.leases.start(made, ttl, true);
            }
            yield made;
          }
        };
    lock.queue.remove(waiter);
    Bytes value = waiter.asked.bid().value();
    Grant grant = new Grant(waiter, lease, value, model.history.next(), joint, model.now);
    lock.grants.add(grant);
    model.history.lock(LockChange.ACQUIRED, lock, grant);
  }

  Result release(LockRelease release) {
    Lock lock = byName.get(release.name());
    if (lock == null) {
      return new NotHolder(null);
    }
    if (release.claim() instanceof ByToken(long token) && lock.ambiguous(token)) {
      return new AmbiguousToken(token);
    }
    Grant held = lock.find(grant -> fits(release.claim(), grant.token(), grant.lease()));
    if (held != null) {
      giveBack(held);
      return new LockReleased(lock.name, held.token());
    }
    for (PastGrant past : lock.past.reversed()) {
      if (fits(release.claim(), past.token(), past.lease())) {
        return past.lost()
            ? new GrantLost(past.token())
            : new LockReleased(lock.name, past.token());
      }
    }
    return new NotHolder(said.holderInfo(lock));
  }

  static boolean fits(Claim claim, long token, LeaseId lease) {
    return switch (claim) {
      case ByToken by -> by.token() == token;
      case ByLease by -> by.lease().equals(lease);
    };
  }

  /** Contract 7: a lease made by the acquire itself ends with the release of what it acquired. */
  void giveBack(Grant grant) {
    if (madeItsLease(grant)) {
      model.leases.end(grant.lease(), LeaseEnd.RELEASED);
    } else {
      removeEverywhere(grant, GrantEnd.RELEASED, "");
      grant.from().asked.names().forEach(name -> handOn(byName.get(name)));
    }
  }

  private static boolean madeItsLease(Grant grant) {
    return grant.from().asked.holder() instanceof OwnLease;
  }

  /** Contract 7: force-release outdates the victim's token. */
  Result force(LockForce force) {
    Lock lock = byName.get(force.name());
    if (lock != null && lock.grants.isEmpty() && lock.opens > 0 && force.token() == 0) {
      open(lock);
      return new LockForced(lock.name, lock.past.getLast().token(), 0);
    }
    if (lock == null || lock.grants.isEmpty()) {
      return new NotHolder(null);
    }
    boolean meant =
        force.token() == 0 || lock.grants.stream().anyMatch(one -> one.token() == force.token());
    if (!meant) {
      return new NotHolder(said.holderInfo(lock));
    }
    List<Grant> ending = lock.grants.stream().sorted(Comparator.comparing(Grant::ticket)).toList();
    long token = lock.latest().token();
    lock.opens = 0;
    TreeSet<LockName> shorter = new TreeSet<>();
    for (Grant one : ending) {
      removeEverywhere(one, GrantEnd.FORCED, force.reason());
      shorter.addAll(one.from().asked.names());
    }
    List<LeaseId> own = ending.stream().filter(ModelLocks::madeItsLease).map(Grant::lease).toList();
    for (LeaseId id : own) {
      for (LockName name : model.places.waitedForBy(id)) {
        model.places.removePlace(byName.get(name), model.places.waiterOf(byName.get(name), id));
        shorter.add(name);
      }
    }
    own.forEach(id -> shorter.addAll(model.leases.endForced(id, force.reason())));
    shorter.forEach(name -> handOn(byName.get(name)));
    return new LockForced(lock.name, token, ending.size());
  }

  /** Contract 7: several locks that were taken together end together. */
  private void removeEverywhere(Grant ended, GrantEnd end, String reason) {
    for (LockName name : ended.from().asked.names()) {
      Lock lock = byName.get(name);
      Grant one = lock.find(grant -> grant.from() == ended.from());
      removeGrant(lock, one, end, reason);
    }
  }

  void removeGrant(Lock lock, Grant ended, GrantEnd end, String reason) {
    lock.grants.remove(ended);
    lock.idleSince = model.now;
    if (end == GrantEnd.EXPIRED && ended.from().delay > 0) {
      lock.opens = Math.max(lock.opens, model.now + ended.from().delay);
    }
    lock.past.add(
        new PastGrant(
            ended.token(),
            ended.lease(),
            ended.mode(),
            ended.owner(),
            end,
            ended.joint(),
            ended.since(),
            model.now,
            reason));
    if (lock.past.size() > 16) {
      lock.past.removeFirst();
    }
    LockChange told =
        switch (end) {
          case RELEASED -> LockChange.RELEASED;
          case EXPIRED -> LockChange.EXPIRED;
          case FORCED -> LockChange.FORCED;
        };
    model.history.lock(told, lock, ended, reason);
  }

  /** Contract 7: a shared request behind an exclusive waiter waits. */
  void handOn(Lock lock) {
    if (lock.opens > 0) {
      return;
    }
    if (heir != null && lock.queue.contains(heir) && lock.grants.isEmpty()) {
      grant(lock, heir, false);
      return;
    }
    List<Waiter> able = lock.queue.stream().filter(this::runs).toList();
    if (ModelPermits.areOf(lock)) {
      List<Waiter> next = ModelPermits.next(lock, able);
      next.forEach(one -> grant(lock, one, next.size() > 1));
      return;
    }
    if (able.isEmpty() || lock.exclusive()) {
      return;
    }
    Waiter first = able.getFirst();
    if (first.asked.mode() == LockMode.EXCLUSIVE) {
      if (first.asked.names().stream().allMatch(name -> isTurn(byName.get(name), first))) {
        first.asked.names().forEach(name -> grant(byName.get(name), first, false));
      }
      return;
    }
    List<Waiter> sharing =
        able.stream().takeWhile(one -> one.asked.mode() == LockMode.SHARED).toList();
    sharing.forEach(one -> grant(lock, one, sharing.size() > 1));
  }

  /** Contract 7: several locks are granted together, when it is one's turn at all of them. */
  private boolean isTurn(Lock lock, Waiter waiter) {
    return lock.grants.isEmpty()
        && lock.opens == 0
        && lock.queue.stream().filter(this::runs).findFirst().orElseThrow() == waiter;
  }

  boolean runs(Waiter waiter) {
    LeaseId lease = waiter.lease();
    return lease == null
        || model.leases.get(lease) != null && model.now <= model.leases.get(lease).deadline;
  }

  /** Lock-delay: after the expiry of a holder's lease a lock stays closed for a time. */
  void openThoseDue() {
    while (true) {
      Lock first =
          byName.values().stream()
              .filter(lock -> lock.opens > 0 && lock.opens < model.now)
              .min(Comparator.comparing(lock -> lock.opens))
              .orElse(null);
      if (first == null) {
        return;
      }
      open(first);
      model.history.close();
    }
  }

  private void open(Lock lock) {
    lock.opens = 0;
    lock.idleSince = model.now;
    handOn(lock);
  }

  long firstOpening() {
    return byName.values().stream()
        .filter(lock -> lock.opens > 0)
        .mapToLong(lock -> lock.opens)
        .min()
        .orElse(Long.MAX_VALUE);
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

  public List<LockName> heldBy(LeaseId lease) {
    return byName.values().stream()
        .filter(lock -> lock.find(grant -> grant.lease().equals(lease)) != null)
        .map(lock -> lock.name)
        .toList();
  }

  long weight() {
    long sum = 0;
    for (Lock lock : byName.values()) {
      sum += 900 + lock.name.text().length() + 400L * lock.queue.size();
      sum += 400L * Math.max(0, lock.grants.size() - 1);
      sum += lock.queue.stream().mapToLong(one -> one.asked.bid().value().length()).sum();
      sum += lock.grants.stream().mapToLong(one -> one.value().length()).sum();
      sum +=
          lock.past.stream()
              .mapToLong(one -> 64 + one.owner().length() + one.reason().length())
              .sum();
    }
    return sum;
  }
}
