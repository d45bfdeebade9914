package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.Input;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds the state machine: applies all that waits, publishes once, and only then answers the
 * callers whose commands were among it. The raft loop adds; the rest runs on the apply loop. The
 * core bounds what is added and not yet applied.
 *
 * <p>When a snapshot takes the place of the state this loop reads it from the disk itself: nothing
 * else could be applied meanwhile.
 */
final class Applier<R> {
  private final StateMachine<R> stateMachine;
  private final SnapshotStore snapshots;
  private final SnapshotTaker taker;
  private final StateHasher hasher;
  private final SnapshotCounters counters;
  private final NodeClock clock;
  private final NodeListener listener;
  private final Fatal fatal;
  private final Consumer<Input> answer;
  private final int entriesMax;
  private final Wake wake;

  private final Queue<Work<R>> arrivals = new ConcurrentLinkedQueue<>();
  private final Queue<Consumer<@Nullable Capture>> captures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final AtomicLong appliedEntries = new AtomicLong();
  private final AtomicLong publishes = new AtomicLong();

  /** Whether what the state machine answers may be told. */
  private volatile boolean trusted = true;

  /** Applied, and their callers not answered yet. */
  private final ArrayDeque<Result<R>> results = new ArrayDeque<>();

  /** The batch at hand and the position of its first entry that is not among the results. */
  private @Nullable Batch<R> current;

  private int position;
  private long applied;

  private sealed interface Work<R> {}

  /** Entries, and who waits for them: aligned, or empty when nobody does. */
  private record Batch<R>(List<Entry> entries, List<@Nullable OpenProposal<R>> waiting)
      implements Work<R> {}

  /** The newest snapshot, which was just installed. */
  private record Restore<R>(SnapshotMeta meta) implements Work<R> {}

  private record Result<R>(OpenProposal<R> proposal, long index, R value) {}

  Applier(
      NodeParts<R> parts,
      Fatal fatal,
      SnapshotTaker taker,
      SnapshotCounters counters,
      Consumer<Input> answer) {
    this.stateMachine = parts.stateMachine();
    this.snapshots = parts.snapshots();
    this.taker = taker;
    this.hasher = new StateHasher(parts, fatal, answer);
    this.counters = counters;
    this.clock = parts.clock();
    this.listener = parts.listener();
    this.fatal = fatal;
    this.answer = answer;
    this.entriesMax = parts.nodeOptions().applyEntriesMax();
    this.wake = new Wake(parts.loops().apply(), this::turn);
  }

  /** Takes committed entries that follow on those before; they are begun after {@link #wakeUp}. */
  void add(List<Entry> entries, List<@Nullable OpenProposal<R>> waiting) {
    for (OpenProposal<R> proposal : waiting) {
      if (proposal != null) {
        unanswered.incrementAndGet();
      }
    }
    queued.incrementAndGet();
    arrivals.add(new Batch<>(entries, waiting));
  }

  /** The state becomes that of the newest snapshot, after what was added before. */
  void restore(SnapshotMeta meta) {
    queued.incrementAndGet();
    arrivals.add(new Restore<>(meta));
    wake.up();
  }

  /** The state begins as that of the newest snapshot; on the apply loop, before all else. */
  void recover(SnapshotMeta meta) throws IOException {
    readState(meta);
    counters.recovered(applied);
  }

  /** Whether callers are told what came of their commands; else they are told nothing. */
  void trust(boolean state) {
    trusted = state;
  }

  /** Hands out what is applied, between entries; callable from any thread. */
  void capture(Consumer<@Nullable Capture> taken) {
    captures.add(taken);
    wake.up();
  }

  void wakeUp() {
    if (!arrivals.isEmpty()) {
      wake.up();
    }
  }

  int queued() {
    return queued.get();
  }

  /** Proposals whose entries were added and whose callers have no answer yet. */
  int unanswered() {
    return unanswered.get();
  }

  long appliedEntries() {
    return appliedEntries.get();
  }

  long publishes() {
    return publishes.get();
  }

  private void turn() {
    if (fatal.fired()) {
      giveUp();
      return;
    }
    try {
      applyWaiting();
      capture();
    } catch (Throwable failure) {
      fatal.fail("applier", failure);
      giveUp();
    }
  }

