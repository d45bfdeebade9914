package io.lockstep.raft.node;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.statemachine.StateSnapshot;

/**
 * All that a node has applied, at one moment. Immutable.
 *
 * @param meta what the state stands for
 */
public record Capture(SnapshotMeta meta, StateSnapshot state) {}
