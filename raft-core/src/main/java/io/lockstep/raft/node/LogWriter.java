package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.LogStore.Room;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The only one to touch the disk: carries out the log operations in order, many appends to one
 * force, and tells the raft loop what became durable (thesis 10.2.1). The raft loop adds; the rest
 * runs on the log loop.
 *
 * <h2>When there is no room</h2>
 *
 * An append that does not fit stays at the head and is tried again every {@code roomRetryMillis};
 * what was written of it is forced and acknowledged. Two kinds of operation pass it meanwhile. A
 * hard state may become durable before the entries of earlier terms: the order that matters is that
 * it comes before entries of its own. A read may be answered as far as nothing that waits will
 * change what it sees. A compaction passes too: it may be what makes room. Truncations, appends and
 * the installation of a snapshot keep their order.
 */
final class LogWriter {
  private final LogStore log;
  private final HardStateStore hardStates;
  private final SnapshotStore snapshots;
  private final RepairStore repairs;
  private final RepairRule repairRule;
  private final Loop loop;
  private final NodeClock clock;
  private final NodeListener listener;
  private final Fatal fatal;
  private final Consumer<Input> answer;
  private final Runnable roomChanged;
  private final long forceBytesMax;
  private final long retryNanos;
  private final int segmentsMax;
  private final Wake wake;

  private final Queue<LogOperation> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicLong bytesPending = new AtomicLong();
  private final AtomicLong forces = new AtomicLong();
  private final AtomicLong forceNanos = new AtomicLong();
  private final AtomicLong forcedEntries = new AtomicLong();
  private volatile Room room = Room.AMPLE;
  private volatile int segments;
  private volatile int segmentsKept;

  private final ArrayDeque<LogOperation> pending = new ArrayDeque<>();
  private final List<Input.LogFlushed> unforced = new ArrayList<>();
  private int unforcedEntries;
  private long unforcedBytes;
  private boolean stuck;
  private long firstTouched;
  private boolean recheckDue;
  private boolean closed;

  /**
   * Does nothing until woken.
   *
   * @param answer takes what the core is told; callable from the log loop
   * @param roomChanged called on the log loop after {@link #room} changed
   */
  LogWriter(NodeParts<?> parts, Fatal fatal, Consumer<Input> answer, Runnable roomChanged) {
    this.log = parts.log();
    this.hardStates = parts.hardState();
    this.snapshots = parts.snapshots();
    this.repairs = parts.repairs();
    this.repairRule =
        new RepairRule(parts.self(), parts.membership(), parts.snapshots(), parts.listener());
    this.segmentsMax = parts.raftOptions().snapshots().segmentsMax();
    this.loop = parts.loops().log();
    this.clock = parts.clock();
    this.listener = parts.listener();
    this.fatal = fatal;
    this.answer = answer;
    this.roomChanged = roomChanged;
    this.forceBytesMax = parts.nodeOptions().forceBytesMax();
    this.retryNanos = TimeUnit.MILLISECONDS.toNanos(parts.nodeOptions().roomRetryMillis());
    this.wake = new Wake(loop, () -> guarded(this::turn));
  }

  /** Reads what earlier lives left; on the log loop, before all operations. */
  Recovery recover(int tailBytesMax) throws IOException {
    Recovery recovery = recovery(tailBytesMax);
    segments = log.segments();
    noteRoom(log.room());
    return recovery;
  }

  private Recovery recovery(int tailBytesMax) throws IOException {
    Recovery.bridgeGap(log, snapshots, repairs, repairRule, listener);
    Repair repair = repairs.load();
    Recovery recovery = Recovery.read(log, hardStates, snapshots.newest(), tailBytesMax);
    return repair == null ? recovery : recovery.underRepair();
  }

  /** Takes an operation; it is begun after {@link #wakeUp}. */
  void add(LogOperation operation) {
    if (operation instanceof LogOperation.Append append) {
      bytesPending.addAndGet(append.weightBytes());
    }
    queued.incrementAndGet();
    arrivals.add(operation);
  }

