package io.lockstep.raft.node;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Snapshots in memory; they outlive the nodes that use them. */
public final class MemorySnapshots implements SnapshotStore {
  private final AtomicReference<@Nullable Stored> newest = new AtomicReference<>();
  private volatile @Nullable Stored received;
  private final Consumer<String> trace;

  /** What {@link #save} throws, if anything. */
  volatile @Nullable IOException failure;

  /** What reading throws, if anything. */
  volatile @Nullable IOException damage;

  public MemorySnapshots() {
    this(done -> {});
  }

  /** Tells {@code trace} what is done. */
  MemorySnapshots(Consumer<String> trace) {
    this.trace = trace;
  }

  private record Stored(SnapshotMeta meta, List<Bytes> chunks) {}

  @Override
  public @Nullable SnapshotMeta newest() {
    Stored stored = newest.get();
    return stored == null ? null : stored.meta();
  }

  @Override
  public void save(SnapshotMeta meta, StateSnapshot state) throws IOException {
    IOException fails = failure;
    if (fails != null) {
      throw fails;
    }
    List<Bytes> chunks = new ArrayList<>();
    state.writeTo(chunks::add);
    trace.accept("save " + meta.last().index());
    Stored stored = new Stored(meta, List.copyOf(chunks));
    newest.accumulateAndGet(stored, MemorySnapshots::newer);
  }

  private static @Nullable Stored newer(@Nullable Stored present, @Nullable Stored other) {
    if (present == null || other == null) {
      return present == null ? other : present;
    }
    return present.meta().last().index() > other.meta().last().index() ? present : other;
  }

  @Override
  public SnapshotSource open() {
    Stored stored = Invariant.present(newest.get(), "there is a snapshot to open");
    Iterator<Bytes> chunks = stored.chunks().iterator();
    return new SnapshotSource() {
      @Override
      public SnapshotMeta meta() {
        return stored.meta();
      }

      @Override
      public @Nullable Bytes next() throws IOException {
        IOException damaged = damage;
        if (damaged != null) {
          throw damaged;
        }
        return chunks.hasNext() ? chunks.next() : null;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public SnapshotSink receive(SnapshotMeta meta) {
    List<Bytes> chunks = new ArrayList<>();
    return new SnapshotSink() {
      @Override
      public void put(Bytes chunk) {
        chunks.add(chunk);
      }

      @Override
      public void finish() {
        received = new Stored(meta, List.copyOf(chunks));
      }

      @Override
      public void abort() {}
    };
  }

  @Override
  public void install(SnapshotMeta meta) {
    Stored stored = Invariant.present(received, "what is installed came in");
    Invariant.check(stored.meta().equals(meta), "what came in is installed");
    newest.set(stored);
    trace.accept("install " + meta.last().index());
    received = null;
  }

  @Override
  public void close() {}
}
