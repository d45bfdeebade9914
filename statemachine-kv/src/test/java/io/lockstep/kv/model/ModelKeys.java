package io.lockstep.kv.model;

import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.KeyCondition.Absent;
import io.lockstep.kv.command.KeyCondition.Always;
import io.lockstep.kv.command.KeyCondition.Present;
import io.lockstep.kv.command.KeyCondition.RevisionIs;
import io.lockstep.kv.command.LeaseBinding.Attach;
import io.lockstep.kv.command.LeaseBinding.KeepLease;
import io.lockstep.kv.command.LeaseBinding.OwnTtl;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockName;
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
import io.lockstep.raft.bytes.Bytes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Contract 4: put, delete, range delete, create-only and compare-and-set by revision. */
public final class ModelKeys {
  public final TreeMap<Bytes, KeyRecord> records = new TreeMap<>();
  private final Model model;

  ModelKeys(Model model) {
    this.model = model;
  }

  Result put(Put put) {
    KeyRecord before = records.get(put.key());
    if (!lengthAllowed(put.key())) {
      return new KeyLengthInvalid(1024);
    }
    if (put.value().length() > model.limits.valueBytesMax()) {
      return new ValueTooLarge(model.limits.valueBytesMax());
    }
    Failure failure = firstFailure(put.guards(), put.condition(), before, put.returnCurrent());
    if (failure != null) {
      return failure;
    }
    LeaseId lease = null;
    if (put.lease() instanceof KeepLease && before != null) {
      lease = before.meta().lease();
    }
    if (put.lease() instanceof Attach(LeaseId wanted)) {
      if (!model.leases.running.containsKey(wanted)) {
        return model.leases.absence(wanted);
      }
      List<Bytes> attached = keysOn(wanted);
      boolean more = !attached.contains(put.key());
      if (more && attached.size() >= model.limits.keysOnLeaseMax()) {
        return new TooManyKeysOnLease(model.limits.keysOnLeaseMax());
      }
      lease = wanted;
    }
    boolean own = put.lease() instanceof OwnTtl;
    if (put.lease() instanceof OwnTtl(long ttl, long nonce)) {
      lease = new LeaseId(model.index, nonce);
      if (model.leases.running.containsKey(lease)) {
        return new MalformedCommand("two leases of one id");
      }
      if (!model.leases.ttlAllowed(ttl)) {
        return model.leases.ttlFailure();
      }
    }
    long weightBefore = before == null ? 0 : weight(before);
    long weightAfter =
        220L + put.key().length() + put.value().length() + put.contentType().length();
    long growing = weightAfter - weightBefore + 1300 + weightBefore + model.history.pending();
    growing += own ? 400 : 0;
    Failure growth = model.refusesGrowth(growing);
    if (growth != null) {
      return growth;
    }
    long revision = model.history.next();
    KeyMeta meta =
        before == null
            ? new KeyMeta(revision, revision, 1, lease)
            : new KeyMeta(
                before.meta().createRevision(), revision, before.meta().version() + 1, lease);
    KeyRecord after = new KeyRecord(put.key(), put.value(), put.contentType(), meta);
    if (put.lease() instanceof OwnTtl(long ttl, long nonce)) {
      model.leases.startForKey(lease, ttl);
    }
    records.put(put.key(), after);
    if (before != null) {
      model.leases.endIfBare(before.meta().lease());
    }
    model.history.key(KeyChange.PUT, put.key(), after, before);
    return put.lease() instanceof OwnTtl(long ttl, long nonce)
        ? new TtlKeyPut(meta, before == null, ttl, ttl)
        : new KeyPut(meta, before == null);
  }