  void wakeUp() {
    if (!arrivals.isEmpty()) {
      wake.up();
    }
  }

  /** Closes the store after the operations that were begun, then calls {@code whenClosed}. */
  void close(Runnable whenClosed) {
    loop.execute(
        () ->
            guarded(
                () -> {
                  closed = true;
                  log.close();
                  whenClosed.run();
                }));
  }

  Room room() {
    return room;
  }

  /** The pieces that the log lies in. */
  int segments() {
    return segments;
  }

  /**
   * Whether the log should be compacted for the space that its pieces take, and has more of them
   * than the last compaction left.
   */
  boolean hasTooManySegments() {
    return segments >= segmentsMax && segments > segmentsKept;
  }

  /** Entries that were added and are not durable, in bytes. */
  long bytesPending() {
    return bytesPending.get();
  }

  int queued() {
    return queued.get();
  }

  long forces() {
    return forces.get();
  }

  long forceNanos() {
    return forceNanos.get();
  }

  long forcedEntries() {
    return forcedEntries.get();
  }

  @FunctionalInterface
  private interface DiskTask {
    void run() throws IOException;
  }

  private void guarded(DiskTask task) {
    if (closed || fatal.fired()) {
      return;
    }
    try {
      task.run();
    } catch (Throwable failure) {
      fatal.fail("log writer", failure);
    }
  }

  private void turn() throws IOException {
    admitArrivals();
    if (!stuck) {
      writeBatch();
    }
  }

  private void admitArrivals() throws IOException {
    LogOperation operation;
    while ((operation = arrivals.poll()) != null) {
      if (stuck) {
        passOrKeep(operation);
      } else {
        pending.add(operation);
      }
    }
  }

  private void writeBatch() throws IOException {
    long written = 0;
    LogOperation next;
    while (!stuck && written < forceBytesMax && (next = pending.poll()) != null) {
      switch (next) {
        case LogOperation.Save(HardState hardState) -> save(hardState);
        case LogOperation.Truncate(long fromIndex) -> truncate(fromIndex);
        case LogOperation.Read read -> read(read, read.toExclusive());
        case LogOperation.Append append -> written += append(append);
        case LogOperation.Compact(long firstKept) -> compact(firstKept);
        case LogOperation.Restore restore -> restore(restore);
        case LogOperation.EndRepair _ -> endRepair();
        case LogOperation.Pass(Runnable then) -> pass(then);
      }
    }
    if (!unforced.isEmpty()) {
      force();
    }
    if (stuck) {
      letOthersPass();
    } else if (!pending.isEmpty()) {
      wake.up();
    } else if (arrivals.isEmpty()) {
      log.idle();
    }
  }

  private void save(HardState hardState) throws IOException {
    hardStates.save(hardState);
    queued.decrementAndGet();
    answer.accept(new Input.HardStateFlushed(hardState));
  }

  private void truncate(long fromIndex) throws IOException {
    log.truncateFrom(fromIndex);
    queued.decrementAndGet();
  }

  private void endRepair() throws IOException {
    repairs.end();
    queued.decrementAndGet();
    listener.repaired(log.last());
  }

  private void pass(Runnable then) {
    queued.decrementAndGet();
    then.run();
  }

  private void compact(long firstKept) throws IOException {
    log.compactTo(firstKept);
    segments = log.segments();
    segmentsKept = segments;
    queued.decrementAndGet();
  }

  /** What was appended before is forced first: no flush is told of entries that are gone. */
  private void restore(LogOperation.Restore restore) throws IOException {
    if (!unforced.isEmpty()) {
      force();
    }
    SnapshotMeta meta = restore.meta();
    if (!restore.installed()) {
      snapshots.install(meta);
    }
    try {
      if (restore.keepsLog()) {
        log.compactTo(meta.last().index() + 1);
      } else {
        log.resetTo(meta.last());
      }
    } catch (NoSpaceException full) {
      stuck = true;
      pending.addFirst(
          new LogOperation.Restore(meta, restore.keepsLog(), true, restore.whenDone()));
      return;
    }
    segments = log.segments();
    segmentsKept = segments;
    queued.decrementAndGet();
    restore.whenDone().run();
  }

