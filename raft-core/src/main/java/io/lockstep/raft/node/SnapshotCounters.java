package io.lockstep.raft.node;

import io.lockstep.raft.node.NodeFigures.Snapshots;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what becomes of snapshots, on whatever loop that happens. */
final class SnapshotCounters {
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong takenNanos = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong notSent = new AtomicLong();
  private final AtomicLong installed = new AtomicLong();
  private final AtomicLong lastIndex = new AtomicLong();
  private final AtomicLong lastBytes = new AtomicLong();

  /** The state of this node was written. */
  void taken(long index, long bytes, long nanos) {
    taken.incrementAndGet();
    takenNanos.addAndGet(nanos);
    lastIndex.set(index);
    lastBytes.set(bytes);
  }

  void failed() {
    failed.incrementAndGet();
  }

  void sent(boolean delivered) {
    (delivered ? sent : notSent).incrementAndGet();
  }

  /** The state of this node is that of a snapshot which a leader sent. */
  void installed(long index) {
    installed.incrementAndGet();
    lastIndex.set(index);
  }

  /** The state of this node is that of the newest snapshot that a start found. */
  void recovered(long index) {
    lastIndex.set(index);
  }

  Snapshots figures() {
    return new Snapshots(
        taken.get(),
        takenNanos.get(),
        failed.get(),
        sent.get(),
        notSent.get(),
        installed.get(),
        lastIndex.get(),
        lastBytes.get());
  }
}
