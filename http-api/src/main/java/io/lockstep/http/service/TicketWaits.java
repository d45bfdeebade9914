package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.RenewalResult;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.raft.node.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Polls durable tickets on clients' behalf. A poll goes through the log, where it shares an entry
 * with renewals; a client that waits for the grant is one that polls all the time, so its ticket is
 * polled again well before it would end. Grants are seen in this node's published events.
 *
 * <p>State is owned by the service loop; {@link #poll} and {@link #published} may be called from
 * any thread.
 */
final class TicketWaits implements Sweeper.Open {
  private static final long POLL_AGAIN_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int POLLS_A_TIME_TO_LIVE = 3;

  private final CoordinatorParts parts;
  private final CoordinatorOptions options;
  private final Routing routing;
  private final Sweeper sweeper;
  private final String principal;
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicBoolean swept = new AtomicBoolean();
  private final TreeMap<LeaseId, List<TicketWait>> waiting = new TreeMap<>();
  private final LeaseEvents events = new LeaseEvents();
  private long scannedAtNanos;

  TicketWaits(
      CoordinatorParts parts,
      CoordinatorOptions options,
      Routing routing,
      Sweeper sweeper,
      String principal) {
    this.parts = parts;
    this.options = options;
    this.routing = routing;
    this.sweeper = sweeper;
    this.principal = principal;
    this.scannedAtNanos = parts.clock().nanoTime();
  }

  /** How many clients wait. */
  int count() {
    return count.get();
  }

  TicketWait poll(
      LockName name,
      TicketId ticket,
      Answer.@Nullable Done known,
      long waitMillis,
      long deadlineNanos,
      AnswerSink sink) {
    long waitNanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
    long waitDeadline = parts.clock().nanoTime() + waitNanos;
    TicketWait wait = new TicketWait(this, name, ticket, waitDeadline, sink);
    if (!serves()) {
      wait.answer(new Answer.NotApplied(Refusal.DIVERGED));
    } else if (count.incrementAndGet() > options.waitsMax()) {
      count.decrementAndGet();
      wait.answer(new Answer.NotApplied(Refusal.OVERLOADED));
    } else if (known != null) {
      parts.service().execute(() -> settle(wait, known));
    } else {
      routing.submit(
          request(wait),
          deadlineNanos - waitNanos,
          answer -> parts.service().execute(() -> settle(wait, answer)));
    }
    return wait;
  }

  private Request request(TicketWait wait) {
    Renewal poll = new Renewal.OfTicket(wait.name, wait.ticket);
    return new Request(principal, null, new Renew(List.of(poll)));
  }

  /** The state machine has published; callable from any thread. */
  void published() {
    if (count.get() > 0 && !woken.get() && woken.compareAndSet(false, true)) {
      parts.service().execute(this::look);
    }
  }

  void cancelled(TicketWait wait) {
    parts.service().execute(() -> forget(wait));
  }

  /** Every wait ends: its client is told that this node is stopping. The tickets stay. */
  void shutDown() {
    parts.service().execute(() -> endAll(Refusal.SHUTTING_DOWN));
  }

  private boolean serves() {
    return parts.raft().status().state().serves();
  }

  /** What the first poll has brought. */
  private void settle(TicketWait wait, Answer answer) {
    Answer told = told(answer);
    boolean waits = told instanceof Answer.Done done && note(wait, done);
    if (waits && !wait.isAnswered() && parts.clock().nanoTime() - wait.waitDeadlineNanos < 0) {
      register(wait);
    } else {
      wait.answer(told);
      count.decrementAndGet();
    }
  }

  /** The answer to a poll as one about the ticket. */
  private static Answer told(Answer answer) {
    if (answer instanceof Answer.Done(Applied applied, Timing timing)
        && applied.result() instanceof Renewed renewed) {
      Result state =
          switch (renewed.results().getFirst()) {
            case RenewalResult.Polled polled -> polled.state();
            case RenewalResult.Refused refused -> refused.failure();
            case RenewalResult.Alive alive -> renewed;
          };
      return new Answer.Done(
          new Applied(applied.index(), applied.revision(), applied.replayed(), state), timing);
    }
    return answer;
  }

  /** Remembers what is known now; whether the ticket waits. */
  private boolean note(TicketWait wait, Answer.Done done) {
    wait.timing = done.timing();
    if (!(done.applied().result() instanceof LockQueued queued)) {
      return false;
    }
    wait.last = queued;
    wait.lastIndex = done.applied().index();
    wait.lastRevision = done.applied().revision();
    long lasts = TimeUnit.MILLISECONDS.toNanos(queued.remainingWaitMillis());
    wait.pollAtNanos =
        parts.clock().nanoTime() + Math.max(lasts / POLLS_A_TIME_TO_LIVE, POLL_AGAIN_NANOS_MIN);
    return true;
  }

  private void register(TicketWait wait) {
    LockQueued queued = wait.last;
    if (queued == null) {
      return;
    }
    KvView view = parts.views().get();
    if (waiting.isEmpty()) {
      events.startAfter(view.revision());
    }
    waiting.computeIfAbsent(wait.holder(queued), lease -> new ArrayList<>(1)).add(wait);
    if (swept.compareAndSet(false, true)) {
      sweeper.add(this);
    }
    check(wait, view);
  }

  private void look() {
    woken.set(false);
    KvView view = parts.views().get();
    if (waiting.isEmpty()) {
      events.startAfter(view.revision());
      return;
    }
    boolean told =
        events.follow(
            view,
            named -> {
              List<TicketWait> concerned = waiting.get(named);
              if (concerned != null) {
                List.copyOf(concerned).forEach(wait -> check(wait, view));
              }
            });
    if (!told) {
      all().forEach(wait -> check(wait, view));
    }
  }

  private List<TicketWait> all() {
    List<TicketWait> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    return all;
  }

  /** Looks what has become of a ticket, if this node's state is as new as what was told of it. */
  private void check(TicketWait wait, KvView view) {
    if (serves() && view.appliedIndex() >= wait.lastIndex) {
      Result state = view.ticket(wait.ticket);
      if (!(state instanceof LockQueued)) {
        finish(wait, view.appliedIndex(), view.revision(), state);
      }
    }
  }

  private void finish(TicketWait wait, long index, long revision, Result state) {
    Timing timing = wait.timing;
    if (timing != null) {
      wait.answer(new Answer.Done(new Applied(index, revision, false, state), timing));
    }
    forget(wait);
  }

  /** It waits no more. */
  private void forget(TicketWait wait) {
    LockQueued queued = wait.last;
    if (queued == null) {
      return;
    }
    LeaseId holder = wait.holder(queued);
    List<TicketWait> same = waiting.get(holder);
    if (same != null && same.remove(wait)) {
      count.decrementAndGet();
      if (same.isEmpty()) {
        waiting.remove(holder);
      }
    }
  }

  @Override
  public boolean sweep(long nowNanos) {
    if (!serves()) {
      endAll(Refusal.DIVERGED);
    }
    KvView view = parts.views().get();
    boolean scan = nowNanos - scannedAtNanos >= LOOK_AGAIN_NANOS;
    if (scan) {
      scannedAtNanos = nowNanos;
    }
    for (TicketWait wait : all()) {
      if (nowNanos - wait.waitDeadlineNanos >= 0) {
        passed(wait, view);
      } else if (!wait.polling && nowNanos - wait.pollAtNanos >= 0) {
        pollAgain(wait, nowNanos);
      } else if (scan) {
        check(wait, view);
      }
    }
    swept.set(!waiting.isEmpty());
    return !swept.get();
  }

  /** The wait is over, and the ticket waits on. */
  private void passed(TicketWait wait, KvView view) {
    check(wait, view);
    LockQueued queued = wait.last;
    if (!wait.isAnswered() && queued != null) {
      boolean current = view.appliedIndex() >= wait.lastIndex;
      finish(
          wait,
          current ? view.appliedIndex() : wait.lastIndex,
          current ? view.revision() : wait.lastRevision,
          current ? view.ticket(wait.ticket) : queued);
    }
  }

  private void pollAgain(TicketWait wait, long nowNanos) {
    wait.polling = true;
    routing.submitAlways(
        request(wait),
        nowNanos + LOOK_AGAIN_NANOS,
        answer -> parts.service().execute(() -> polledAgain(wait, answer)));
  }

  private void polledAgain(TicketWait wait, Answer answer) {
    wait.polling = false;
    Answer told = told(answer);
    if (wait.isAnswered()) {
      return;
    }
    if (!(told instanceof Answer.Done done)) {
      wait.pollAtNanos = parts.clock().nanoTime() + POLL_AGAIN_NANOS_MIN;
    } else if (!note(wait, done)) {
      Applied applied = done.applied();
      finish(wait, applied.index(), applied.revision(), applied.result());
    }
  }

  private void endAll(Refusal reason) {
    for (TicketWait wait : all()) {
      wait.answer(new Answer.NotApplied(reason));
      forget(wait);
    }
  }
}
