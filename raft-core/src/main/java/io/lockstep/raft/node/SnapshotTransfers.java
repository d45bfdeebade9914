package io.lockstep.raft.node;

import io.lockstep.raft.Input;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.storage.SnapshotStore;
import io.lockstep.raft.transport.Transport;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of snapshots from and to other members. All of it runs on the bulk loop, but for {@link
 * #release}.
 */
final class SnapshotTransfers {
  private final SnapshotStore store;
  private final Transport transport;
  private final NodeListener listener;
  private final Fatal fatal;
  private final Supplier<RaftStatus> status;
  private final SnapshotCounters counters;
  private final Runnable unreadable;
  private final Consumer<Input> answer;

  /** Whether a snapshot that came in is with the core, or being installed. */
  private final AtomicBoolean occupied = new AtomicBoolean();

  /**
   * Nothing is under way.
   *
   * @param unreadable called when the newest snapshot turns out to be damaged
   */
  SnapshotTransfers(
      NodeParts<?> parts,
      Fatal fatal,
      Supplier<RaftStatus> status,
      SnapshotCounters counters,
      Runnable unreadable,
      Consumer<Input> answer) {
    this.store = parts.snapshots();
    this.transport = parts.transport();
    this.listener = parts.listener();
    this.fatal = fatal;
    this.status = status;
    this.counters = counters;
    this.unreadable = unreadable;
    this.answer = answer;
  }

  /** Sends the newest snapshot. One that cannot be read is replaced by a new one soon. */
  void send(NodeId to, long term) {
    if (fatal.fired()) {
      return;
    }
    SnapshotSource source;
    try {
      source = store.open();
    } catch (IOException damaged) {
      cannotRead(damaged);
      sent(to, term, 0, false);
      return;
    } catch (Throwable failure) {
      fatal.fail("snapshot", failure);
      return;
    }
    long index = source.meta().last().index();
    transport.sendSnapshot(
        to, term, new Outgoing(source), delivered -> sent(to, term, index, delivered));
  }

  private void sent(NodeId to, long term, long index, boolean delivered) {
    counters.sent(delivered);
    answer.accept(new Input.SnapshotSent(to, term, index, delivered));
  }

  private void cannotRead(IOException damaged) {
    listener.snapshotFailed(damaged);
    unreadable.run();
  }

  /** Where a snapshot from another member goes; null when this node has no use for it now. */
  @Nullable SnapshotSink accept(long term, SnapshotMeta meta) throws IOException {
    RaftStatus now = status.get();
    boolean useful = term >= now.term() && meta.last().index() > now.commitIndex();
    if (fatal.fired() || !useful || occupied.get()) {
      return null;
    }
    try {
      return new Incoming(store.receive(meta));
    } catch (NoSpaceException full) {
      listener.snapshotFailed(full);
      return null;
    } catch (IOException failure) {
      fatal.fail("snapshot", failure);
      throw failure;
    }
  }

  /** A snapshot came in whole: until {@link #release} no other is taken in. */
  void received(NodeId from, long term, SnapshotMeta meta) {
    occupied.set(true);
    answer.accept(new Input.SnapshotReceived(from, term, meta));
  }

  /** The one that came in is installed, or not wanted; on any loop. */
  void release() {
    occupied.set(false);
  }

  private final class Outgoing implements SnapshotSource {
    private final SnapshotSource source;

    Outgoing(SnapshotSource source) {
      this.source = source;
    }

    @Override
    public SnapshotMeta meta() {
      return source.meta();
    }

    @Override
    public @Nullable Bytes next() throws IOException {
      try {
        return source.next();
      } catch (IOException damaged) {
        cannotRead(damaged);
        throw damaged;
      }
    }

    @Override
    public void close() throws IOException {
      source.close();
    }
  }

  /** A failure of the disk here is this node's end; want of room only ends the transfer. */
  private final class Incoming implements SnapshotSink {
    private final SnapshotSink sink;

    Incoming(SnapshotSink sink) {
      this.sink = sink;
    }

    @Override
    public void put(Bytes chunk) throws IOException {
      guarded(() -> sink.put(chunk));
    }

    @Override
    public void finish() throws IOException {
      guarded(sink::finish);
    }

    @Override
    public void abort() throws IOException {
      guarded(sink::abort);
    }

    private void guarded(DiskTask task) throws IOException {
      if (fatal.fired()) {
        throw new IOException("the node has failed");
      }
      try {
        task.run();
      } catch (NoSpaceException full) {
        listener.snapshotFailed(full);
        throw full;
      } catch (IOException failure) {
        fatal.fail("snapshot", failure);
        throw failure;
      }
    }
  }

  @FunctionalInterface
  private interface DiskTask {
    void run() throws IOException;
  }
}
