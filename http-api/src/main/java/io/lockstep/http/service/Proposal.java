package io.lockstep.http.service;

import io.lockstep.kv.command.Request;
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

  /**
   * The request itself if it does not simply become an entry: renewals, which may share one, and
   * calls for ids.
   */
  final @Nullable Request apart;

  Proposal(Bytes payload, Lane lane, @Nullable Request apart) {
    this.payload = payload;
    this.lane = lane;
    this.apart = apart;
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
