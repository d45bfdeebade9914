package io.lockstep.http.service;

import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.TicketId;
import io.lockstep.raft.node.Timing;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One client that wants a lock, from its request to its answer or its going away. */
public final class LockWait {
  /** Where it stands; touched on the service loop only. */
  enum Phase {
    /** The acquire is on its way through the log. */
    ASKED,
    /** It has a place in the queue. */
    WAITING,
    /** Its place is being given up. */
    LEAVING,
    /** Nothing is left to do. */
    OVER
  }

  final LockAcquire acquire;
  final boolean keyed;
  final long askDeadlineNanos;
  final long waitDeadlineNanos;
  final long leaveDeadlineNanos;
  private final LockWaits waits;
  private final AnswerSink sink;
  private final AtomicBoolean answered = new AtomicBoolean();
  Phase phase = Phase.ASKED;
  @Nullable TicketId ticket;

  /** Of the entry that took the place; null while there is none, or nobody to tell. */
  @Nullable Timing timing;

  long queuedIndex;
  boolean leaveAsked;
  long leaveAgainNanos;
  @Nullable Refusal leavingFor;

  LockWait(
      LockWaits waits,
      LockAcquire acquire,
      boolean keyed,
      long askDeadlineNanos,
      long waitDeadlineNanos,
      long leaveDeadlineNanos,
      AnswerSink sink) {
    this.waits = waits;
    this.acquire = acquire;
    this.keyed = keyed;
    this.askDeadlineNanos = askDeadlineNanos;
    this.waitDeadlineNanos = waitDeadlineNanos;
    this.leaveDeadlineNanos = leaveDeadlineNanos;
    this.sink = sink;
  }

  /**
   * Nobody waits for the answer any more. A place, or a grant that comes all the same, is given up,
   * unless the request has an idempotency key. Callable from any thread.
   */
  public void cancel() {
    if (answered.compareAndSet(false, true)) {
      waits.cancelled(this);
    }
  }

  /**
   * The answer came too late: nobody was there to take it. A grant is given up as by {@link
   * #cancel}. Callable from any thread.
   */
  public void undelivered(Answer answer) {
    waits.undelivered(this, answer);
  }

  /** Answers, unless it was answered or nobody waits; whether it did. */
  boolean answer(Answer answer) {
    if (answered.compareAndSet(false, true)) {
      sink.answer(answer);
      return true;
    }
    return false;
  }

  boolean isAnswered() {
    return answered.get();
  }

  /**
   * Whether {@code place} was made by this request, and not by an earlier one of the same lease.
   */
  boolean made(TicketId place) {
    return place.nonce() == acquire.nonce();
  }

  /**
   * Whether {@code place} is given up when this wait has passed: it was made by this request, or by
   * an earlier attempt with its key. That of a lease which the client brought along may be another
   * request's.
   */
  boolean endsWithWait(TicketId place) {
    return made(place) || keyed && acquire.holder() instanceof Holder.OwnLease;
  }

  /** Whether its place is a ticket that the client polls. */
  boolean isDurable() {
    return acquire.queueTtlMillis() > 0;
  }

  /** The lease under which the grant will show. */
  LeaseId holder(TicketId place) {
    return switch (acquire.holder()) {
      case Holder.ExistingLease(LeaseId lease) -> lease;
      case Holder.OwnLease own -> new LeaseId(place.index(), place.nonce());
    };
  }
}
