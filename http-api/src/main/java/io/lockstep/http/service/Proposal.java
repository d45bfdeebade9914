package io.lockstep.http.service;

import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Completion;
import org.jspecify.annotations.Nullable;

/** One request on its way through this node's own log. */
abstract class Proposal implements Completion<Applied> {
  /** The encoded request. */
  final Bytes payload;

  final Lane lane;

  /** What it renews, if it may share an entry with other renewals. */
  final @Nullable Renew shared;

  Proposal(Bytes payload, Lane lane, @Nullable Renew shared) {
    this.payload = payload;
    this.lane = lane;
    this.shared = shared;
  }

  /** It waits in a window of this node before it is proposed. */
  void queued() {}

  /** Called once before it is proposed; false when it is not wanted any more. */
  abstract boolean begin();

  /** Nothing happened and nothing will. */
  abstract void refused(Refusal refusal);

  /** Nothing happened and nothing will, for this node does not lead. */
  abstract void notLeader();

  /** It may take effect or not. */
  abstract void unknown();

  @Override
  public final void failed(Outcome outcome) {
    switch (outcome) {
      case Outcome.NotLeader notLeader -> notLeader();
      case Outcome.Overloaded overloaded -> refused(Refusal.OVERLOADED);
      case Outcome.Unknown unknown -> unknown();
      case Outcome.Committed committed -> unknown();
      case Outcome.ReadAt readAt -> unknown();
    }
  }
}
