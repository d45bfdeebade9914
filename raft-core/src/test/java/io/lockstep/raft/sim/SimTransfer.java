package io.lockstep.raft.sim;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport.Receiver;
import io.lockstep.raft.transport.Transport.SnapshotSent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot on its way: a chunk at a time, each read at one end and written at the other by the
 * loops that own the files there. It may break off anywhere, and when nothing moves for a while.
 */
final class SimTransfer {
  private static final long SILENCE_NANOS = 3_000_000_000L;

  private final Simulation simulation;
  private final SimNetwork network;
  private final SimTransport sender;
  private final int to;
  private final long term;
  private final SnapshotSource source;
  private final SnapshotMeta meta;
  private final SnapshotSent done;
  private @Nullable SimTransport target;
  private @Nullable SnapshotSink sink;
  private long movedNanos;
  private boolean over;

  SimTransfer(
      Simulation simulation,
      SimNetwork network,
      SimTransport sender,
      int to,
      long term,
      SnapshotSource source,
      SnapshotSent done) {
    this.simulation = simulation;
    this.network = network;
    this.sender = sender;
    this.to = to;
    this.term = term;
    this.source = source;
    this.meta = source.meta();
    this.done = done;
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  void start() {
    simulation
        .trace()
        .note(simulation.now(), sender.node(), "snapshot to", to, meta.last().index());
    watch();
    network.carry(sender.node(), to, () -> arrive(this::begin), this::breakOff);
  }

  private void begin() throws IOException {
    SimTransport end = target;
    Receiver receiver = end == null ? null : end.receiver();
    if (end == null || receiver == null || !end.takes(this)) {
      breakOff();
      return;
    }
    sink = receiver.onSnapshot(id(), term, meta);
    if (sink == null) {
      end.ends(this);
      breakOff();
    } else {
      askForMore();
    }
  }

  private void askForMore() {
    network.carry(to, sender.node(), () -> onSender(this::readOn), this::breakOff);
  }

  private void readOn() throws IOException {
    Bytes chunk = source.next();
    network.carry(sender.node(), to, () -> onTarget(() -> take(chunk)), this::breakOff);
  }

  private void take(@Nullable Bytes chunk) throws IOException {
    SnapshotSink open = sink;
    SimTransport end = target;
    Receiver receiver = end == null ? null : end.receiver();
    if (open == null || receiver == null) {
      return;
    }
    if (chunk != null) {
      open.put(chunk);
      askForMore();
      return;
    }
    open.finish();
    sink = null;
    receiver.onSnapshotReceived(id(), term, meta);
    end.ends(this);
    simulation.trace().note(simulation.now(), to, "snapshot in", meta.last().index(), 0);
    network.carry(to, sender.node(), () -> onSender(() -> tell(true)), this::breakOff);
  }

  private NodeId id() {
    return network.id(sender.node());
  }

  /** The first step at the other end decides which life of it the connection is to. */
  private void arrive(Step step) {
    target = network.end(to);
    onTarget(step);
  }

  private void onTarget(Step step) {
    SimTransport end = target;
    if (end != null) {
      end.bulk().execute(() -> run(step));
    }
  }

  private void onSender(Step step) {
    sender.bulk().execute(() -> run(step));
  }

  private void run(Step step) {
    if (over) {
      return;
    }
    movedNanos = simulation.now();
    try {
      step.run();
    } catch (IOException failure) {
      breakOff();
    }
  }

  private void watch() {
    simulation.after(
        SILENCE_NANOS,
        () -> {
          if (!over && simulation.now() - movedNanos >= SILENCE_NANOS) {
            breakOff();
          } else if (!over) {
            watch();
          }
        });
  }

  /** Both ends find out, each in its own time. */
  private void breakOff() {
    if (over) {
      return;
    }
    over = true;
    SimTransport end = target;
    SnapshotSink open = sink;
    if (end != null) {
      end.bulk()
          .execute(
              () -> {
                end.ends(this);
                abort(open);
              });
    }
    sender.bulk().execute(() -> finish(false));
  }

  private static void abort(@Nullable SnapshotSink open) {
    try {
      if (open != null) {
        open.abort();
      }
    } catch (IOException failure) {
      // The node that owns the file has heard of it, and ends.
    }
  }

  private void tell(boolean delivered) {
    over = true;
    finish(delivered);
  }

  private void finish(boolean delivered) {
    try {
      source.close();
    } catch (IOException failure) {
      throw new AssertionError("a simulated file closes", failure);
    }
    done.sent(delivered);
  }
}
