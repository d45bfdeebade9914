package io.lockstep.kv;

import io.lockstep.kv.apply.Replay;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.gate.Latch;
import io.lockstep.kv.id.Sequence;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lease.LeaseListing;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.GrantView;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.lock.LockView.Place;
import io.lockstep.kv.lock.Queue;
import io.lockstep.kv.lock.SemaphoreView;
import io.lockstep.kv.lock.Waiter;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.request.StoredAnswer;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.store.KeyListing;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.kv.store.RangePage;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One state as {@link KvView} shows it. */
record PublishedView(State state) implements KvView {
  @Override
  public long appliedIndex() {
    return state.appliedIndex();
  }

  @Override
  public long revision() {
    return state.revision();
  }

  @Override
  public long clusterTimeMillis() {
    return state.clusterTimeMillis();
  }

  @Override
  public long compactedRevision() {
    return state.log().compacted();
  }

  @Override
  public long compactionTarget() {
    return state.compactionTarget();
  }

  @Override
  public Limits limits() {
    return state.limits();
  }

  @Override
  public long usedBytes() {
    return state.usedBytes();
  }

  @Override
  public boolean readable(long revision) {
    return state.log().knows(revision);
  }

  @Override
  public @Nullable KeyRecord get(Bytes key) {
    return state.keys().get(key);
  }

  @Override
  public @Nullable KeyRecord get(Bytes key, long atRevision) {
    return state.log().at(atRevision).keys().get(key);
  }

  @Override
  public RangePage range(
      Bytes prefix, @Nullable Bytes after, int limit, long bytesMax, long atRevision) {
    return state.log().at(atRevision).keys().range(prefix, after, limit, bytesMax);
  }

  @Override
  public KeyListing list(
      Bytes prefix, Bytes delimiter, @Nullable Bytes after, int limit, long atRevision) {
    return state.log().at(atRevision).keys().list(prefix, delimiter, after, limit);
  }

  @Override
  public @Nullable LeaseView lease(LeaseId id, int keysMax) {
    Lease lease = state.leases().get(id);
    return lease == null
        ? null
        : view(
            lease,
            names(lease.keys(), keysMax),
            names(lease.locks(), Integer.MAX_VALUE),
            names(lease.places(), Integer.MAX_VALUE));
  }

  @Override
  public LeaseListing leases(
      @Nullable LeaseId after, Predicate<List<Label>> labels, int limit, int looksMax) {
    List<LeaseView> items = new ArrayList<>();
    MapCursor<LeaseId, Lease> cursor = state.leases().running(after);
    Lease lease = cursor.nextValue();
    LeaseId last = after;
    for (int looks = 0; lease != null; looks++) {
      if (items.size() == limit || looks == looksMax) {
        return new LeaseListing(items, last);
      }
      if (labels.test(lease.labels())) {
        items.add(view(lease, List.of(), List.of(), List.of()));
      }
      last = lease.id();
      lease = cursor.nextValue();
    }
    return new LeaseListing(items, null);
  }

  private LeaseView view(
      Lease lease, List<Bytes> keys, List<LockName> locks, List<LockName> places) {
    return new LeaseView(
        lease.id(),
        lease.ttlMillis(),
        lease.expiresInMillis(clusterTimeMillis()),
        lease.kind() == LeaseKind.OF_KEY,
        lease.labels(),
        lease.keys().size(),
        keys,
        locks,
        places);
  }

  @Override
  public Failure leaseAbsence(LeaseId lease) {
    return Replay.absence(state, lease);
  }

  @Override
  public @Nullable LockView lock(LockName name, int shownMax) {
    Lock lock = state.locks().get(name);
    if (lock == null) {
      return null;
    }
    List<Place> places = new ArrayList<>();
    for (Waiter waiter : waiters(lock, shownMax)) {
      places.add(place(waiter));
    }
    HolderInfo holder = Replay.holder(state, lock);
    Grant latest = lock.grants().latest();
    Grant held = holder == null ? null : lock.grants().under(holder.token());
    return new LockView(
        name,
        latest == null ? LockMode.EXCLUSIVE : latest.mode(),
        holder,
        held == null ? 0 : clusterTimeMillis() - held.sinceMillis(),
        latest == null ? Bytes.EMPTY : latest.value(),
        lock.grants().size(),
        Replay.holders(state, lock, shownMax),
        lock.queue().size(),
        places,
        lock.past(),
        Replay.opensInMillis(state, lock));
  }

