package io.lockstep.raft.node;

import io.lockstep.raft.Contact;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.LogStore.Room;
import io.lockstep.raft.storage.SnapshotSink;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member of the cluster: the core and all that carries out what it asks for. It runs on the
 * loops that it is given and makes no thread of its own. All methods may be called from any thread
 * and return at once.
 *
 * @param <R> the state machine's result
 */
public final class RaftNode<R> implements RaftHandle<R> {
  private final NodeParts<R> parts;
  private final Fatal fatal;
  private final RaftLoop<R> raft;

  public RaftNode(NodeParts<R> parts) {
    this.parts = parts;
    this.fatal = new Fatal(parts.fatal(), this::giveUp);
    this.raft = new RaftLoop<>(parts, fatal);
  }

  /** Recovers what is on the disk, then takes part. Called once. */
  public void start() {
    parts.loops().log().execute(this::recover);
  }

  private void recover() {
    try {
      Recovery recovery = raft.log().recover(parts.raftOptions().tailBytesMax());
      SnapshotMeta snapshot = recovery.log().snapshot();
      if (snapshot == null) {
        parts.loops().raft().execute(() -> begin(recovery));
      } else {
        parts.loops().apply().execute(() -> recoverState(recovery, snapshot));
      }
    } catch (Throwable failure) {
      fatal.fail("recovery", failure);
    }
  }

  private void recoverState(Recovery recovery, SnapshotMeta snapshot) {
    try {
      raft.applier().recover(snapshot);
      parts.loops().raft().execute(() -> begin(recovery));
    } catch (Throwable failure) {
      fatal.fail("recovery", failure);
    }
  }

  private void begin(Recovery recovery) {
    try {
      raft.begin(recovery);
    } catch (Throwable failure) {
      fatal.fail("raft loop", failure);
    }
  }

  /** What other loops hold for callers is answered there. */
  private void giveUp() {
    raft.giveUp();
  }

  /**
   * Stops taking part and closes the log. Open proposals end as unknown, open reads as not
   * confirmed, later ones are refused. A leader should hand over first.
   *
   * @param whenStopped called on the log loop when the log is closed; not after a failure
   */
  public void stop(Runnable whenStopped) {
    parts
        .loops()
        .raft()
        .execute(
            () -> {
              raft.close();
              raft.log().close(whenStopped);
            });
  }

  /** Takes in a message from {@code from}, an authenticated member of this cluster. */
  public void receive(NodeId from, Message message) {
    raft.receive(from, message);
  }

  /**
   * A snapshot is about to come in from an authenticated member of this cluster; on the bulk loop.
   *
   * @return where its chunks are put, and finished or aborted, on the same loop; null to refuse it
   */
  public @Nullable SnapshotSink acceptSnapshot(long term, SnapshotMeta meta) throws IOException {
    return raft.transfers().accept(term, meta);
  }

  /** The snapshot came in, and its sink is finished; on the bulk loop. */
  public void receiveSnapshot(NodeId from, long term, SnapshotMeta meta) {
    raft.transfers().received(from, term, meta);
  }

  /** Takes in that the process of {@code peer} seems to have ended: a hint, which may be wrong. */
  public void peerGone(NodeId peer) {
    raft.peerGone(peer);
  }

  @Override
  public void propose(Bytes command, Completion<R> completion) {
    raft.propose(command, completion);
  }

  @Override
  public void read(ReadCompletion completion) {
    raft.read(completion);
  }

  @Override
  public void capture(Consumer<@Nullable Capture> taken) {
    raft.applier().capture(taken);
  }

  @Override
  public RaftStatus status() {
    return raft.status();
  }

  @Override
  public Room room() {
    return raft.log().room();
  }

  @Override
  public void transferLeadership(@Nullable NodeId to) {
    raft.transferLeadership(to);
  }

  @Override
  public void changeMembership(
      MembershipChange change, List<Contact> known, ChangeCompletion completion) {
    raft.changeMembership(change, known, completion);
  }

  /** What this node has counted so far. */
  public NodeFigures figures() {
    return raft.figures();
  }
}
