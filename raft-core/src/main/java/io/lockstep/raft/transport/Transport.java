package io.lockstep.raft.transport;

import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;

/**
 * The links to the other members. Never blocks: what cannot be sent now is dropped and counted.
 * Each of the two kinds of traffic may be lost, and reordered against the other.
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

  /** Whether a link to this member is up, as far as known. */
  boolean connected(NodeId peer);

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
  }
}
