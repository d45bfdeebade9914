package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.NamedLeaseGrant;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.command.Renewal.OfKey;
import io.lockstep.kv.command.Renewal.OfLease;
import io.lockstep.kv.command.Renewal.OfTicket;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.AmbiguousToken;
import io.lockstep.kv.result.Failure.GrantLost;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.KeyWithoutLease;
import io.lockstep.kv.result.Failure.LeaseEnded;
import io.lockstep.kv.result.Failure.LeaseExists;
import io.lockstep.kv.result.Failure.LeaseNotFound;
import io.lockstep.kv.result.Failure.NotHolder;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Polled;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LeaseRevoked;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Contract 6: leases on cluster time. */
public final class ModelLeases {
  /** A lease that runs. What is on it is found by looking at all keys and locks. */
  public static final class Lease {
    public final LeaseId id;
    public final long ttl;
    public final boolean own;

    /** Whether it was made for one key. */
    public final boolean ofKey;

    public final List<Label> labels;
    public long deadline;

    Lease(LeaseId id, long ttl, boolean own, boolean ofKey, List<Label> labels, long now) {
      this.id = id;
      this.ttl = ttl;
      this.own = own;
      this.ofKey = ofKey;
      this.labels = labels;
      deadline = now + ttl;
    }
  }

  public final TreeMap<LeaseId, Lease> running = new TreeMap<>();
  private final Map<LeaseId, Long> endedAt = new LinkedHashMap<>();
  private final Model model;

  ModelLeases(Model model) {
    this.model = model;
  }

  Result grant(LeaseGrant grant) {
    if (!ttlAllowed(grant.ttlMillis())) {
      return ttlFailure();
    }
    Failure growth = model.refusesGrowth(400 + weight(grant.labels()));
    if (growth != null) {
      return growth;
    }
    LeaseId id = new LeaseId(model.index, grant.nonce());
    running.put(id, new Lease(id, grant.ttlMillis(), false, false, grant.labels(), model.now));
    return new LeaseGranted(id, grant.ttlMillis(), grant.ttlMillis());
  }

  Result grant(NamedLeaseGrant grant) {
    LeaseId id = new LeaseId(0, grant.name());
    if (!ttlAllowed(grant.ttlMillis())) {
      return ttlFailure();
    }
    if (running.containsKey(id)) {
      return new LeaseExists(id);
    }
    Failure growth = model.refusesGrowth(400);
    if (growth != null) {
      return growth;
    }
    start(id, grant.ttlMillis(), false);
    return new LeaseGranted(id, grant.ttlMillis(), grant.ttlMillis());
  }

  void start(LeaseId id, long ttl, boolean own) {
    running.put(id, new Lease(id, ttl, own, false, List.of(), model.now));
  }

  /** Contract 6: a put with a time to live makes a lease of its own. */
  void startForKey(LeaseId id, long ttl) {
    running.put(id, new Lease(id, ttl, false, true, List.of(), model.now));
  }

  /** A lease that was made for a key ends when nothing is on it. */
  void endIfBare(@Nullable LeaseId id) {
    Lease lease = id == null ? null : running.get(id);
    if (lease != null
        && lease.ofKey
        && model.keys.keysOn(lease.id).isEmpty()
        && model.locks.heldBy(lease.id).isEmpty()
        && model.places.waitedForBy(lease.id).isEmpty()) {
      running.remove(lease.id);
      remember(lease.id, model.history.next());
    }
  }

  /** What a transaction that fails goes back to. */
  Runnable remembered() {
    TreeMap<LeaseId, Lease> runningThen = new TreeMap<>(running);
    Map<LeaseId, Long> endedThen = new LinkedHashMap<>(endedAt);
    return () -> {
      running.clear();
      running.putAll(runningThen);
      endedAt.clear();
      endedAt.putAll(endedThen);
    };
  }

  Result renew(Renew renew) {
    List<RenewalResult> results = new ArrayList<>();
    for (Renewal renewal : renew.renewals()) {
      results.add(
          switch (renewal) {
            case OfLease of ->
                running.containsKey(of.lease())
                    ? alive(of.lease())
                    : new Refused(absence(of.lease()));
            case OfGrant of -> renewGrant(of.lock(), of.token());
            case OfKey of -> renewKey(of.key());
            case OfTicket of ->
                switch (model.places.poll(of.lock(), of.ticket())) {
                  case Result.Success state -> new Polled(state);
                  case Failure failure -> new Refused(failure);
                  case Result.OutcomeOnly none -> throw new IllegalStateException("of a poll");
                };
          });
    }
    return new Renewed(results);
  }

  private RenewalResult alive(LeaseId id) {
    Lease lease = running.get(id);
    lease.deadline = model.now + lease.ttl;
    return new Alive(id, lease.ttl, lease.ttl);
  }

  private RenewalResult renewKey(Bytes key) {
    KeyRecord record = model.keys.records.get(key);
    if (record == null) {
      return new Refused(new KeyNotFound());
    }
    LeaseId lease = record.meta().lease();
    return lease == null ? new Refused(new KeyWithoutLease()) : alive(lease);
  }

