package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import java.io.IOException;

/**
 * A state machine that does as it is told, for a mistake to be put into one of its methods.
 *
 * @param <R> the state machine's result
 */
public class PlantedMachine<R> implements StateMachine<R> {
  private final StateMachine<R> real;

  public PlantedMachine(StateMachine<R> real) {
    this.real = real;
  }

  @Override
  public R apply(Entry entry) {
    return real.apply(entry);
  }

  @Override
  public long nextDueMillis() {
    return real.nextDueMillis();
  }

  @Override
  public void publish() {
    real.publish();
  }

  @Override
  public StateSnapshot snapshot() {
    return real.snapshot();
  }

  @Override
  public StateHash hash() {
    return real.hash();
  }

  @Override
  public void restore(ChunkSource chunks) throws IOException {
    real.restore(chunks);
  }
}
