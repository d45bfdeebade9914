package io.lockstep.kv.apply;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.gate.GateTable;
import io.lockstep.kv.id.IdTables;
import io.lockstep.kv.id.WorkerTable;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.kv.lease.LeaseTable.EndOf;
import io.lockstep.kv.lock.Grant;
import io.lockstep.kv.lock.Lock;
import io.lockstep.kv.lock.LockTable;
import io.lockstep.kv.lock.PlaceTable;
import io.lockstep.kv.member.MemberEntry;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.Failure.QuotaExceeded;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.ElectionChange;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.kv.watch.Event.MemberChange;
import io.lockstep.kv.watch.Event.NumberKind;
import io.lockstep.kv.watch.EventLog;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state while one entry is applied: the only mutable thing, and it does not outlive the entry.
 * Changes that watchers see are gathered as events until {@link #closeRevision} makes one revision
 * of them.
 */
final class Draft {
  final Rules rules;
  final long index;
  final long now;
  Limits limits;
  KeySpace keys;
  LeaseTable leases;
  LockTable locks;
  PlaceTable places;
  RequestTable requests;
  IdTables ids;
  WorkerTable workers;
  GateTable gates;
  MemberTable members;
  long expiryLagMillis;

  /**
   * The ticket of the candidate to whom what is given back just now goes; null for whose turn it
   * is.
   */
  @Nullable TicketId heir;

  /** Ends of leases that are remembered together; null when each is at once. */
  private @Nullable List<EndOf> gathered;

  private EventLog log;
  private List<Event> events = new ArrayList<>(1);

  /** What the events since the last revision count for against the quota. */
  private long pendingBytes;

  Draft(State state, Rules rules, long index, long clusterTimeMillis) {
    Invariant.check(index == state.appliedIndex() + 1, "entries are applied in order");
    Invariant.check(
        clusterTimeMillis >= state.clusterTimeMillis(), "cluster time does not go back");
    this.rules = rules;
    this.index = index;
    this.now = clusterTimeMillis;
    limits = state.limits();
    keys = state.keys();
    leases = state.leases();
    locks = state.locks();
    places = state.places();
    requests = state.requests();
    ids = state.ids();
    workers = state.workers();
    gates = state.gates();
    members = state.members();
    expiryLagMillis = state.expiryLagMillis();
    log = state.log();
  }

  State state() {
    Invariant.check(events.isEmpty(), "every change belongs to a revision");
    return new State(
        index,
        now,
        limits,
        log,
        leases,
        locks,
        places,
        requests,
        ids,
        workers,
        gates,
        members,
        expiryLagMillis);
  }

  /** The present revision: that of the last change. */
  long revision() {
    return log.head().number();
  }

  /** The keys as they were at {@code revision}; null when that cannot be read. */
  @Nullable KeySpace keysAt(long revision) {
    return log.knows(revision) ? log.at(revision).keys() : null;
  }

  /** The oldest revision that can be read. */
  long oldestRevision() {
    return log.compacted() + 1;
  }

  /** The revision that changes belong to which are made now. */
  long nextRevision() {
    return log.head().number() + 1;
  }

  /**
   * The revision that a reader of this moment's state sees: the next one if something changed
   * already.
   */
  long revisionSoFar() {
    return events.isEmpty() ? revision() : nextRevision();
  }

  /** All changes since the last call share one revision; without any there is none. */
  void closeRevision() {
    if (!events.isEmpty()) {
      log = log.append(now, keys, events);
      events = new ArrayList<>(1);
      pendingBytes = 0;
    }
  }

  /** Where a transaction's operations began: they change no other part of the state. */
  record Mark(KeySpace keys, LeaseTable leases, int events, long pendingBytes) {}

  Mark mark() {
    return new Mark(keys, leases, events.size(), pendingBytes);
  }

  /** Undoes all changes of keys and leases since {@code mark}. */
  void rollBack(Mark mark) {
    keys = mark.keys();
    leases = mark.leases();
    events.subList(mark.events(), events.size()).clear();
    pendingBytes = mark.pendingBytes();
  }

  void compact(long upTo) {
    log = log.compact(upTo);
  }

  void keyChanged(
      KeyChange change, Bytes key, @Nullable KeyRecord current, @Nullable KeyRecord previous) {
    long superseded = previous == null ? 0 : previous.weightBytes();
    pendingBytes += EventLog.weightOfAppend(superseded);
    events.add(new Event.OfKey(nextRevision(), events.size(), change, key, current, previous));
  }

  /**
   * What the changes of keys count for that are not in the history yet: each as if it were a
   * revision of its own.
   */
  long pendingBytes() {
    return pendingBytes;
  }

  /** A grant of {@code lock} or its queue changed; {@code grant} is null when nobody holds it. */
  void lockChanged(LockChange change, Lock lock, @Nullable Grant grant) {
    lockChanged(change, lock, grant, "");
  }

  /** A lock was taken away from who held it. */
  void lockForced(Lock lock, Grant grant, String reason) {
    lockChanged(LockChange.FORCED, lock, grant, reason);
  }

  private void lockChanged(LockChange change, Lock lock, @Nullable Grant grant, String reason) {
    switch (lock.name().kind()) {
      case LOCK -> addLockEvent(change, lock, grant, reason);
      case ELECTION ->
          addElectionEvent(
              switch (change) {
                case ACQUIRED -> ElectionChange.ELECTED;
                case RELEASED, EXPIRED, FORCED -> ElectionChange.VACANT;
                case QUEUE -> ElectionChange.CANDIDATES;
              },
              lock,
              grant);
      case SEMAPHORE -> addSemaphoreEvent(change, lock, grant);
    }
  }

  /** The holder has published another value. */
  void proclaimed(Lock lock, Grant grant) {
    addElectionEvent(ElectionChange.VALUE, lock, grant);
  }

  private void addElectionEvent(ElectionChange change, Lock lock, @Nullable Grant grant) {
    events.add(
        new Event.OfElection(
            nextRevision(),
            events.size(),
            change,
            lock.name().text(),
            grant == null ? 0 : grant.token(),
            grant == null ? "" : grant.owner(),
            grant == null ? null : grant.lease(),
            change.tellsValue() && grant != null ? grant.value() : Bytes.EMPTY,
            lock.queue().size()));
  }

  private void addSemaphoreEvent(LockChange change, Lock lock, @Nullable Grant grant) {
    events.add(
        new Event.OfSemaphore(
            nextRevision(),
            events.size(),
            change,
            lock.name().text(),
            grant == null ? 0 : grant.token(),
            grant == null ? "" : grant.owner(),
            grant == null ? null : grant.lease(),
            grant == null ? 0 : grant.permits().count(),
            lock.grants().permits(),
            lock.queue().size()));
  }

  private void addLockEvent(LockChange change, Lock lock, @Nullable Grant grant, String reason) {
    events.add(
        new Event.OfLock(
            nextRevision(),
            events.size(),
            change,
            lock.name().text(),
            grant == null ? LockMode.EXCLUSIVE : grant.mode(),
            grant == null ? 0 : grant.token(),
            grant == null ? "" : grant.owner(),
            grant == null ? null : grant.lease(),
            lock.queue().size(),
            reason));
  }

  void memberChanged(MemberChange change, MemberEntry member, @Nullable String address) {
    events.add(
        new Event.OfMember(
            nextRevision(),
            events.size(),
            change,
            member.id(),
            member.role(),
            address == null ? "" : address));
  }

  void numberChanged(NumberKind kind, Bytes name, long value) {
    events.add(new Event.OfNumber(nextRevision(), events.size(), kind, name, value));
  }

  /** From now on ends of leases are gathered, until {@link #rememberEnds}: nobody asks for them. */
  void gatherEnds() {
    gathered = new ArrayList<>();
  }

  void rememberEnds() {
    List<EndOf> all = Invariant.present(gathered, "ends were gathered");
    gathered = null;
    leases = leases.remembering(all, limits.endedLeasesMax());
  }

  /** Ends {@code lease} at {@code revision}; what it held is the caller's to end. */
  void endLease(Lease lease, long revision) {
    List<EndOf> all = gathered;
    if (all == null) {
      leases = leases.end(lease, revision, limits.endedLeasesMax());
    } else {
      leases = leases.without(lease);
      all.add(new EndOf(lease.id(), revision));
    }
  }

  void leaseEnded(LeaseEnd end, LeaseId lease) {
    events.add(new Event.OfLease(nextRevision(), events.size(), end, lease));
  }

  /** Null when the state may grow by {@code bytes}. */
  @Nullable Failure growthRefusal(long bytes) {
    if (limits.quotaBytes() == 0) {
      return null;
    }
    long used =
        keys.weightBytes()
            + log.weightBytes()
            + leases.weightBytes()
            + locks.weightBytes()
            + requests.weightBytes()
            + ids.weightBytes()
            + workers.weightBytes()
            + gates.weightBytes();
    return used + bytes > limits.quotaBytes() ? new QuotaExceeded(used, limits.quotaBytes()) : null;
  }
}
