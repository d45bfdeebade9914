package io.lockstep.sim;

import io.lockstep.kv.apply.EntryApplier;
import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.watch.Event;
import io.lockstep.kv.watch.Revision;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.sim.check.ExactlyOnce;
import io.lockstep.raft.sim.check.WatchCompleteness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees every entry that any node applies, and what that changed, and holds it against the contract:
 *
 * <ul>
 *   <li>all nodes give one answer to one entry;
 *   <li>revisions have no gap, and their events are in order;
 *   <li>a lease ends after its deadline by the stamps, neither before nor much later;
 *   <li>who holds locks, offices and permits: see {@link HolderWitness};
 *   <li>whose turn it is: see {@link TurnWitness};
 *   <li>a worker id has one owner, and rests when it was lost;
 *   <li>a guarded write is accepted under the present token only;
 *   <li>sequences and fences only rise;
 *   <li>a retry of an acquire never makes a second place.
 * </ul>
 *
 * What the rules of the state machine decide is not asked of them: the witness keeps deadlines,
 * holders and tokens by itself.
 */
final class Witness {
  private final EntryApplier applier;
  private final List<Applied> answers = new ArrayList<>();
  private final Map<LeaseId, Long> deadlines = new TreeMap<>();
  private final Map<LeaseId, Long> expiredAt = new TreeMap<>();
  private final Map<String, TicketId> places = new TreeMap<>();
  private final Map<String, List<Long>> effects = new TreeMap<>();
  private final List<WatchCompleteness.Frame> changes = new ArrayList<>();
  private final IdHistory ids = new IdHistory();
  private final HolderWitness holders =
      new HolderWitness(deadlines, this::timeToLive, this::trueTime, this::check);
  private final WorkerWitness workers = new WorkerWitness(this::check);
  private State state = State.EMPTY;
  private LongSupplier now = () -> 0;
  private BiConsumer<String, String> fail = (property, detail) -> {};

  Witness(Rules rules) {
    applier = new EntryApplier(rules);
  }

  /** Whom to tell, and what time it is. */
  void attach(LongSupplier trueTime, BiConsumer<String, String> violation) {
    now = trueTime;
    fail = violation;
  }

  private void check(boolean holds, String property, String detail) {
    if (!holds) {
      fail.accept(property, detail);
    }
  }

  /** The ids that were given, and what the log says of them. */
  IdHistory ids() {
    return ids;
  }

  /** Who holds locks, offices and permits. */
  HolderWitness holders() {
    return holders;
  }

  private long trueTime() {
    return now.getAsLong();
  }

  /** 0 for a lease that is gone already: the entry that let it begin also gave it back. */
  private long timeToLive(LeaseId id) {
    Lease lease = state.leases().get(id);
    return lease == null ? 0 : lease.ttlMillis();
  }

  /** The index of the last entry that was applied anywhere. */
  long lastIndex() {
    return answers.size();
  }

  /** {@code node} has applied {@code entry} with this answer. */
  void applied(NodeId node, Entry entry, Applied applied) {
    long next = answers.size() + 1L;
    if (entry.index() < next) {
      Applied first = answers.get((int) entry.index() - 1);
      check(first.equals(applied), "one entry has one answer", node + ": " + applied + " " + first);
      return;
    }
    check(entry.index() == next, "entries are applied in order", node + " " + entry.id());
    answers.add(applied);
    long before = state.revision();
    EntryApplier.Step step = applier.apply(state, entry);
    state = step.state();
    check(step.applied().equals(applied), "apply is a function", node + ": " + applied);
    Request request =
        entry.kind() == EntryKind.COMMAND ? RequestCodec.decode(entry.payload()) : null;
    Command command = request == null ? null : request.command();
    places(request, applied.result());
    newLeases(entry, command, applied);
    if (!applied.replayed()) {
      holders.turns().begun(command, applied.result());
    }
    for (long revision = before + 1; revision <= state.revision(); revision++) {
      events(revision, entry, command);
    }
    if (!applied.replayed()) {
      holders.applied(command, applied.result(), entry.clusterTimeMillis());
    }
    holders.turns().settled(state.locks(), entry.clusterTimeMillis());
    guards(command, applied);
    endings(entry, command);
  }

  /** All that is ever said of one keyed acquire speaks of one place in the queue. */
  private void places(@Nullable Request request, Result result) {
    RequestKey key = request == null ? null : request.key();
    TicketId ticket =
        switch (result) {
          case Result.LockGranted granted -> granted.ticket();
          case Result.LockQueued queued -> queued.ticket();
          default -> null;
        };
    if (key != null && ticket != null) {
      TicketId first = places.putIfAbsent(key.scope() + "/" + key.text().utf8(), ticket);
      check(
          first == null || first.equals(ticket),
          "a retry takes the same place up again",
          key + ": " + first + ", then " + ticket);
    }
  }

