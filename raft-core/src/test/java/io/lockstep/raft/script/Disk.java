package io.lockstep.raft.script;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.RecoveredLog;
import io.lockstep.raft.SnapshotMeta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log, the hard state and the snapshots of one node, in memory. What was handed over is pending
 * until it is flushed; a crash keeps what was flushed and loses the rest, or keeps a part of it.
 */
public final class Disk {
  private final List<Entry> entries = new ArrayList<>();
  private final ArrayDeque<Effect> pending = new ArrayDeque<>();
  private HardState hardState = HardState.INITIAL;
  private EntryId start = EntryId.NONE;
  private @Nullable Stored snapshot;
  private @Nullable Stored received;
  private boolean repairing;

  /** A snapshot: the state is the entries that made it. */
  public record Stored(SnapshotMeta meta, List<Entry> state) {}

  public void add(Effect operation) {
    pending.add(operation);
  }

  public int pending() {
    return pending.size();
  }

  public HardState hardState() {
    return hardState;
  }

  /** The place before the first entry. */
  public EntryId start() {
    return start;
  }

  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  public @Nullable Stored snapshot() {
    return snapshot;
  }

  /** A snapshot of this node's own state; durable at once. */
  public void save(Stored taken) {
    snapshot = taken;
  }

  /** A snapshot from another node; durable, and not installed. */
  public void receive(Stored incoming) {
    received = incoming;
  }

  /** Carries out the first {@code count} pending operations and returns what the core is told. */
  public List<Input> flush(int count) {
    List<Input> done = new ArrayList<>();
    for (int i = 0; i < count && !pending.isEmpty(); i++) {
      perform(pending.remove(), done);
    }
    return done;
  }

  public List<Input> flushAll() {
    return flush(Integer.MAX_VALUE);
  }

  /** Power goes: of what is pending the first {@code survivors} operations made it to the disk. */
  public void crash(int survivors) {
    flush(survivors);
    pending.clear();
    received = null;
  }

  /** As {@link #crash}, in the middle of the next operation, if that is an installation. */
  public void crashWithin(int survivors) {
    flush(survivors);
    if (pending.peek() instanceof Effect.RestoreSnapshot) {
      snapshot = received;
    }
    crash(0);
  }

  public RecoveredLog recovered() {
    return recovered(Integer.MAX_VALUE);
  }

  /** What a start finds, with a tail of at most {@code tailMax} entries. */
  public RecoveredLog recovered(int tailMax) {
    Stored newest = snapshot;
    if (newest != null && !holds(newest.meta().last())) {
      reset(newest.meta().last());
    }
    EntryId last = entries.isEmpty() ? start : entries.getLast().id();
    int from = Math.max(0, entries.size() - tailMax);
    RecoveredLog found =
        RecoveredLog.of(
            start,
            last,
            entries.subList(from, entries.size()),
            index -> at(index).term(),
            RecoveredLog.membershipsOf(entries),
            newest == null ? null : newest.meta());
    return repairing ? found.underRepair() : found;
  }

  /** Rot: what follows the first {@code kept} entries is gone, and a start has marked that. */
  public void loseAfter(int kept) {
    entries.subList(Math.min(kept, entries.size()), entries.size()).clear();
    repairing = true;
  }

  /** Rot took it all: log and snapshot. */
  public void loseAll() {
    snapshot = null;
    reset(EntryId.NONE);
    repairing = true;
  }

  public boolean repairing() {
    return repairing;
  }

  /** Puts a state there, as of an earlier life. */
  public void preset(HardState state, List<Entry> log) {
    hardState = state;
    entries.clear();
    entries.addAll(log);
  }

  /** The same, with a snapshot of {@code state} and a log that goes on after {@code start}. */
  public void preset(HardState hard, Stored taken, EntryId logStart, List<Entry> log) {
    preset(hard, log);
    snapshot = taken;
    start = logStart;
  }

  private boolean holds(EntryId id) {
    return id.equals(start)
        || id.index() > start.index()
            && id.index() <= start.index() + entries.size()
            && at(id.index()).term() == id.term();
  }

  private Entry at(long index) {
    return entries.get((int) (index - start.index() - 1));
  }

  private void perform(Effect operation, List<Input> done) {
    switch (operation) {
      case Effect.SaveHardState save -> {
        hardState = save.hardState();
        done.add(new Input.HardStateFlushed(save.hardState()));
      }
      case Effect.TruncateLog truncate -> truncateFrom(truncate.fromIndex());
      case Effect.AppendLog append -> {
        truncateFrom(append.entries().getFirst().index());
        entries.addAll(append.entries());
        done.add(new Input.LogFlushed(append.leaderTerm(), append.entries().getLast().id()));
      }
      case Effect.ReadLog read -> done.add(new Input.LogRead(read.from(), read(read)));
      case Effect.CompactLog compact -> compactTo(compact.firstKept());
      case Effect.EndRepair _ -> repairing = false;
      case Effect.RestoreSnapshot restore -> {
        install(restore);
        done.add(new Input.SnapshotRestored(restore.meta(), Long.MAX_VALUE));
      }
      case Effect.Send _,
          Effect.Apply _,
          Effect.SendSnapshot _,
          Effect.MembershipChanged _,
          Effect.StateDiverged _,
          Effect.ChangeAnswered _,
          Effect.Complete _ ->
          throw new AssertionError("no disk operation: " + operation);
    }
  }

  private void install(Effect.RestoreSnapshot restore) {
    Stored incoming = received;
    if (incoming == null || !incoming.meta().equals(restore.meta())) {
      throw new AssertionError("installs " + restore + ", received " + incoming);
    }
    snapshot = incoming;
    received = null;
    if (restore.keepsLog()) {
      compactTo(restore.meta().last().index() + 1);
    } else {
      reset(restore.meta().last());
    }
  }

  private void compactTo(long firstKept) {
    if (firstKept > start.index() + 1) {
      EntryId before = at(firstKept - 1).id();
      entries.subList(0, (int) (firstKept - 1 - start.index())).clear();
      start = before;
    }
  }

  private void reset(EntryId last) {
    entries.clear();
    start = last;
  }

  private void truncateFrom(long index) {
    int from = (int) (index - start.index() - 1);
    if (from < entries.size()) {
      entries.subList(from, entries.size()).clear();
    }
  }

  private List<Entry> read(Effect.ReadLog read) {
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (long index = read.from(); index < read.toExclusive(); index++) {
      bytes += at(index).weightBytes();
      if (!found.isEmpty() && bytes > read.bytesMax()) {
        break;
      }
      found.add(at(index));
    }
    return found;
  }
}
