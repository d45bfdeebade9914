package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Input;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.SnapshotOptions;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes snapshots of what was applied (thesis 5.1): the apply loop counts, and hands out the state
 * when one is due; the bulk loop writes it while entries go on being applied. One is taken at a
 * time.
 *
 * <h2>Why a snapshot waits for the log loop</h2>
 *
 * An entry can be committed, and applied here, before this node's own disk has the term that it is
 * of. A snapshot of it must not become durable before that term does: the next start would find
 * itself behind its own state, as after the loss of the hard state. So the log loop passes it on,
 * after all that was asked of it before.
 */
final class SnapshotTaker {
  private final StateMachine<?> stateMachine;
  private final SnapshotStore store;
  private final Loop bulk;
  private final NodeClock clock;
  private final NodeListener listener;
  private final Fatal fatal;
  private final LogWriter log;
  private final Consumer<Input> answer;
  private final SnapshotOptions options;
  private final SnapshotCounters counters;

  // The apply loop's.
  private EntryId last = EntryId.NONE;
  private long clusterTimeMillis;
  private Membership membership;
  private long entries;
  private long entryBytes;

  private volatile boolean busy;
  private volatile boolean wanted;

  SnapshotTaker(
      NodeParts<?> parts,
      Fatal fatal,
      LogWriter log,
      SnapshotCounters counters,
      Consumer<Input> answer) {
    this.stateMachine = parts.stateMachine();
    this.store = parts.snapshots();
    this.bulk = parts.loops().bulk();
    this.clock = parts.clock();
    this.listener = parts.listener();
    this.membership = parts.membership();
    this.options = parts.raftOptions().snapshots();
    this.fatal = fatal;
    this.log = log;
    this.counters = counters;
    this.answer = answer;
  }

  /** An entry was applied; on the apply loop. */
  void applied(Entry entry) {
    last = entry.id();
    clusterTimeMillis = entry.clusterTimeMillis();
    entries++;
    entryBytes += entry.weightBytes();
    if (entry.kind() == EntryKind.MEMBERSHIP) {
      membership = MembershipCodec.decode(entry.payload());
    }
  }

  /** The state is that of a snapshot; on the apply loop. */
  void restored(SnapshotMeta meta) {
    last = meta.last();
    clusterTimeMillis = meta.clusterTimeMillis();
    membership = meta.membership();
    entries = 0;
    entryBytes = 0;
  }

  /** What is applied; on the apply loop, between entries. Null while nothing is. */
  @Nullable Capture capture() {
    return last.equals(EntryId.NONE)
        ? null
        : new Capture(
            new SnapshotMeta(last, clusterTimeMillis, membership), stateMachine.snapshot());
  }

  /** The newest snapshot is of no use, or the last attempt failed: takes one when it can. */
  void want() {
    wanted = true;
  }

  /** Takes a snapshot if it is time; on the apply loop, between entries. */
  void takeIfDue() {
    boolean tight = log.hasTooManySegments();
    boolean due =
        tight || wanted || entries >= options.entriesMax() || entryBytes >= options.entryBytesMax();
    if (!due || busy || entries == 0) {
      return;
    }
    busy = true;
    wanted = false;
    entries = 0;
    entryBytes = 0;
    SnapshotMeta meta = new SnapshotMeta(last, clusterTimeMillis, membership);
    StateSnapshot state = stateMachine.snapshot();
    log.add(new LogOperation.Pass(() -> bulk.execute(() -> save(meta, state, tight))));
    log.wakeUp();
  }

  private void save(SnapshotMeta meta, StateSnapshot state, boolean tight) {
    if (fatal.fired()) {
      return;
    }
    long begin = clock.nanoTime();
    Weighed weighed = new Weighed(state);
    try {
      store.save(meta, weighed::writeTo);
      long nanos = clock.nanoTime() - begin;
      counters.taken(meta.last().index(), weighed.bytes, nanos);
      listener.snapshotTaken(meta, weighed.bytes, nanos);
      busy = false;
      answer.accept(new Input.SnapshotStored(meta, tight));
    } catch (NoSpaceException full) {
      counters.failed();
      listener.snapshotFailed(full);
      bulk.executeAfter(TimeUnit.MILLISECONDS.toNanos(options.retryMillis()), this::tryAgain);
    } catch (Throwable failure) {
      fatal.fail("snapshot", failure);
    }
  }

  private void tryAgain() {
    wanted = true;
    busy = false;
  }

  /** Counts what goes through. */
  private static final class Weighed {
    private final StateSnapshot state;
    private long bytes;

    Weighed(StateSnapshot state) {
      this.state = state;
    }

    void writeTo(ChunkSink sink) throws IOException {
      state.writeTo(
          chunk -> {
            bytes += chunk.length();
            sink.put(chunk);
          });
    }
  }
}
