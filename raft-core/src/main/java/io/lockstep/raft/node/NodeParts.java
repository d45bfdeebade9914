package io.lockstep.raft.node;

import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftOptions;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.LogStore;
import io.lockstep.raft.storage.RepairStore;
import io.lockstep.raft.storage.SnapshotStore;
import io.lockstep.raft.transport.Transport;

/**
 * What a {@link RaftNode} is put together from. The node owns none of its threads and makes none.
 *
 * @param log recovered; from {@link RaftNode#start} on only the log loop touches it
 * @param hardState likewise
 * @param snapshots open; from {@link RaftNode#start} on used as {@link SnapshotStore} says
 * @param repairs from {@link RaftNode#start} on only the log loop touches it
 * @param transport started by the caller, whose receiver hands messages to {@link RaftNode#receive}
 * @param stateMachine empty; from {@link RaftNode#start} on only the apply loop changes it
 * @param startNumber counts the starts of this node; no two lives share one
 * @param seed of the randomized timeouts
 * @param fatal called once, when the node must not go on
 * @param <R> the state machine's result
 */
public record NodeParts<R>(
    NodeId self,
    Membership membership,
    RaftOptions raftOptions,
    NodeOptions nodeOptions,
    CoreFactory core,
    LogStore log,
    HardStateStore hardState,
    SnapshotStore snapshots,
    RepairStore repairs,
    Transport transport,
    StateMachine<R> stateMachine,
    Loops loops,
    NodeClock clock,
    long startNumber,
    long seed,
    FatalHandler fatal,
    NodeListener listener) {

  /**
   * The threads of a node.
   *
   * @param raft owns the core, tickets and timers; never blocks
   * @param log owns the log and the hard state; blocks on the disk
   * @param apply owns the state machine
   * @param bulk writes and reads snapshots; blocks on the disk, for long
   */
  public record Loops(Loop raft, Loop log, Loop apply, Loop bulk) {}
}
