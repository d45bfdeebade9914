package io.lockstep.raft.sim;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.sim.check.RaftInvariants;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Snapshots of which the invariants see what becomes durable. */
final class ObservedSnapshots implements SnapshotStore {
  private final SnapshotStore store;
  private final RaftInvariants invariants;
  private final int node;

  ObservedSnapshots(SnapshotStore store, RaftInvariants invariants, int node) {
    this.store = store;
    this.invariants = invariants;
    this.node = node;
  }

  @Override
  public @Nullable SnapshotMeta newest() {
    return store.newest();
  }

  @Override
  public void save(SnapshotMeta meta, StateSnapshot state) throws IOException {
    store.save(meta, state);
    invariants.snapshotStored(node, meta);
  }

  @Override
  public SnapshotSource open() throws IOException {
    return store.open();
  }

  @Override
  public SnapshotSink receive(SnapshotMeta meta) throws IOException {
    return store.receive(meta);
  }

  @Override
  public void install(SnapshotMeta meta) throws IOException {
    store.install(meta);
    invariants.snapshotStored(node, meta);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