  private RenewalResult renewGrant(LockName name, long token) {
    ModelLocks.Lock lock = model.locks.byName.get(name);
    if (lock == null) {
      return new Refused(new NotHolder(null));
    }
    if (lock.ambiguous(token)) {
      return new Refused(new AmbiguousToken(token));
    }
    ModelLocks.Grant grant = lock.find(one -> one.token() == token);
    if (grant != null) {
      return alive(grant.lease());
    }
    boolean lost = lock.past.stream().anyMatch(past -> past.token() == token && past.lost());
    return new Refused(
        lost ? new GrantLost(token) : new NotHolder(model.locks.said.holderInfo(lock)));
  }

  Result revoke(LeaseRevoke revoke) {
    if (!running.containsKey(revoke.lease())) {
      return absence(revoke.lease());
    }
    long keys = model.keys.keysOn(revoke.lease()).size();
    end(revoke.lease(), LeaseEnd.REVOKED);
    return new LeaseRevoked(revoke.lease(), keys);
  }

  /**
   * Contract 6, 1: due when the stamp is greater; in (deadline, id) order; one revision for each
   * that holds something.
   */
  void expire() {
    while (true) {
      Lease first =
          running.values().stream()
              .min(Comparator.comparing((Lease lease) -> lease.deadline).thenComparing(l -> l.id))
              .orElse(null);
      if (first == null || model.now <= first.deadline) {
        return;
      }
      end(first.id, LeaseEnd.EXPIRED);
      model.history.close();
    }
  }

  /** Contract 6: all keys, locks and places of a lease end in the same revision. */
  void end(LeaseId id, LeaseEnd how) {
    boolean seen =
        !model.keys.keysOn(id).isEmpty()
            || !model.locks.heldBy(id).isEmpty()
            || !model.places.waitedForBy(id).isEmpty();
    GrantEnd end = how == LeaseEnd.EXPIRED ? GrantEnd.EXPIRED : GrantEnd.RELEASED;
    end(id, how, seen, end, "").forEach(name -> model.locks.handOn(model.locks.byName.get(name)));
  }

  /**
   * As above, of a lease that held a lock until just now, when that was taken away.
   *
   * @return the locks that are to be handed on
   */
  SortedSet<LockName> endForced(LeaseId id, String reason) {
    return end(id, LeaseEnd.REVOKED, true, GrantEnd.FORCED, reason);
  }

  private SortedSet<LockName> end(
      LeaseId id, LeaseEnd how, boolean seen, GrantEnd end, String reason) {
    List<Bytes> keys = model.keys.keysOn(id);
    List<LockName> held = model.locks.heldBy(id);
    List<LockName> waited = model.places.waitedForBy(id);
    model.workers.leaseEnded(id, running.get(id).ttl, how);
    model.gates.leaseEnded(id);
    running.remove(id);
    if (!seen) {
      remember(id, model.history.soFar());
      return new TreeSet<>();
    }
    remember(id, model.history.next());
    model.history.lease(how, id);
    for (Bytes key : keys) {
      model.keys.remove(key, how == LeaseEnd.EXPIRED ? KeyChange.EXPIRE : KeyChange.DELETE);
    }
    for (LockName name : held) {
      ModelLocks.Lock lock = model.locks.byName.get(name);
      model.locks.removeGrant(lock, lock.find(grant -> grant.lease().equals(id)), end, reason);
    }
    for (LockName name : waited) {
      ModelLocks.Lock lock = model.locks.byName.get(name);
      model.places.removePlace(lock, model.places.waiterOf(lock, id));
    }
    SortedSet<LockName> shorter = new TreeSet<>(held);
    shorter.addAll(waited);
    return shorter;
  }

  private void remember(LeaseId id, long revision) {
    if (id.index() == 0) {
      return;
    }
    endedAt.put(id, revision);
    while (endedAt.size() > model.limits.endedLeasesMax()) {
      endedAt.remove(endedAt.keySet().iterator().next());
    }
  }

  /** House 4: ended and never issued are told apart by the index in the id. */
  public Failure absence(LeaseId id) {
    boolean notYet = model.places.leaseIsToCome(new TicketId(id.index(), id.nonce()));
    if (notYet || id.index() == 0 || id.index() >= model.index) {
      return new LeaseNotFound(id);
    }
    return new LeaseEnded(id, endedAt.getOrDefault(id, 0L));
  }

  boolean ttlAllowed(long ttl) {
    return ttl >= model.limits.leaseTtlMillisMin() && ttl <= model.limits.leaseTtlMillisMax();
  }

  Failure ttlFailure() {
    return new TtlOutOfRange(model.limits.leaseTtlMillisMin(), model.limits.leaseTtlMillisMax());
  }

  long firstDeadline() {
    return running.values().stream().mapToLong(l -> l.deadline).min().orElse(Long.MAX_VALUE);
  }

  long expiresIn(LeaseId id) {
    return running.get(id).deadline - model.now;
  }

  public @Nullable Lease get(LeaseId id) {
    return running.get(id);
  }

  long weight() {
    long sum = 0;
    for (LeaseId id : running.keySet()) {
      long attached =
          (long) model.keys.keysOn(id).size()
              + model.locks.heldBy(id).size()
              + model.places.waitedForBy(id).size();
      sum += 400 + 40 * attached + weight(running.get(id).labels);
    }
    return sum;
  }

  private static long weight(List<Label> labels) {
    return labels.stream().mapToLong(l -> 40 + l.name().length() + l.value().length()).sum();
  }
}
