package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.sim.check.RaftInvariants;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A state machine whose every entry the invariants see. */
final class ObservedMachine<R> implements StateMachine<R> {
  private static final int COMPARED_EVERY = 128;

  private final StateMachine<R> machine;
  private final RaftInvariants invariants;
  private final int node;
  private final boolean compares;
  private long applied;

  /** {@code compares} whether the invariants see the states, too. */
  ObservedMachine(StateMachine<R> machine, RaftInvariants invariants, int node, boolean compares) {
    this.machine = machine;
    this.invariants = invariants;
    this.node = node;
    this.compares = compares;
  }

  @Override
  public R apply(Entry entry) {
    invariants.applied(node, entry);
    R result = machine.apply(entry);
    applied = entry.index();
    if (applied % COMPARED_EVERY == 0) {
      compare();
    }
    return result;
  }

  @Override
  public long nextDueMillis() {
    return machine.nextDueMillis();
  }

  @Override
  public void publish() {
    machine.publish();
  }

  @Override
  public StateSnapshot snapshot() {
    compare();
    return machine.snapshot();
  }

  @Override
  public StateHash hash() {
    return machine.hash();
  }

  @Override
  public void restore(ChunkSource chunks) throws IOException {
    machine.restore(chunks);
    if (chunks instanceof SnapshotSource source) {
      applied = source.meta().last().index();
      invariants.restored(node, applied);
      compare();
    }
  }

  private void compare() {
    if (compares) {
      invariants.state(node, applied, digest());
    }
  }

  /** Of all that a snapshot of this state would hold. */
  private long digest() {
    long[] sum = {0};
    try {
      machine
          .snapshot()
          .writeTo(chunk -> sum[0] = Chance.mix(sum[0] * 31 + chunk.hashCode() + chunk.length()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sum[0];
  }
}
