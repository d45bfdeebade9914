package io.lockstep.ops.process;

import io.lockstep.raft.sim.check.ExactlyOnce;
import io.lockstep.raft.sim.check.Linearizability;
import io.lockstep.raft.sim.check.LockSafety;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.Verdict;
import io.lockstep.raft.sim.check.VersionedModel;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import io.lockstep.raft.sim.check.Violation;
import io.lockstep.raft.sim.check.WatchCompleteness;
import io.lockstep.raft.sim.check.WatchCompleteness.Frame;
import io.lockstep.raft.sim.check.WatchCompleteness.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All that the clients of a run of real processes did and heard, and whether the contract allows
 * it. Times are of this process's monotonic clock. All methods may be called from any thread;
 * {@link #check} after all clients have ended.
 */
final class History {
  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final ConcurrentSkipListSet<Long> answeredAt = new ConcurrentSkipListSet<>();
  private final Queue<Operation<Call, Response>> operations = new ConcurrentLinkedQueue<>();
  private final Queue<KeyedAnswer> keyed = new ConcurrentLinkedQueue<>();
  private final Queue<LockSafety.Grant> grants = new ConcurrentLinkedQueue<>();
  private final Queue<LockSafety.GuardedWrite> guarded = new ConcurrentLinkedQueue<>();
  private final Queue<Watcher> watchers = new ConcurrentLinkedQueue<>();
  private final Queue<Violation> violations = new ConcurrentLinkedQueue<>();

  /**
   * What one attempt of a keyed mutation was answered.
   *
   * @param revision of its effect; 0 when it was refused
   */
  record KeyedAnswer(String name, String key, long revision) {}

  /** Somebody asks the service for something. */
  void begins() {
    begun.incrementAndGet();
  }

  /** Somebody was given what they asked for. */
  void answered() {
    answeredAt.add(System.nanoTime());
  }

  void add(Operation<Call, Response> operation) {
    operations.add(operation);
    if (!operation.isAnswered()) {
      unknown.incrementAndGet();
    }
  }

  void add(KeyedAnswer answer) {
    keyed.add(answer);
  }

  void add(LockSafety.Grant grant) {
    grants.add(grant);
  }

  void add(LockSafety.GuardedWrite write) {
    guarded.add(write);
  }

  void add(Watcher watcher) {
    watchers.add(watcher);
  }

  /** A client has seen at once what the contract forbids. */
  void report(Violation violation) {
    violations.add(violation);
  }

  long begunCount() {
    return begun.get();
  }

  long answeredCount() {
    return answeredAt.size();
  }

  long unknownCount() {
    return unknown.get();
  }

  /** The longest time without an answer between two moments. */
  Duration longestGap(long fromNanos, long toNanos) {
    long longest = 0;
    long before = fromNanos;
    for (long at : answeredAt.subSet(fromNanos, true, toNanos, true)) {
      longest = Math.max(longest, at - before);
      before = at;
    }
    return Duration.ofNanos(Math.max(longest, toNanos - before));
  }

  List<Operation<Call, Response>> operations() {
    return List.copyOf(operations);
  }

  /**
   * What any watcher was told, by revision; two that were told different things are a violation.
   */
  SortedMap<Long, List<String>> changes() {
    TreeMap<Long, List<String>> changes = new TreeMap<>();
    for (Watcher watcher : watchers) {
      for (Frame frame : watcher.frames()) {
        List<String> before = changes.putIfAbsent(frame.revision(), frame.changes());
        if (before != null && !before.equals(frame.changes())) {
          throw new Violation(
              "all nodes tell the same changes",
              watcher.name() + " " + frame + ", another was told " + before);
        }
      }
    }
    return changes;
  }

  /** Throws {@link Violation} for the first thing that the contract does not allow. */
  void check() {
    if (!violations.isEmpty()) {
      throw violations.peek();
    }
    checkLinearizable();
    SortedMap<Long, List<String>> changes = changes();
    checkWatches(changes);
    checkWritesWereTold(changes);
    checkKeyed(changes);
    LockSafety locks = new LockSafety();
    grants.forEach(locks::granted);
    guarded.forEach(locks::wrote);
    locks.check();
  }

  private void checkLinearizable() {
    Verdict verdict =
        Linearizability.checkEach(new VersionedModel(), List.copyOf(operations), Call::key);
    if (!verdict.isLegal()) {
      throw new Violation("histories are linearizable", verdict.toString());
    }
  }

  private void checkWatches(SortedMap<Long, List<String>> changes) {
    List<Frame> truth = new ArrayList<>();
    changes.forEach((revision, texts) -> truth.add(new Frame(revision, texts)));
    WatchCompleteness completeness = new WatchCompleteness(truth);
    watchers.forEach(completeness::check);
  }

  /** What was acknowledged, and what was read, has been told to the watchers at its revision. */
  private void checkWritesWereTold(SortedMap<Long, List<String>> changes) {
    for (Operation<Call, Response> operation : operations) {
      String key = operation.call().key();
      switch (operation.response()) {
        case Response.Written written ->
            told(
                changes,
                written.revision(),
                Change.put(key, ((Call.Put) operation.call()).value()));
        case Response.Deleted deleted -> told(changes, deleted.revision(), Change.delete(key));
        case Response.Found found ->
            told(changes, found.revision(), Change.put(key, found.value()));
        case Response.Missing missing -> {}
        case Response.Refused refused -> {}
        case null -> {}
      }
    }
  }

  private static void told(Map<Long, List<String>> changes, long revision, String change) {
    List<String> found = changes.getOrDefault(revision, List.of());
    if (!found.contains(change)) {
      throw new Violation(
          "what is acknowledged is told to watchers",
          "revision " + revision + " is " + found + ", not " + change);
    }
  }

  private void checkKeyed(SortedMap<Long, List<String>> changes) {
    ExactlyOnce exactlyOnce = new ExactlyOnce();
    Map<String, Long> applied = new TreeMap<>();
    for (KeyedAnswer answer : keyed) {
      if (answer.revision() > 0) {
        exactlyOnce.applied(answer.name(), "at " + answer.revision());
        applied.put(answer.name(), answer.revision());
      } else {
        exactlyOnce.refused(answer.name());
      }
    }
    Map<String, Long> counts = new TreeMap<>();
    changes.forEach(
        (revision, texts) ->
            texts.forEach(
                text -> {
                  Change.Increment increment = Change.increment(text);
                  if (increment != null) {
                    exactlyOnce.effect(increment.by(), revision);
                    counts.merge(increment.key(), 1L, Long::sum);
                    if (counts.get(increment.key()) != increment.count()) {
                      throw new Violation("each increment counts once", text + " at " + revision);
                    }
                  }
                }));
    exactlyOnce.check();
    long effects = counts.values().stream().mapToLong(Long::longValue).sum();
    if (effects != applied.size()) {
      throw new Violation(
          "each increment counts once", applied.size() + " acknowledged, " + effects + " counted");
    }
  }
}
