package io.lockstep.raft;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Confirmed reads that wait until the state machine has applied what they must see (thesis 6.4).
 */
class Readers {
  private final RaftLog log;
  private final Outbox outbox;
  private final ArrayDeque<Confirmed> waiting = new ArrayDeque<>();
  private int tickets;
  private long confirmedAtNanos = RaftStatus.NEVER;

  private record Confirmed(long index, long askedNanos, List<Long> tickets) {}

  Readers(RaftLog log, Outbox outbox) {
    this.log = log;
    this.outbox = outbox;
  }

  /** How many reads wait. */
  int tickets() {
    return tickets;
  }

  /** See {@link RaftStatus#confirmedAtNanos}. */
  long confirmedAtNanos() {
    return confirmedAtNanos;
  }

  /**
   * Takes reads in for which a leader has been confirmed.
   *
   * @param index what was committed at a moment after {@code askedNanos}
   * @param tickets possibly none: then only the moment is kept, unless others wait already
   */
  void confirmed(long index, long askedNanos, List<Long> tickets) {
    if (tickets.isEmpty() && !waiting.isEmpty()) {
      return;
    }
    waiting.add(new Confirmed(index, askedNanos, tickets));
    this.tickets += tickets.size();
    release();
  }

  /** Lets go of the reads that can be served now. */
  void release() {
    Confirmed oldest;
    while ((oldest = waiting.peek()) != null && servable(oldest.index())) {
      waiting.remove();
      tickets -= oldest.tickets().size();
      confirmedAtNanos = oldest.askedNanos();
      for (long ticket : oldest.tickets()) {
        outbox.add(new Effect.Complete(ticket, new Outcome.ReadAt(oldest.index())));
      }
    }
  }

  boolean servable(long index) {
    return log.applied() >= index;
  }
}
