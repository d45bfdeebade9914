package io.lockstep.kv.model;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.member.MemberRole;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Event.ElectionChange;
import io.lockstep.kv.watch.Event.KeyChange;
import io.lockstep.kv.watch.Event.LeaseEnd;
import io.lockstep.kv.watch.Event.LockChange;
import io.lockstep.kv.watch.Event.MemberChange;
import io.lockstep.kv.watch.Event.NumberKind;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Revisions: what changed at each, and a full copy of the keys after it. */
public final class ModelHistory {
  /** One revision. */
  public record Past(long revision, long time, TreeMap<Bytes, KeyRecord> keys, List<Event> events) {
    long weight() {
      long sum = events.isEmpty() ? 0 : 1200;
      for (Event event : events) {
        sum += 100;
        if (event instanceof Event.OfKey of) {
          sum += of.previous() == null ? 0 : ModelKeys.weight(of.previous());
        } else {
          sum += event.weightBytes();
        }
      }
      return sum;
    }
  }

  private final Model model;
  private final List<Event> open = new ArrayList<>();

  /** All revisions since the beginning, also compacted ones. */
  public final List<Past> all = new ArrayList<>();

  public long compacted;

  ModelHistory(Model model) {
    this.model = model;
    all.add(new Past(1, 0, new TreeMap<>(), List.of()));
  }

  public long revision() {
    return all.size();
  }

  /** The revision of changes that are under way. */
  long next() {
    return revision() + 1;
  }

  long soFar() {
    return open.isEmpty() ? revision() : next();
  }

  public Past at(long revision) {
    return all.get((int) revision - 1);
  }

  /** The keys at a revision; null when it is compacted or yet to come. */
  @Nullable Map<Bytes, KeyRecord> keysAt(long revision) {
    return revision > compacted && revision <= revision() ? at(revision).keys() : null;
  }

  /** The oldest revision that is readable. */
  long oldest() {
    return compacted + 1;
  }

  void key(KeyChange change, Bytes key, @Nullable KeyRecord current, @Nullable KeyRecord previous) {
    open.add(new Event.OfKey(next(), open.size(), change, key, current, previous));
  }

  void election(ElectionChange change, ModelLocks.Lock lock, ModelLocks.@Nullable Grant grant) {
    boolean told = change == ElectionChange.ELECTED || change == ElectionChange.VALUE;
    open.add(
        new Event.OfElection(
            next(),
            open.size(),
            change,
            lock.name.text(),
            grant == null ? 0 : grant.token(),
            grant == null ? "" : grant.owner(),
            grant == null ? null : grant.lease(),
            told && grant != null ? grant.value() : Bytes.EMPTY,
            lock.queue.size()));
  }

  void lock(LockChange change, ModelLocks.Lock lock, ModelLocks.@Nullable Grant grant) {
    lock(change, lock, grant, "");
  }

  void lock(
      LockChange change, ModelLocks.Lock lock, ModelLocks.@Nullable Grant grant, String reason) {
    if (lock.name.kind() == LockKind.ELECTION) {
      ElectionChange told =
          switch (change) {
            case ACQUIRED -> ElectionChange.ELECTED;
            case RELEASED, EXPIRED, FORCED -> ElectionChange.VACANT;
            case QUEUE -> ElectionChange.CANDIDATES;
          };
      election(told, lock, grant);
      return;
    }
    if (lock.name.kind() == LockKind.SEMAPHORE) {
      open.add(
          new Event.OfSemaphore(
              next(),
              open.size(),
              change,
              lock.name.text(),
              grant == null ? 0 : grant.token(),
              grant == null ? "" : grant.owner(),
              grant == null ? null : grant.lease(),
              grant == null ? 0 : grant.from().asked.bid().permits().count(),
              ModelPermits.held(lock),
              lock.queue.size()));
      return;
    }
    open.add(
        new Event.OfLock(
            next(),
            open.size(),
            change,
            lock.name.text(),
            grant == null ? LockMode.EXCLUSIVE : grant.mode(),
            grant == null ? 0 : grant.token(),
            grant == null ? "" : grant.owner(),
            grant == null ? null : grant.lease(),
            lock.queue.size(),
            reason));
  }

  void lease(LeaseEnd end, LeaseId lease) {
    open.add(new Event.OfLease(next(), open.size(), end, lease));
  }

  void member(MemberChange change, NodeId id, MemberRole role, String address) {
    open.add(new Event.OfMember(next(), open.size(), change, id, role, address));
  }

  void number(NumberKind kind, Bytes name, long value) {
    open.add(new Event.OfNumber(next(), open.size(), kind, name, value));
  }

  /** Contract 1: all changes of one command share a revision; without a change there is none. */
  void close() {
    if (!open.isEmpty()) {
      all.add(new Past(next(), model.now, new TreeMap<>(model.keys.records), List.copyOf(open)));
      open.clear();
    }
  }

  /** Contract 4: nothing of a command that failed has happened. */
  void forget() {
    open.clear();
  }

  /** What the changes that are under way count for, each as a revision of its own. */
  long pending() {
    long sum = 0;
    for (Event event : open) {
      KeyRecord previous = event instanceof Event.OfKey of ? of.previous() : null;
      sum += 1300 + (previous == null ? 0 : ModelKeys.weight(previous));
    }
    return sum;
  }

  /**
   * Contract 1: at least so many revisions stay readable, fewer only if they alone pass a quarter
   * of the quota.
   */
  void compact(long upTo) {
    long allowed = revision() - model.limits.historyRevisionsMin();
    while (compacted < Math.min(upTo, revision() - 1)
        && (compacted < allowed || weight() > model.limits.historyBytesMax())) {
      compacted++;
    }
  }

  long weight() {
    long sum = 0;
    for (long revision = compacted + 1; revision <= revision(); revision++) {
      sum += at(revision).weight();
    }
    return sum;
  }
}
