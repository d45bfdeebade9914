package io.lockstep.http.service;

import io.lockstep.kv.command.Request;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client of this node, from its admission to its one answer.
 *
 * <h2>What may be concluded</h2>
 *
 * It is {@code HERE} until it is handed to the log or to the leader, and again after a definite
 * refusal: then it may be tried again, and at its deadline nothing has happened. While it is {@code
 * SENT} it is never sent again, and its deadline finds it unknown. All moves are atomic, so that a
 * deadline and a hand-over cannot both win.
 */
final class Submission extends Proposal implements Sweeper.Open {
  private static final int HERE = 0;
  private static final int SENT = 1;
  private static final int DONE = 2;

  private final Routing routing;
  private final long deadlineNanos;
  private final AnswerSink sink;
  private final AtomicInteger state = new AtomicInteger(HERE);

  /** Whether a loop will look at it anyway, so that the sweep must not try it. */
  private volatile boolean queued;

  private volatile long forwardId;
  private volatile Refusal lastRefusal = Refusal.NO_LEADER;

  Submission(
      Routing routing,
      Bytes payload,
      Lane lane,
      @Nullable Request apart,
      long deadlineNanos,
      AnswerSink sink) {
    super(payload, lane, apart);
    this.routing = routing;
    this.deadlineNanos = deadlineNanos;
    this.sink = sink;
  }

  @Override
  void queued() {
    queued = true;
  }

  @Override
  boolean begin() {
    queued = false;
    return state.compareAndSet(HERE, SENT);
  }

  /** It goes to the leader under this number. */
  void forwardedAs(long id) {
    forwardId = id;
  }

  /** The number of its last forward, 0 for none. */
  long forwardId() {
    return forwardId;
  }

  /** It was certainly not sent, or refused for certain: it may be tried again. */
  void back(Refusal reason) {
    lastRefusal = reason;
    state.compareAndSet(SENT, HERE);
  }

  @Override
  public void applied(long index, Applied result, Timing timing) {
    finish(new Answer.Done(result, timing));
  }

  @Override
  void refused(Refusal refusal) {
    finish(new Answer.NotApplied(refusal));
  }

  @Override
  void notLeader() {
    back(Refusal.NO_LEADER);
  }

  @Override
  void unknown() {
    finish(new Answer.Unknown());
  }

  @Override
  public boolean sweep(long nowNanos) {
    if (state.get() == DONE) {
      return true;
    }
    if (nowNanos - deadlineNanos >= 0) {
      expire();
      return true;
    }
    if (!queued && state.get() == HERE) {
      routing.attempt(this);
    }
    return state.get() == DONE;
  }

  private void expire() {
    if (state.compareAndSet(HERE, DONE)) {
      routing.left(this);
      sink.answer(new Answer.NotApplied(lastRefusal));
    } else {
      unknown();
    }
  }

  private void finish(Answer answer) {
    if (state.getAndSet(DONE) != DONE) {
      routing.left(this);
      sink.answer(answer);
    }
  }
}
