package io.lockstep.raft.script;

import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Input;
import io.lockstep.raft.RecoveredLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The log and the hard state of one node, in memory. What was handed over is pending until it is
 * flushed; a crash keeps what was flushed and loses the rest, or keeps a part of it.
 */
public final class Disk {
  private final List<Entry> entries = new ArrayList<>();
  private final ArrayDeque<Effect> pending = new ArrayDeque<>();
  private HardState hardState = HardState.INITIAL;

  public void add(Effect operation) {
    pending.add(operation);
  }

  public int pending() {
    return pending.size();
  }

  public HardState hardState() {
    return hardState;
  }

  public List<Entry> entries() {
    return List.copyOf(entries);
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
  }

  public RecoveredLog recovered() {
    return recovered(Integer.MAX_VALUE);
  }

  /** What a start finds, with a tail of at most {@code tailMax} entries. */
  public RecoveredLog recovered(int tailMax) {
    if (entries.isEmpty()) {
      return RecoveredLog.EMPTY;
    }
    EntryId last = entries.getLast().id();
    int from = Math.max(0, entries.size() - tailMax);
    return RecoveredLog.of(
        1,
        last,
        entries.subList(from, entries.size()),
        index -> at(index).term(),
        RecoveredLog.membershipsOf(entries));
  }

  /** Puts a state there, as of an earlier life. */
  public void preset(HardState state, List<Entry> log) {
    hardState = state;
    entries.clear();
    entries.addAll(log);
  }

  private Entry at(long index) {
    return entries.get((int) index - 1);
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
      case Effect.Send _,
          Effect.Apply _,
          Effect.MembershipChanged _,
          Effect.ChangeAnswered _,
          Effect.Complete _ ->
          throw new AssertionError("no disk operation: " + operation);
    }
  }

  private void truncateFrom(long index) {
    if (index <= entries.size()) {
      entries.subList((int) index - 1, entries.size()).clear();
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
