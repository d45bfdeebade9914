package io.lockstep.raft.sim;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.statemachine.StateMachine;

/**
 * What runs above the log in one life of a node.
 *
 * @param <R> the state machine's result
 */
public interface SimService<R> {
  StateMachine<R> stateMachine();

  /** The node begins to take part. */
  void start(RaftNode<R> raft);

  /** A message of a peer's service arrived. */
  default void onService(NodeId from, Bytes payload) {}

  /** A link went down. */
  default void onDisconnected(NodeId peer) {}

  /** The process is gone: nothing of this life is heard any more. */
  default void ended() {}

  /** Makes what runs on a node, once for each of its lives. */
  @FunctionalInterface
  interface Factory<R> {
    SimService<R> create(SimNode<R> node);
  }
}
