package io.lockstep.raft.sim;

import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.ChangeCompletion;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.statemachine.StateMachine;
import java.util.List;

/**
 * What runs above the log in one life of a node.
 *
 * @param <R> the state machine's result
 */
public interface SimService<R> {
  StateMachine<R> stateMachine();

  /** The node begins to take part. */
  void start(RaftNode<R> raft);

  /** Asks for another membership, at {@code raft} or through a service that finds the leader. */
  default void changeMembership(
      RaftNode<R> raft, MembershipChange change, ChangeCompletion completion) {
    raft.changeMembership(change, List.of(), completion);
  }

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
