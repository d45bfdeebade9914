package io.lockstep.raft.transport;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The links to the other members. Never blocks: what cannot be sent now is dropped and counted.
 * Each of the kinds of traffic may be lost, and reordered against the others.
 */
public interface Transport {
  /**
   * Installs the receiver, once, before anything is sent. It is called on threads of the transport.
   */
  void start(Receiver receiver);

  /** Sends a protocol message. */
  void send(NodeId to, Message message);

  /**
   * Sends a message of the service above (such as a forwarded request). Arrives at most once.
   *
   * @return false when it was certainly not sent
   */
  boolean sendService(NodeId to, Bytes payload);

  /**
   * Who takes part from now on. A transport that reaches every member by its name alone needs not
   * be told.
   *
   * @param since the entry that brought {@code membership}; of two nodes the one whose entry is
   *     later knows better who is a member
   * @param others all that this node may have to speak with; links to nobody else are kept
   */
  default void members(EntryId since, Membership membership, List<NodeId> others) {}

  /** Whether a link to this member is up, as far as known. */
  boolean connected(NodeId peer);

  /**
   * Sends a snapshot, on a way of its own: however large it is, no message waits for it. Returns at
   * once; {@code snapshot} is read and closed on the thread that owns the snapshot files, chunk by
   * chunk, at the pace of the receiver.
   *
   * @param term the sender's term, as in a message
   * @param done told exactly once how it ended, unless the transport is closed
   */
  void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done);

  /** Hears how the sending of a snapshot ended; called on any thread, must not block. */
  @FunctionalInterface
  interface SnapshotSent {
    /**
     * It ended.
     *
     * @param delivered whether the receiver has said that it has all of it, durably
     */
    void sent(boolean delivered);
  }

  /** What arrives from authenticated members of this cluster. */
  interface Receiver {
    void onMessage(NodeId from, Message message);

    void onService(NodeId from, Bytes payload);

    /**
     * A link to {@code peer} went down: what was sent on it and not answered may or may not have
     * arrived.
     */
    void onDisconnected(NodeId peer);

    /**
     * As far as this node can tell, the process of {@code peer} has ended: no connection of its is
     * open and nothing listens at its address. May be wrong, may be repeated, may not come at all.
     */
    void onGone(NodeId peer);

    /**
     * A snapshot is about to come in, the only one at this time. This and all that follows is
     * called on the thread that owns the snapshot files, between other work on them.
     *
     * @param term the sender's term
     * @return where its chunks are put; then it is finished when all have come, else aborted. Null
     *     to refuse it, as one does that takes none
     */
    default @Nullable SnapshotSink onSnapshot(NodeId from, long term, SnapshotMeta meta)
        throws IOException {
      return null;
    }

    /** The snapshot came in, and its sink is finished. Only after this the sender is told. */
    default void onSnapshotReceived(NodeId from, long term, SnapshotMeta meta) {
      throw new IllegalStateException("a snapshot that was refused does not come in");
    }
  }
}