  private void read(LogOperation.Read read, long toExclusive) throws IOException {
    List<Entry> entries = log.read(read.from(), toExclusive, read.bytesMax());
    Invariant.check(
        !entries.isEmpty() && entries.getFirst().index() == read.from(),
        "a read gives at least the first entry asked for",
        read.from(),
        toExclusive);
    queued.decrementAndGet();
    answer.accept(new Input.LogRead(read.from(), entries));
  }

  /** Writes as much as there is room for; the rest goes back to the head. Returns the bytes. */
  private long append(LogOperation.Append append) throws IOException {
    List<Entry> entries = append.entries();
    int count = log.append(entries);
    stuck = count < entries.size();
    long written = append.weightBytes();
    if (stuck) {
      LogOperation.Append rest =
          LogOperation.Append.of(append.leaderTerm(), entries.subList(count, entries.size()));
      pending.addFirst(rest);
      written -= rest.weightBytes();
    } else {
      queued.decrementAndGet();
    }
    if (count > 0) {
      noteUnforced(append.leaderTerm(), entries.get(count - 1).id());
      unforcedEntries += count;
      unforcedBytes += written;
    }
    return written;
  }

  /** One acknowledgement answers all appends under one leader: its log only grows. */
  private void noteUnforced(long leaderTerm, EntryId upTo) {
    if (!unforced.isEmpty() && unforced.getLast().leaderTerm() == leaderTerm) {
      unforced.removeLast();
    }
    unforced.add(new Input.LogFlushed(leaderTerm, upTo));
  }

  private void force() throws IOException {
    long begin = clock.nanoTime();
    log.force();
    long nanos = clock.nanoTime() - begin;
    unforced.forEach(answer);
    unforced.clear();
    forces.incrementAndGet();
    forceNanos.addAndGet(nanos);
    forcedEntries.addAndGet(unforcedEntries);
    bytesPending.addAndGet(-unforcedBytes);
    segments = log.segments();
    listener.forced(nanos, unforcedEntries, unforcedBytes);
    unforcedEntries = 0;
    unforcedBytes = 0;
    noteRoom(stuck ? Room.NONE : log.room());
  }

  private void letOthersPass() throws IOException {
    noteRoom(Room.NONE);
    firstTouched = Long.MAX_VALUE;
    List<LogOperation> waiting = new ArrayList<>(pending);
    pending.clear();
    for (LogOperation operation : waiting) {
      passOrKeep(operation);
    }
  }

  private void passOrKeep(LogOperation operation) throws IOException {
    switch (operation) {
      case LogOperation.Save(HardState hardState) -> save(hardState);
      case LogOperation.Read read when read.from() < firstTouched ->
          read(read, Math.min(read.toExclusive(), firstTouched));
      case LogOperation.Read read -> pending.add(read);
      case LogOperation.Truncate truncate -> keep(truncate, truncate.fromIndex());
      case LogOperation.Append append -> keep(append, append.entries().getFirst().index());
      case LogOperation.Compact(long firstKept) -> compact(firstKept);
      case LogOperation.Restore restore -> keep(restore, 0);
      case LogOperation.EndRepair _ -> endRepair();
      case LogOperation.Pass(Runnable then) -> pass(then);
    }
  }

  private void keep(LogOperation operation, long touched) {
    pending.add(operation);
    firstTouched = Math.min(firstTouched, touched);
  }

  private void noteRoom(Room now) {
    if (now != room) {
      room = now;
      listener.roomChanged(now);
      roomChanged.run();
    }
    if (now != Room.AMPLE && !recheckDue) {
      recheckDue = true;
      loop.executeAfter(retryNanos, () -> guarded(this::recheck));
    }
  }

  /** Asks for room even when nothing is stuck: while growth is refused no force would ask. */
  private void recheck() throws IOException {
    recheckDue = false;
    log.room();
    stuck = false;
    admitArrivals();
    writeBatch();
    noteRoom(stuck ? Room.NONE : log.room());
  }
}
