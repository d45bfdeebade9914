package io.lockstep.raft.node;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.Entry;
import io.lockstep.raft.Input;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hashes the state at checkpoints, for replicas to compare. The apply loop picks them and takes the
 * state, which costs nothing; the bulk loop hashes it.
 *
 * <h2>Which indices</h2>
 *
 * All replicas must pick the same, whenever each applies them: the first entry of each second of
 * cluster time. What comes after the last checkpoint is hashed when nothing was applied for a
 * while: then it is the end of the log for all. A replica that is behind, or whose bulk loop has
 * other things to do, may leave some out; the others' word is kept for a minute.
 */
final class StateHasher {
  private static final long PERIOD_MILLIS = 1_000;
  private static final long QUIET_NANOS = 1_000_000_000;

  private final StateMachine<?> stateMachine;
  private final Loop apply;
  private final Loop bulk;
  private final Fatal fatal;
  private final Consumer<Input> answer;

  private long applied;
  private long clusterTimeMillis;
  private long takenIndex;
  private long quietSince;
  private boolean watching;
  private boolean busy;
  private @Nullable Taken next;

  private record Taken(long index, StateHash hash) {}

  StateHasher(NodeParts<?> parts, Fatal fatal, Consumer<Input> answer) {
    this.stateMachine = parts.stateMachine();
    this.apply = parts.loops().apply();
    this.bulk = parts.loops().bulk();
    this.fatal = fatal;
    this.answer = answer;
  }

  /** An entry was applied; on the apply loop, before the next one is. */
  void applied(Entry entry) {
    long before = clusterTimeMillis;
    applied = entry.index();
    clusterTimeMillis = entry.clusterTimeMillis();
    if (clusterTimeMillis / PERIOD_MILLIS != before / PERIOD_MILLIS) {
      take();
    }
    watch();
  }

  /** The state is that of a snapshot; on the apply loop. */
  void restored(long index, long stampMillis) {
    applied = index;
    clusterTimeMillis = stampMillis;
    watch();
  }

  private void watch() {
    if (!watching) {
      watching = true;
      quietSince = applied;
      apply.executeAfter(QUIET_NANOS, this::look);
    }
  }

  private void look() {
    watching = false;
    if (fatal.fired() || applied == takenIndex) {
      return;
    }
    if (applied == quietSince) {
      take();
    } else {
      watch();
    }
  }

  /** Of several that wait for the bulk loop only the latest is kept. */
  private void take() {
    takenIndex = applied;
    next = new Taken(applied, stateMachine.hash());
    hashNext();
  }

  private void hashNext() {
    Taken taken = next;
    if (taken != null && !busy) {
      busy = true;
      next = null;
      bulk.execute(() -> hash(taken));
    }
  }

  private void hash(Taken taken) {
    if (fatal.fired()) {
      return;
    }
    try {
      StateHash hash = taken.hash();
      answer.accept(
          new Input.StateHashed(new Checkpoint(taken.index(), hash.format(), hash.value())));
      apply.execute(this::hashed);
    } catch (Throwable failure) {
      fatal.fail("state hash", failure);
    }
  }

  private void hashed() {
    busy = false;
    hashNext();
  }
}
