package io.lockstep.raft;

import io.lockstep.raft.progress.Progress;

/** What a leader knows of another member. */
final class Peer {
  final NodeId id;
  Progress progress;

  /** When it was heard in this term last; at first the beginning of the office. */
  long heardNanos;

  /** Whether it was heard in this term at all. */
  boolean answered;

  /** When it was sent an Append last. */
  long appendSentNanos;

  /** When it was found to hold more last. */
  long advancedNanos;

  /** The highest read round that it has echoed. */
  long round;

  /** The highest read round of its claims: what carries a later one was said after them. */
  long claimRound = -1;

  /** The highest commit index that it has been told and could use. */
  long commitTold;

  final CatchUp catchUp;

  /** Whether its state is known to differ from that of a majority of the voters. */
  boolean diverged;

  /** From where entries are being read for it; 0 for not at all. */
  long readFrom;

  Peer(NodeId id, Progress progress, CatchUp catchUp, long nowNanos) {
    this.id = id;
    this.progress = progress;
    this.catchUp = catchUp;
    this.heardNanos = nowNanos;
    this.appendSentNanos = nowNanos;
    this.advancedNanos = nowNanos;
  }
}
