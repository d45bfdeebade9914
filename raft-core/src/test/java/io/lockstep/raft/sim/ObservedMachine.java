package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.sim.check.RaftInvariants;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import java.io.IOException;

/** A state machine whose every entry the invariants see. */
final class ObservedMachine<R> implements StateMachine<R> {
  private final StateMachine<R> machine;
  private final RaftInvariants invariants;
  private final int node;

  ObservedMachine(StateMachine<R> machine, RaftInvariants invariants, int node) {
    this.machine = machine;
    this.invariants = invariants;
    this.node = node;
  }

  @Override
  public R apply(Entry entry) {
    invariants.applied(node, entry);
    return machine.apply(entry);
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
    return machine.snapshot();
  }

  @Override
  public void restore(ChunkSource chunks) throws IOException {
    machine.restore(chunks);
  }
}