  private void applyWaiting() throws IOException {
    long begin = clock.nanoTime();
    int entries = 0;
    while (entries < entriesMax && arrivals.peek() instanceof Batch<R> batch) {
      arrivals.remove();
      queued.decrementAndGet();
      apply(batch);
      entries += batch.entries().size();
    }
    // Looked at before it is taken: entries may have come since there were none.
    if (entries > 0) {
      publish(begin, entries);
    } else if (arrivals.peek() instanceof Restore<R>(SnapshotMeta meta)) {
      arrivals.remove();
      queued.decrementAndGet();
      install(meta);
    }
  }

  private void capture() {
    Consumer<@Nullable Capture> taken;
    while ((taken = captures.poll()) != null) {
      taken.accept(taker.capture());
    }
  }

  private void publish(long begin, int entries) {
    stateMachine.publish();
    appliedEntries.addAndGet(entries);
    publishes.incrementAndGet();
    long published = clock.nanoTime();
    listener.applied(published - begin, entries);
    answerCallers(published);
    if (fatal.fired()) {
      giveUp();
      return;
    }
    answer.accept(new Input.Applied(applied, stateMachine.nextDueMillis()));
    taker.takeIfDue();
    wakeUp();
  }

  private void install(SnapshotMeta meta) throws IOException {
    long begin = clock.nanoTime();
    readState(meta);
    counters.installed(applied);
    listener.snapshotInstalled(meta, clock.nanoTime() - begin);
    answer.accept(new Input.SnapshotRestored(meta, stateMachine.nextDueMillis()));
    wakeUp();
  }

  private void readState(SnapshotMeta meta) throws IOException {
    try (SnapshotSource source = snapshots.open()) {
      Invariant.check(source.meta().equals(meta), "the newest snapshot is the one to restore");
      stateMachine.restore(source);
    }
    stateMachine.publish();
    applied = meta.last().index();
    taker.restored(meta);
    hasher.restored(applied, meta.clusterTimeMillis());
  }

  private void apply(Batch<R> batch) {
    List<@Nullable OpenProposal<R>> waiting = batch.waiting();
    current = batch;
    for (position = 0; position < batch.entries().size(); position++) {
      Entry entry = batch.entries().get(position);
      Invariant.check(entry.index() == applied + 1, "no hole in apply", entry.index(), applied);
      R value = stateMachine.apply(entry);
      applied = entry.index();
      taker.applied(entry);
      hasher.applied(entry);
      OpenProposal<R> proposal = waiting.isEmpty() ? null : waiting.get(position);
      if (proposal != null) {
        results.add(new Result<>(proposal, applied, value));
      }
    }
    current = null;
  }

  private void answerCallers(long publishedNanos) {
    Result<R> result;
    while (!fatal.fired() && (result = results.poll()) != null) {
      unanswered.decrementAndGet();
      if (trusted) {
        result.proposal().applied(result.index(), result.value(), publishedNanos);
      } else {
        result.proposal().failed(new Outcome.Unknown());
      }
    }
  }

  /** Entries may be committed, even applied, but this node does not say so any more. */
  private void giveUp() {
    Consumer<@Nullable Capture> taken;
    while ((taken = captures.poll()) != null) {
      taken.accept(null);
    }
    Result<R> result;
    while ((result = results.poll()) != null) {
      unanswered.decrementAndGet();
      result.proposal().failed(new Outcome.Unknown());
    }
    if (current != null) {
      failFrom(current.waiting(), position);
      current = null;
    }
    Work<R> work;
    while ((work = arrivals.poll()) != null) {
      if (work instanceof Batch<R> batch) {
        failFrom(batch.waiting(), 0);
      }
    }
  }

  private void failFrom(List<@Nullable OpenProposal<R>> waiting, int from) {
    for (int i = from; i < waiting.size(); i++) {
      OpenProposal<R> proposal = waiting.get(i);
      if (proposal != null) {
        unanswered.decrementAndGet();
        proposal.failed(new Outcome.Unknown());
      }
    }
  }
}