  /** Contract 4: a counter is a key whose value is decimal text. */
  Result add(Add add) {
    KeyRecord before = records.get(add.key());
    if (!lengthAllowed(add.key())) {
      return new KeyLengthInvalid(1024);
    }
    Failure failure = firstFailure(add.guards(), add.condition(), before, add.returnCurrent());
    if (failure != null) {
      return failure;
    }
    String text = before == null ? "0" : before.value().utf8();
    if (!text.matches("0|-?[1-9][0-9]{0,18}") || !fits(new BigInteger(text))) {
      return new NotANumber();
    }
    BigInteger sum = new BigInteger(text).add(BigInteger.valueOf(add.delta()));
    if (!fits(sum)) {
      return new CounterOverflow(Long.parseLong(text));
    }
    String type = before == null ? "text/plain; charset=utf-8" : before.contentType();
    Bytes value = Bytes.utf8(sum.toString());
    Result result =
        put(new Put(add.key(), value, type, new KeepLease(), new Always(), List.of(), false));
    return result instanceof KeyPut done
        ? new Added(done.meta(), sum.longValueExact(), done.created())
        : result;
  }

  private static boolean fits(BigInteger number) {
    return number.bitLength() < 64;
  }

  Result delete(Delete delete) {
    if (!lengthAllowed(delete.key())) {
      return new KeyLengthInvalid(1024);
    }
    KeyRecord before = records.get(delete.key());
    Failure failure =
        firstFailure(delete.guards(), delete.condition(), before, delete.returnCurrent());
    if (failure != null) {
      return failure;
    }
    if (before == null) {
      return new KeyNotFound();
    }
    remove(delete.key(), KeyChange.DELETE);
    return new KeysDeleted(1, false);
  }

  Result deletePrefix(DeletePrefix delete) {
    if (delete.prefix().length() > 1024) {
      return new KeyLengthInvalid(1024);
    }
    Failure failure = firstFailure(delete.guards(), new Always(), null, false);
    if (failure != null) {
      return failure;
    }
    List<Bytes> matching =
        new ArrayList<>(
            records.keySet().stream().filter(key -> key.startsWith(delete.prefix())).toList());
    long max = model.limits.keysOfRangeDeleteMax();
    if (delete.limit() == 0 && matching.size() > max) {
      return new TooManyKeysInRange(matching.size(), max);
    }
    long limit = delete.limit() == 0 ? max : Math.min(max, delete.limit());
    long deleted = 0;
    while (deleted < limit && !matching.isEmpty()) {
      remove(matching.removeFirst(), KeyChange.DELETE);
      deleted++;
    }
    return new KeysDeleted(deleted, !matching.isEmpty());
  }

  void remove(Bytes key, KeyChange change) {
    KeyRecord before = records.remove(key);
    model.leases.endIfBare(before.meta().lease());
    model.history.key(change, key, null, before);
  }

  /** The keys on a lease, in order. */
  public List<Bytes> keysOn(LeaseId lease) {
    List<Bytes> keys = new ArrayList<>();
    for (KeyRecord record : records.values()) {
      if (lease.equals(record.meta().lease())) {
        keys.add(record.key());
      }
    }
    return keys;
  }

  /** Contract 1: keys are 1 to 1,024 bytes. */
  static boolean lengthAllowed(Bytes key) {
    return key.length() >= 1 && key.length() <= 1024;
  }

  @Nullable Failure firstFailure(
      List<LockGuard> guards, KeyCondition condition, @Nullable KeyRecord record, boolean show) {
    for (LockGuard guard : guards) {
      ModelLocks.Lock lock = model.locks.byName.get(LockName.lock(guard.name()));
      if (lock == null || lock.find(grant -> grant.token() == guard.token()) == null) {
        ModelLocks.Grant latest = lock == null ? null : lock.latest();
        long current = latest == null ? 0 : latest.token();
        return new StaleToken(guard.name(), guard.token(), current);
      }
    }
    boolean holds =
        switch (condition) {
          case Always always -> true;
          case Absent absent -> record == null;
          case Present present -> record != null;
          case RevisionIs is -> record != null && record.meta().modRevision() == is.revision();
        };
    if (holds) {
      return null;
    }
    return record == null
        ? new ConditionFailed(null, null, null)
        : new ConditionFailed(
            record.meta(), show ? record.value() : null, show ? record.contentType() : null);
  }

  static long weight(KeyRecord record) {
    return 220L + record.key().length() + record.value().length() + record.contentType().length();
  }

  long weight() {
    return records.values().stream().mapToLong(ModelKeys::weight).sum();
  }
}
