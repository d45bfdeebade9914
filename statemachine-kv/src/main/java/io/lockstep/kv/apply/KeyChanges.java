package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.KeyCondition.Absent;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.KeyCondition.Present;
import io.lockstep.kv.command.KeyCondition.RevisionIs;
import io.lockstep.kv.command.KeyRange;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseBinding.Attach;
import io.lockstep.kv.command.LeaseBinding.Detach;
import io.lockstep.kv.command.LeaseBinding.KeepLease;
import io.lockstep.kv.command.LeaseBinding.OwnTtl;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.ConditionFailed;
import io.lockstep.kv.result.Failure.CounterOverflow;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Failure.KeyNotFound;
import io.lockstep.kv.result.Failure.MalformedCommand;
import io.lockstep.kv.result.Failure.NotANumber;
import io.lockstep.kv.result.Failure.StaleToken;
import io.lockstep.kv.result.Failure.TooManyKeysInRange;
import io.lockstep.kv.result.Failure.TooManyKeysOnLease;
import io.lockstep.kv.result.Failure.ValueTooLarge;
import io.lockstep.kv.result.KeyMeta;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Added;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.KeysDeleted;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of keys. A write is refused by the first that fails of: lengths, guards, condition,
 * lease, quota. A refused write changes nothing.
 */
final class KeyChanges {
  private KeyChanges() {}

  static Result put(Draft draft, Put put) {
    KeyRecord previous = draft.keys.get(put.key());
    Failure refusal = putRefusal(draft, put, previous);
    if (refusal != null) {
      return refusal;
    }
    LeaseId lease = leaseAfter(draft, put, previous);
    LeaseId leaseBefore = previous == null ? null : previous.meta().lease();
    if (leaseBefore != null && !leaseBefore.equals(lease)) {
      detach(draft, leaseBefore, put.key());
    }
    if (put.lease() instanceof OwnTtl(long ttlMillis, long nonce)) {
      LeaseId own = new LeaseId(draft.index, nonce);
      draft.leases = draft.leases.with(Lease.start(own, ttlMillis, LeaseKind.OF_KEY, draft.now));
    }
    if (lease != null && !lease.equals(leaseBefore)) {
      draft.leases = draft.leases.with(draft.leases.require(lease).withKey(put.key()));
    }
    KeyMeta meta = metaAfter(draft.nextRevision(), previous, lease);
    KeyRecord record = new KeyRecord(put.key(), put.value(), put.contentType(), meta);
    draft.keys = draft.keys.put(record, previous);
    draft.keyChanged(KeyChange.PUT, put.key(), record, previous);
    return put.lease() instanceof OwnTtl(long ttlMillis, long nonce)
        ? new TtlKeyPut(meta, previous == null, ttlMillis, ttlMillis)
        : new KeyPut(meta, previous == null);
  }