  @Override
  public @Nullable SemaphoreView semaphore(Bytes name, int shownMax) {
    Lock lock = state.locks().get(LockName.semaphore(name));
    if (lock == null) {
      return null;
    }
    List<SemaphoreView.Wanting> wanting = new ArrayList<>();
    for (Waiter waiter : waiters(lock, shownMax)) {
      wanting.add(new SemaphoreView.Wanting(place(waiter), waiter.bid().permits().count()));
    }
    List<SemaphoreView.Holding> holding = new ArrayList<>();
    for (Grant grant : lock.grants().first(shownMax)) {
      holding.add(
          new SemaphoreView.Holding(
              Replay.holder(state, grant),
              grant.permits().count(),
              clusterTimeMillis() - grant.sinceMillis()));
    }
    return new SemaphoreView(
        lock.limit(),
        lock.grants().permits(),
        lock.grants().size(),
        holding,
        lock.queue().size(),
        wanting);
  }

  @Override
  public @Nullable LeaseId leaseOfGrant(LockName name, long token) {
    Lock lock = state.locks().get(name);
    Grant grant = lock == null ? null : lock.grants().under(token);
    return grant == null ? null : grant.lease();
  }

  @Override
  public @Nullable GrantView grant(LockName name, LeaseId id) {
    Lease lease = state.leases().get(id);
    TicketId ticket = lease == null ? null : lease.locks().get(name);
    if (lease == null || ticket == null) {
      return null;
    }
    Grant grant = state.locks().require(name).grants().require(ticket);
    return new GrantView(
        name,
        grant.mode(),
        grant.owner(),
        grant.token(),
        id,
        lease.expiresInMillis(clusterTimeMillis()),
        grant.permits());
  }

  @Override
  public Result ticket(TicketId ticket) {
    return Replay.ticket(state, ticket);
  }

  @Override
  public Sequence sequence(Bytes name) {
    return state.ids().sequence(name);
  }

  @Override
  public long fence(Bytes name) {
    return state.ids().fence(name);
  }

  @Override
  public @Nullable Latch latch(Bytes name) {
    return state.gates().latch(name);
  }

  @Override
  public @Nullable KnownRequest request(String scope, Bytes text) {
    StoredAnswer stored = state.requests().get(scope, text);
    return stored == null
        ? null
        : new KnownRequest(
            stored.key().fingerprint(),
            clusterTimeMillis() - stored.clusterTimeMillis(),
            Replay.of(state, stored, stored.index()));
  }

  @Override
  public MemberTable members() {
    return state.members();
  }

  @Override
  public EventLog events() {
    return state.log();
  }

  @Override
  public KvFigures figures() {
    return new KvFigures(
        state.keys().size(),
        state.leases().size(),
        state.locks().held(),
        state.workers().leased(),
        state.locks().idle(),
        state.locks().waiters(),
        state.requests().size(),
        revision() - compactedRevision(),
        state.log().weightBytes(),
        state.nextDueMillis(),
        state.expiryLagMillis());
  }

  @Override
  public long stateHash() {
    return state.digest();
  }

  private static List<Waiter> waiters(Lock lock, int max) {
    List<Waiter> waiters = new ArrayList<>();
    MapCursor<Queue.Turn, Waiter> queue = lock.queue().cursor();
    Waiter waiter = queue.nextValue();
    while (waiter != null && waiters.size() < max) {
      waiters.add(waiter);
      waiter = queue.nextValue();
    }
    return waiters;
  }

  private Place place(Waiter waiter) {
    return new Place(
        waiter.ticket(),
        waiter.mode(),
        waiter.owner(),
        waiter.lease(),
        clusterTimeMillis() - waiter.sinceMillis(),
        waiter.bid().priority(),
        waiter.remainingWaitMillis(clusterTimeMillis()));
  }

  private static <K> List<K> names(OrderedMap<K, ?> map, int max) {
    List<K> names = new ArrayList<>();
    MapCursor<K, ?> cursor = map.cursor();
    K name = cursor.nextKey();
    while (name != null && names.size() < max) {
      names.add(name);
      name = cursor.nextKey();
    }
    return names;
  }
}
