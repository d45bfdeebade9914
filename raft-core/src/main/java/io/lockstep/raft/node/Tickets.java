package io.lockstep.raft.node;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The callers that the core owes an outcome, and those whose entry is committed and not yet handed
 * to the applier. Each leaves here exactly once. Owned by the raft loop.
 */
final class Tickets<R> {
  private static final Outcome NO_LEADER = new Outcome.NotLeader(null);

  private final Slots<OpenProposal<R>> proposals = new Slots<>();
  private final Slots<List<ReadCompletion>> reads = new Slots<>();

  /** By index. */
  private final Slots<OpenProposal<R>> committed = new Slots<>();

  private final FlushTimes flushTimes = new FlushTimes();
  private long lastProposal;
  private long lastRead;

  /** A new ticket for a proposal; these are even. */
  long openProposal(OpenProposal<R> proposal) {
    if (proposals.size() == 0) {
      // What was flushed for earlier ones says nothing of this one, in whatever term they were.
      flushTimes.clear();
    }
    proposals.put(++lastProposal, proposal);
    return lastProposal << 1;
  }

  /** A new ticket for all these readers; these are odd. */
  long openRead(List<ReadCompletion> readers) {
    reads.put(++lastRead, readers);
    return lastRead << 1 | 1;
  }

  /** Proposals that the core has not answered. */
  int openProposals() {
    return proposals.size();
  }

  /** Proposals whose entry is committed and was not taken for the applier. */
  int committedProposals() {
    return committed.size();
  }

  /** This node's disk has what it appended as the leader of the present term up to here. */
  void flushed(long upTo, long nowNanos) {
    if (proposals.size() > 0) {
      flushTimes.flushed(upTo, nowNanos);
    }
  }

  /** Reports an outcome; returns how many readers it answered. */
  int complete(long ticket, Outcome outcome, long nowNanos) {
    if ((ticket & 1) == 0) {
      OpenProposal<R> proposal = proposals.take(ticket >> 1);
      Invariant.check(proposal != null, "a proposal's ticket is completed once", ticket, 0);
      if (proposal != null) {
        completeProposal(proposal, outcome, nowNanos);
      }
      return 0;
    }
    List<ReadCompletion> readers = reads.take(ticket >> 1);
    Invariant.check(readers != null, "a read's ticket is completed once", ticket, 0);
    return readers == null ? 0 : completeReads(readers, outcome);
  }

  private void completeProposal(OpenProposal<R> proposal, Outcome outcome, long nowNanos) {
    switch (outcome) {
      case Outcome.Committed(long index) -> {
        flushTimes.tell(proposal, index);
        proposal.committed(nowNanos);
        committed.put(index, proposal);
      }
      case Outcome.NotLeader failure -> proposal.failed(failure);
      case Outcome.Overloaded failure -> proposal.failed(failure);
      case Outcome.Unknown failure -> proposal.failed(failure);
      case Outcome.ReadAt readAt ->
          Invariant.check(false, "a proposal is not a read", readAt.index(), 0);
    }
  }

  private static int completeReads(List<ReadCompletion> readers, Outcome outcome) {
    switch (outcome) {
      case Outcome.ReadAt(long index) -> readers.forEach(reader -> reader.current(index));
      case Outcome.NotLeader failure -> readers.forEach(reader -> reader.failed(failure));
      case Outcome.Overloaded failure -> readers.forEach(reader -> reader.failed(failure));
      case Outcome.Unknown unknown -> Invariant.check(false, "a read is never unknown");
      case Outcome.Committed committed ->
          Invariant.check(false, "a read is not a proposal", committed.index(), 0);
    }
    return readers.size();
  }

  /**
   * Takes out those who wait for the entries from {@code first} on, {@code count} in all.
   *
   * @return aligned with the entries, null where nobody waits; empty when nobody waits for any
   */
  List<@Nullable OpenProposal<R>> takeCommitted(long first, int count) {
    Invariant.check(
        committed.oldest() >= first, "what is committed is applied", committed.oldest(), first);
    if (committed.oldest() >= first + count) {
      return List.of();
    }
    List<@Nullable OpenProposal<R>> waiting = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      waiting.add(committed.take(first + i));
    }
    return waiting;
  }

  /**
   * The state will jump to {@code index}: what came of the commands up to there is not told here.
   */
  void skipCommitted(long index) {
    OpenProposal<R> skipped;
    while (committed.oldest() <= index && (skipped = committed.takeOldest()) != null) {
      skipped.failed(new Outcome.Unknown());
    }
  }

  /** Ends all that is open: proposals as unknown, reads as not confirmed. */
  int closeAll() {
    OpenProposal<R> proposal;
    while ((proposal = committed.takeOldest()) != null) {
      proposal.failed(new Outcome.Unknown());
    }
    while ((proposal = proposals.takeOldest()) != null) {
      proposal.failed(new Outcome.Unknown());
    }
    int readers = 0;
    List<ReadCompletion> waiting;
    while ((waiting = reads.takeOldest()) != null) {
      readers += completeReads(waiting, NO_LEADER);
    }
    return readers;
  }
}
