package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.sim.check.RaftInvariants;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;
import java.util.List;

/** A log whose every change the invariants see. */
final class ObservedStore implements LogStore {
  private final LogStore store;
  private final RaftInvariants invariants;
  private final int node;

  ObservedStore(LogStore store, RaftInvariants invariants, int node) {
    this.store = store;
    this.invariants = invariants;
    this.node = node;
  }

  @Override
  public EntryId last() {
    return store.last();
  }

  @Override
  public long firstIndex() {
    return store.firstIndex();
  }

  @Override
  public int append(List<Entry> entries) throws IOException {
    int count = store.append(entries);
    invariants.appended(node, entries.subList(0, count));
    return count;
  }

  @Override
  public void truncateFrom(long fromIndex) throws IOException {
    store.truncateFrom(fromIndex);
    invariants.truncated(node, fromIndex);
  }

  @Override
  public void compactTo(long firstKept) throws IOException {
    invariants.compacting(node, firstKept);
    store.compactTo(firstKept);
  }

  @Override
  public void resetTo(EntryId last) throws IOException {
    invariants.resetting(node, last);
    store.resetTo(last);
  }

  @Override
  public int segments() {
    return store.segments();
  }

  @Override
  public void force() throws IOException {
    store.force();
    invariants.forced(node);
  }

  @Override
  public List<Entry> read(long from, long toExclusive, int bytesMax) throws IOException {
    return store.read(from, toExclusive, bytesMax);
  }

  @Override
  public List<Entry> tail(int bytesMax) throws IOException {
    return store.tail(bytesMax);
  }

  @Override
  public void idle() throws IOException {
    store.idle();
  }

  @Override
  public Room room() throws IOException {
    return store.room();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