  static Result delete(Draft draft, Delete delete) {
    if (lengthInvalid(delete.key())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    KeyRecord previous = draft.keys.get(delete.key());
    Failure refusal = guardRefusal(draft, delete.guards());
    if (refusal == null) {
      refusal = conditionRefusal(delete.condition(), previous, delete.returnCurrent());
    }
    if (refusal != null) {
      return refusal;
    }
    if (previous == null) {
      return new KeyNotFound();
    }
    remove(draft, previous, KeyChange.DELETE);
    return new KeysDeleted(1, false);
  }

  static Result deletePrefix(Draft draft, DeletePrefix delete) {
    if (delete.prefix().length() > Limits.KEY_BYTES_MAX) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    Failure refusal = guardRefusal(draft, delete.guards());
    if (refusal != null) {
      return refusal;
    }
    long max = draft.limits.keysOfRangeDeleteMax();
    long count = draft.keys.count(delete.prefix());
    if (delete.limit() == 0 && count > max) {
      return new TooManyKeysInRange(count, max);
    }
    long limit = delete.limit() == 0 ? max : Math.min(delete.limit(), max);
    return removeFirst(draft, KeyRange.prefix(delete.prefix()), count, limit);
  }

  /** Removes the first {@code limit} of the {@code count} keys of a range. */
  static KeysDeleted removeFirst(Draft draft, KeyRange range, long count, long limit) {
    List<KeyRecord> found = draft.keys.first(range, limit);
    for (KeyRecord record : found) {
      remove(draft, record, KeyChange.DELETE);
    }
    return new KeysDeleted(found.size(), count > found.size());
  }

  static Result add(Draft draft, Add add) {
    if (lengthInvalid(add.key())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    KeyRecord previous = draft.keys.get(add.key());
    Failure refusal = guardRefusal(draft, add.guards());
    if (refusal == null) {
      refusal = conditionRefusal(add.condition(), previous, add.returnCurrent());
    }
    return refusal == null ? add(draft, add.key(), add.delta(), previous) : refusal;
  }

  /** Adds to a counter of a valid key; {@code previous} is what there is of it. */
  static Result add(Draft draft, Bytes key, long delta, @Nullable KeyRecord previous) {
    Long before = previous == null ? Long.valueOf(0) : Counter.parse(previous.value());
    if (before == null) {
      return new NotANumber();
    }
    long sum = before + delta;
    if (((before ^ sum) & (delta ^ sum)) < 0) {
      return new CounterOverflow(before);
    }
    String contentType = previous == null ? Counter.CONTENT_TYPE : previous.contentType();
    Result put = put(draft, plainPut(key, Counter.print(sum), contentType, new KeepLease()));
    return put instanceof KeyPut(KeyMeta meta, boolean created)
        ? new Added(meta, sum, created)
        : put;
  }

  /** A put without guards or condition. */
  static Put plainPut(Bytes key, Bytes value, String contentType, LeaseBinding lease) {
    return new Put(key, value, contentType, lease, new Always(), List.of(), false);
  }

  /** Removes a key, from its lease too. */
  private static void remove(Draft draft, KeyRecord record, KeyChange change) {
    LeaseId lease = record.meta().lease();
    if (lease != null) {
      detach(draft, lease, record.key());
    }
    removeDetached(draft, record, change);
  }

  /** Removes a key whose lease is ending. */
  static void removeDetached(Draft draft, KeyRecord record, KeyChange change) {
    draft.keys = draft.keys.remove(record);
    draft.keyChanged(change, record.key(), null, record);
  }

  static boolean lengthInvalid(Bytes key) {
    return key.isEmpty() || key.length() > Limits.KEY_BYTES_MAX;
  }

  /**
   * A lease that was made for a key ends with the last thing that is on it; nobody watches that.
   */
  private static void detach(Draft draft, LeaseId id, Bytes key) {
    Lease rest = draft.leases.require(id).withoutKey(key);
    draft.leases = draft.leases.with(rest);
    if (rest.kind() == LeaseKind.OF_KEY && !rest.holdsSomething()) {
      draft.endLease(rest, draft.nextRevision());
    }
  }

  private static @Nullable Failure putRefusal(Draft draft, Put put, @Nullable KeyRecord previous) {
    if (lengthInvalid(put.key())) {
      return new KeyLengthInvalid(Limits.KEY_BYTES_MAX);
    }
    if (put.value().length() > draft.limits.valueBytesMax()) {
      return new ValueTooLarge(draft.limits.valueBytesMax());
    }
    Failure refusal = guardRefusal(draft, put.guards());
    if (refusal == null) {
      refusal = conditionRefusal(put.condition(), previous, put.returnCurrent());
    }
    if (refusal == null && put.lease() instanceof Attach(LeaseId lease)) {
      refusal = attachRefusal(draft, lease, put.key());
    }
    if (refusal == null && put.lease() instanceof OwnTtl(long ttlMillis, long nonce)) {
      refusal = ownRefusal(draft, ttlMillis, new LeaseId(draft.index, nonce));
    }
    return refusal == null ? quotaRefusal(draft, put, previous) : refusal;
  }

  private static @Nullable Failure ownRefusal(Draft draft, long ttlMillis, LeaseId id) {
    return draft.leases.get(id) == null
        ? LeaseChanges.ttlRefusal(draft, ttlMillis)
        : new MalformedCommand("two leases of one id");
  }

  private static @Nullable Failure attachRefusal(Draft draft, LeaseId id, Bytes key) {
    Lease lease = draft.leases.get(id);
    if (lease == null) {
      return LeaseChanges.absence(draft, id);
    }
    long max = draft.limits.keysOnLeaseMax();
    boolean room = lease.keys().size() < max || lease.keys().contains(key);
    return room ? null : new TooManyKeysOnLease(max);
  }

  private static @Nullable Failure quotaRefusal(
      Draft draft, Put put, @Nullable KeyRecord previous) {
    long before = previous == null ? 0 : previous.weightBytes();
    long after = KeyRecord.weightBytes(put.key(), put.value(), put.contentType());
    long lease = put.lease() instanceof OwnTtl ? Lease.WEIGHT_BYTES : 0;
    long history = draft.pendingBytes() + EventLog.weightOfAppend(before);
    return draft.growthRefusal(after - before + history + lease);
  }

  private static @Nullable LeaseId leaseAfter(Draft draft, Put put, @Nullable KeyRecord previous) {
    return switch (put.lease()) {
      case Detach() -> null;
      case KeepLease() -> previous == null ? null : previous.meta().lease();
      case Attach(LeaseId lease) -> lease;
      case OwnTtl(long ttlMillis, long nonce) -> new LeaseId(draft.index, nonce);
    };
  }

  private static KeyMeta metaAfter(
      long revision, @Nullable KeyRecord previous, @Nullable LeaseId lease) {
    return previous == null
        ? new KeyMeta(revision, revision, 1, lease)
        : new KeyMeta(
            previous.meta().createRevision(), revision, previous.meta().version() + 1, lease);
  }

  static @Nullable Failure guardRefusal(Draft draft, List<LockGuard> guards) {
    for (LockGuard guard : guards) {
      Lock lock = draft.locks.get(LockName.lock(guard.name()));
      if (!draft.rules.holds(guard, lock)) {
        Grant latest = lock == null ? null : lock.grants().latest();
        return new StaleToken(guard.name(), guard.token(), latest == null ? 0 : latest.token());
      }
    }
    return null;
  }

  private static @Nullable Failure conditionRefusal(
      KeyCondition condition, @Nullable KeyRecord record, boolean returnCurrent) {
    boolean holds =
        switch (condition) {
          case Always() -> true;
          case Absent() -> record == null;
          case Present() -> record != null;
          case RevisionIs(long revision) ->
              record != null && record.meta().modRevision() == revision;
        };
    if (holds) {
      return null;
    }
    if (record == null) {
      return new ConditionFailed(null, null, null);
    }
    return returnCurrent
        ? new ConditionFailed(record.meta(), record.value(), record.contentType())
        : new ConditionFailed(record.meta(), null, null);
  }
}