  private void newLeases(Entry entry, @Nullable Command command, Applied applied) {
    if (applied.replayed()) {
      return;
    }
    long stamp = entry.clusterTimeMillis();
    if (applied.result() instanceof Result.LeaseGranted granted) {
      deadlines.put(granted.lease(), stamp + granted.ttlMillis());
    } else if (applied.result() instanceof Result.PeriodClaimed claimed) {
      deadlines.put(claimed.lease(), stamp + claimed.ttlMillis());
    } else if (applied.result() instanceof Result.WorkerLeased worker
        && command instanceof Command.LeaseWorkerId asked) {
      deadlines.put(worker.lease(), stamp + worker.ttlMillis());
      workers.leased(asked.name(), worker, stamp);
    } else if (applied.result() instanceof Result.Renewed renewed) {
      for (RenewalResult one : renewed.results()) {
        if (one instanceof RenewalResult.Alive alive) {
          Long before = deadlines.get(alive.lease());
          check(
              before != null && before >= stamp,
              "an ended lease is not renewed",
              alive.lease() + " until " + before + " at " + stamp);
          deadlines.put(alive.lease(), stamp + alive.ttlMillis());
        }
      }
    }
  }

  private void events(long number, Entry entry, @Nullable Command command) {
    long stamp = entry.clusterTimeMillis();
    Revision revision = state.log().at(number);
    int ordinal = 0;
    for (Event event : revision.events()) {
      check(
          event.revision() == number && event.ordinal() == ordinal++,
          "the event log is complete and in order",
          event + " in " + number);
      switch (event) {
        case Event.OfKey key -> {
          if (key.current() != null && key.change() == Event.KeyChange.PUT) {
            effects
                .computeIfAbsent(key.current().value().utf8(), v -> new ArrayList<>(1))
                .add(number);
          }
        }
        case Event.OfLock lock -> holders.lock(lock, stamp);
        case Event.OfElection election -> holders.election(election, command, stamp);
        case Event.OfSemaphore semaphore -> holders.semaphore(semaphore, stamp);
        case Event.OfLease lease -> {}
        case Event.OfMember member -> {}
        case Event.OfNumber rise ->
            check(ids.risen(rise), "sequences and fences only rise", rise.toString());
      }
    }
    List<String> texts = revision.events().stream().map(SystemWatcher::text).toList();
    changes.add(new WatchCompleteness.Frame(number, texts));
    check(ordinal > 0, "the event log is complete and in order", number + " is empty");
  }

  private void guards(@Nullable Command command, Applied applied) {
    if (command instanceof Command.Put put
        && applied.result() instanceof Result.KeyPut
        && !applied.replayed()) {
      for (LockGuard guard : put.guards()) {
        check(
            holders.isHeldUnder(guard.name(), guard.token()),
            "a guarded write needs the present token",
            guard.toString());
      }
    }
  }

  /** The leases that are gone since this entry, and those that should be. */
  private void endings(Entry entry, @Nullable Command command) {
    long stamp = entry.clusterTimeMillis();
    for (Map.Entry<LeaseId, Long> one : List.copyOf(deadlines.entrySet())) {
      boolean runs = state.leases().get(one.getKey()) != null;
      boolean due = stamp > one.getValue();
      if (runs) {
        check(!due, "a lease ends when it is due", one + " at " + stamp);
        continue;
      }
      boolean byWill =
          command instanceof Command.LeaseRevoke revoke && revoke.lease().equals(one.getKey())
              || command instanceof Command.LockRelease
              || command instanceof Command.LockLeave
              || command instanceof Command.LockForce
              || command instanceof Command.Transfer
              || command instanceof Command.FinishOnce;
      check(due || byWill, "a lease runs for its whole time", one + " gone at " + stamp);
      if (!byWill) {
        expiredAt.put(one.getKey(), now.getAsLong());
      }
      workers.ended(one.getKey(), due, stamp);
      deadlines.remove(one.getKey());
    }
  }

  /** The true time at which the lease expired, as first seen; null when it did not. */
  @Nullable Long expiredAt(LeaseId lease) {
    return expiredAt.get(lease);
  }

  /** Hands over which values were put, and how often. */
  void effects(ExactlyOnce checker) {
    effects.forEach((value, revisions) -> revisions.forEach(r -> checker.effect(value, r)));
  }

  /** The revision after the last entry that was applied anywhere. */
  long revision() {
    return state.revision();
  }

  /** What each revision changed, in order. */
  List<WatchCompleteness.Frame> changes() {
    return changes;
  }

  /** A hash of the state after the last entry that was applied anywhere. */
  long digest() {
    return state.digest();
  }
}
