package io.lockstep.raft.node;

import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;

/**
 * One caller's command, from its offer to its one answer, with the moments that it passed. The raft
 * loop notes them; then the apply loop, to which it is handed over, reads them. Moments are shared
 * by all that passed them in one step: none costs a look at the clock of its own.
 */
final class OpenProposal<R> {
  private final Bytes command;
  private final Completion<R> completion;
  private final long offeredNanos;
  private long proposedNanos;
  private long committedNanos;
  private long forceNanos = Timing.NOT_FORCED;

  OpenProposal(Bytes command, Completion<R> completion, long offeredNanos) {
    this.command = command;
    this.completion = completion;
    this.offeredNanos = offeredNanos;
  }

  Bytes command() {
    return command;
  }

  long offeredNanos() {
    return offeredNanos;
  }

  /** It goes to the core in the step of this moment; the clock was read before it was taken. */
  void proposed(long nowNanos) {
    proposedNanos = offeredNanos + span(offeredNanos, nowNanos);
  }

  /** This node's disk had it at {@code nanos}; told before {@link #committed}, or never. */
  void forced(long nanos) {
    forceNanos = span(proposedNanos, nanos);
  }

  void committed(long nowNanos) {
    committedNanos = nowNanos;
  }

  /** Its effect was published at {@code publishedNanos}. */
  void applied(long index, R result, long publishedNanos) {
    completion.applied(
        index,
        result,
        new Timing(
            proposedNanos - offeredNanos,
            forceNanos,
            span(proposedNanos, committedNanos),
            span(committedNanos, publishedNanos)));
  }

  void failed(Outcome outcome) {
    completion.failed(outcome);
  }

  private static long span(long fromNanos, long toNanos) {
    return Math.max(0, toNanos - fromNanos);
  }
}
