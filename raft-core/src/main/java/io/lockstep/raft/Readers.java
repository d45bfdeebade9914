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
  private Moment confirmed = Moment.NEVER;

  private record Confirmed(long index, Moment asked, List<Long> tickets) {}

  /**
   * A moment of this node's monotonic clock, and what cluster time had not passed by then.
   *
   * @param clusterTimeMillis of a leader that nobody had replaced at a moment from {@code nanos}
   *     on: its cluster time by that moment
   */
  record Moment(long nanos, long clusterTimeMillis) {
    private static final Moment NEVER = new Moment(RaftStatus.NEVER, 0);
  }

  Readers(RaftLog log, Outbox outbox) {
    this.log = log;
    this.outbox = outbox;
  }

  /** How many reads wait. */
  int tickets() {
    return tickets;
  }

  /** See {@link RaftStatus#confirmedAtNanos} and {@link RaftStatus#confirmedClusterTimeMillis}. */
  Moment confirmed() {
    return confirmed;
  }

  /**
   * Takes reads in for which a leader has been confirmed.
   *
   * @param index what was committed at a moment after {@code asked}
   * @param tickets possibly none: then only the moment is kept, unless others wait already
   */
  void confirmed(long index, Moment asked, List<Long> tickets) {
    if (tickets.isEmpty() && !waiting.isEmpty()) {
      return;
    }
    waiting.add(new Confirmed(index, asked, tickets));
    this.tickets += tickets.size();
    release();
  }

  /** Lets go of the reads that can be served now. */
  void release() {
    Confirmed oldest;
    while ((oldest = waiting.peek()) != null && servable(oldest.index())) {
      waiting.remove();
      tickets -= oldest.tickets().size();
      confirmed = oldest.asked();
      for (long ticket : oldest.tickets()) {
        outbox.add(new Effect.Complete(ticket, new Outcome.ReadAt(oldest.index())));
      }
    }
  }

  boolean servable(long index) {
    return log.applied() >= index;
  }
}
