package io.lockstep.http.service;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.raft.node.Timing;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One client that waits for what becomes of its durable ticket. */
public final class TicketWait {
  final LockName name;
  final TicketId ticket;
  final long waitDeadlineNanos;
  private final TicketWaits waits;
  private final AnswerSink sink;
  private final AtomicBoolean answered = new AtomicBoolean();

  /** As it was told last through the log, and at which index; touched on the service loop only. */
  @Nullable LockQueued last;

  long lastIndex;
  long lastRevision;
  @Nullable Timing timing;

  /** When the ticket is to be polled again; touched on the service loop only. */
  long pollAtNanos;

  boolean polling;

  TicketWait(
      TicketWaits waits, LockName name, TicketId ticket, long waitDeadlineNanos, AnswerSink sink) {
    this.waits = waits;
    this.name = name;
    this.ticket = ticket;
    this.waitDeadlineNanos = waitDeadlineNanos;
    this.sink = sink;
  }

  /** Nobody waits for the answer any more; the ticket stays. Callable from any thread. */
  public void cancel() {
    if (answered.compareAndSet(false, true)) {
      waits.cancelled(this);
    }
  }

  /** Answers, unless it was answered or nobody waits. */
  void answer(Answer answer) {
    if (answered.compareAndSet(false, true)) {
      sink.answer(answer);
    }
  }

  boolean isAnswered() {
    return answered.get();
  }

  /** The lease under which the grant of this place will show. */
  LeaseId holder(LockQueued queued) {
    LeaseId lease = queued.lease();
    return lease == null ? new LeaseId(ticket.index(), ticket.nonce()) : lease;
  }
}
