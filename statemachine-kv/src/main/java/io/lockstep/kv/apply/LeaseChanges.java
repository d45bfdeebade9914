package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.NamedLeaseGrant;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Renewal.OfGrant;
import io.lockstep.kv.command.Renewal.OfKey;
import io.lockstep.kv.command.Renewal.OfLease;
import io.lockstep.kv.command.Renewal.OfTicket;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lock.GrantEnd;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.KeyWithoutLease;
import io.lockstep.kv.result.Failure.LeaseExists;
import io.lockstep.kv.result.Failure.TtlOutOfRange;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.RenewalResult.Alive;
import io.lockstep.kv.result.RenewalResult.Refused;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LeaseRevoked;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Changes of leases. */
final class LeaseChanges {
  private LeaseChanges() {}

  static Result grant(Draft draft, LeaseGrant grant) {
    Failure refusal = ttlRefusal(draft, grant.ttlMillis());
    if (refusal == null) {
      refusal = draft.growthRefusal(Lease.WEIGHT_BYTES + Lease.weightOf(grant.labels()));
    }
    if (refusal != null) {
      return refusal;
    }
    LeaseId id = new LeaseId(draft.index, grant.nonce());
    Lease lease = Lease.start(id, grant.ttlMillis(), LeaseKind.PLAIN, grant.labels(), draft.now);
    draft.leases = draft.leases.with(lease);
    return new LeaseGranted(id, lease.ttlMillis(), lease.expiresInMillis(draft.now));
  }

  static Result grant(Draft draft, NamedLeaseGrant grant) {
    LeaseId id = new LeaseId(0, grant.name());
    Failure refusal = ttlRefusal(draft, grant.ttlMillis());
    if (refusal == null && draft.leases.get(id) != null) {
      refusal = new LeaseExists(id);
    }
    if (refusal == null) {
      refusal = draft.growthRefusal(Lease.WEIGHT_BYTES);
    }
    if (refusal != null) {
      return refusal;
    }
    draft.leases =
        draft.leases.with(Lease.start(id, grant.ttlMillis(), LeaseKind.PLAIN, draft.now));
    return new LeaseGranted(id, grant.ttlMillis(), grant.ttlMillis());
  }

  static Result renew(Draft draft, Renew renew) {
    List<RenewalResult> results = new ArrayList<>(renew.renewals().size());
    for (Renewal renewal : renew.renewals()) {
      results.add(
          switch (renewal) {
            case OfLease(LeaseId id) -> renewLease(draft, id);
            case OfGrant(LockName name, long token) -> renewGrant(draft, name, token);
            case OfKey(Bytes key) -> renewKey(draft, key);
            case OfTicket(LockName name, TicketId ticket) -> LockChanges.poll(draft, name, ticket);
          });
    }
    return new Renewed(results);
  }

  static Result revoke(Draft draft, LeaseRevoke revoke) {
    Lease lease = draft.leases.get(revoke.lease());
    if (lease == null) {
      return absence(draft, revoke.lease());
    }
    end(draft, lease, LeaseEnd.REVOKED);
    return new LeaseRevoked(lease.id(), lease.keys().size());
  }

  /**
   * Ends a lease, and with it its keys, grants and places, in that order, each in the order of
   * names; then its locks are handed on.
   */
  static void end(Draft draft, Lease lease, LeaseEnd how) {
    if (lease.holdsSomething()) {
      GrantEnd end = how == LeaseEnd.EXPIRED ? GrantEnd.EXPIRED : GrantEnd.RELEASED;
      SortedSet<LockName> shorter = new TreeSet<>();
      endSeen(draft, lease, how, end, "", shorter);
      LockGrants.handOn(draft, shorter);
      return;
    }
    WorkerChanges.leaseEnds(draft, lease, how);
    GateChanges.leaseEnds(draft, lease);
    draft.endLease(lease, draft.revisionSoFar());
  }

  /**
   * As above, of a lease that holds something or did just now: watchers are told of its end.
   *
   * @param end how its grants end
   * @param reason why they are taken away; empty unless they are
   * @param shorter takes the names of the locks that the caller must hand on
   */
  static void endSeen(
      Draft draft,
      Lease lease,
      LeaseEnd how,
      GrantEnd end,
      String reason,
      SortedSet<LockName> shorter) {
    WorkerChanges.leaseEnds(draft, lease, how);
    GateChanges.leaseEnds(draft, lease);
    draft.endLease(lease, draft.nextRevision());
    draft.leaseEnded(how, lease.id());
    KeyChange change = how == LeaseEnd.EXPIRED ? KeyChange.EXPIRE : KeyChange.DELETE;
    MapCursor<Bytes, Boolean> keys = lease.keys().cursor();
    for (Bytes key = keys.nextKey(); key != null; key = keys.nextKey()) {
      KeyRecord record = Invariant.present(draft.keys.get(key), "a key on a lease exists");
      KeyChanges.removeDetached(draft, record, change);
    }
    MapCursor<LockName, TicketId> locks = lease.locks().cursor();
    for (var held = locks.next(); held != null; held = locks.next()) {
      LockGrants.endGrant(draft, draft.locks.require(held.key()), held.value(), end, reason);
      shorter.add(held.key());
    }
    MapCursor<LockName, TicketId> places = lease.places().cursor();
    for (var place = places.next(); place != null; place = places.next()) {
      LockGrants.removePlace(draft, draft.locks.require(place.key()), place.value());
      shorter.add(place.key());
    }
  }

  /** Why a lease does not run. */
  static Failure absence(Draft draft, LeaseId id) {
    return LockAnswers.absence(draft.leases, draft.places, draft.locks, id, draft.index - 1);
  }

  static @Nullable Failure ttlRefusal(Draft draft, long ttlMillis) {
    long min = draft.limits.leaseTtlMillisMin();
    long max = draft.limits.leaseTtlMillisMax();
    return ttlMillis < min || ttlMillis > max ? new TtlOutOfRange(min, max) : null;
  }

  private static RenewalResult renewLease(Draft draft, LeaseId id) {
    Lease lease = draft.leases.get(id);
    return lease == null ? new Refused(absence(draft, id)) : renewed(draft, lease);
  }

  private static RenewalResult renewGrant(Draft draft, LockName name, long token) {
    LeaseId lease = LockChanges.leaseOfGrant(draft, name, token);
    return lease == null
        ? new Refused(LockChanges.grantAbsence(draft, name, token))
        : renewed(draft, draft.leases.require(lease));
  }

  private static RenewalResult renewKey(Draft draft, Bytes key) {
    KeyRecord record = draft.keys.get(key);
    if (record == null) {
      return new Refused(new KeyNotFound());
    }
    LeaseId lease = record.meta().lease();
    return lease == null
        ? new Refused(new KeyWithoutLease())
        : renewed(draft, draft.leases.require(lease));
  }

  private static RenewalResult renewed(Draft draft, Lease lease) {
    Lease renewed = lease.renewed(draft.now);
    draft.leases = draft.leases.with(renewed);
    return new Alive(lease.id(), lease.ttlMillis(), renewed.expiresInMillis(draft.now));
  }
}
