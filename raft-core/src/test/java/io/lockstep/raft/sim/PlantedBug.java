package io.lockstep.raft.sim;

import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.file.SnapshotDirectory;
import io.lockstep.raft.node.CoreFactory;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.RepairStore;
import io.lockstep.raft.transport.Transport;
import java.io.IOException;
import java.util.List;

/**
 * A mistake made on purpose, to show that a run finds it. Each method may put something wrong in
 * the place of a part; what the invariants watch lies below it, where it sees what really happens.
 */
public interface PlantedBug {
  /** Everything as it is built. */
  PlantedBug NONE = () -> "none";

  /** How the launcher and the docs call it. */
  String name();

  /** The first seed that showed it: where the search for it begins in the build. */
  default long seed() {
    return 1;
  }

  /** The properties that it was seen to break, each in words of its {@code Violation}. */
  default List<String> breaks() {
    return List.of();
  }

  /** Whether the invariants compare states too, or only the replicas themselves. */
  default boolean statesObserved() {
    return true;
  }

  default CoreFactory core(CoreFactory real) {
    return real;
  }

  default SegmentStore segments(SegmentStore real) {
    return real;
  }

  /** The log as a start has recovered it. */
  default LogStore recovered(LogStore real) throws IOException {
    return real;
  }

  default LogStore log(LogStore real) {
    return real;
  }

  default HardStateStore hardState(HardStateStore real) {
    return real;
  }

  default RepairStore repairs(RepairStore real) {
    return real;
  }

  default SnapshotDirectory snapshotFiles(SnapshotDirectory real) {
    return real;
  }

  default Transport transport(Transport real) {
    return real;
  }

  default <R> StateMachine<R> stateMachine(StateMachine<R> real) {
    return real;
  }

  /** That of one node. */
  default <R> StateMachine<R> stateMachine(StateMachine<R> real, int node) {
    return stateMachine(real);
  }
}
