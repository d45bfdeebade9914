package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lock.LockView;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.HolderInfo;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.node.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Waits for locks on clients' behalf. Grants are seen in this node's published events: only the
 * wait that an event names is looked at. A place that nobody waits for any more is given up, again
 * and again until that is certain: a ticket is given up once, however often it is asked.
 *
 * <p>State is owned by the service loop; {@link #acquire} and {@link #published} may be called from
 * any thread.
 */
final class LockWaits implements Sweeper.Open {
  private static final long LEAVE_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LEAVE_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

  private final CoordinatorParts parts;
  private final CoordinatorOptions options;
  private final Routing routing;
  private final Sweeper sweeper;
  private final String principal;
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicBoolean swept = new AtomicBoolean();
  private final TreeMap<LeaseId, List<LockWait>> waiting = new TreeMap<>();
  private final Map<LockWait, TicketId> leaving = new LinkedHashMap<>();
  private final Orphans orphans;
  private final LeaseEvents events = new LeaseEvents();
  private long aliveAtNanos;
  private long scannedAtNanos;

  LockWaits(
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
    this.orphans = new Orphans(parts.views());
    this.aliveAtNanos = parts.clock().nanoTime();
    this.scannedAtNanos = aliveAtNanos;
  }

  /** How many clients wait or are being given up. */
  int count() {
    return count.get();
  }

  LockWait acquire(Request request, LockAcquire acquire, long deadlineNanos, AnswerSink sink) {
    long waitNanos = TimeUnit.MILLISECONDS.toNanos(acquire.waitMillis());
    long waitDeadline = parts.clock().nanoTime() + waitNanos;
    LockWait wait =
        new LockWait(
            this,
            acquire,
            request.key() != null,
            deadlineNanos - waitNanos,
            waitDeadline,
            deadlineNanos,
            sink);
    if (!serves()) {
      wait.answer(new Answer.NotApplied(Refusal.DIVERGED));
      return wait;
    }
    if (count.incrementAndGet() > options.waitsMax()) {
      count.decrementAndGet();
      wait.answer(new Answer.NotApplied(Refusal.OVERLOADED));
      return wait;
    }
    routing.submit(request, wait.askDeadlineNanos, answer -> asked(wait, answer));
    return wait;
  }

  /** The state machine has published; callable from any thread. */
  void published() {
    if (count.get() > 0 && !woken.get() && woken.compareAndSet(false, true)) {
      parts.service().execute(this::look);
    }
  }

  void cancelled(LockWait wait) {
    parts.service().execute(() -> abandon(wait));
  }

  void undelivered(LockWait wait, Answer answer) {
    TicketId ticket = answer instanceof Answer.Done done ? ticketOf(done.applied()) : null;
    if (ticket != null) {
      count.incrementAndGet();
      parts.service().execute(() -> again(wait, ticket));
    }
  }

  private static @Nullable TicketId ticketOf(Applied applied) {
    if (applied.result() instanceof Result.LockGranted granted) {
      return granted.ticket();
    }
    return applied.result() instanceof Result.LockQueued queued ? queued.ticket() : null;
  }

  /** Every wait ends: its client is told that this node is stopping. */
  void shutDown() {
    parts.service().execute(() -> endAll(Refusal.SHUTTING_DOWN));
  }

  /** Whether what this node's state says of a wait can be believed. */
  private boolean serves() {
    return parts.raft().status().state().serves();
  }

  /** On whichever thread: what became of the acquire. */
  private void asked(LockWait wait, Answer answer) {
    boolean queued = answer instanceof Answer.Done done && isQueued(wait, done.applied());
    if (!queued && wait.answer(answer)) {
      if (answer instanceof Answer.Unknown && !wait.keyed) {
        parts.service().execute(() -> lostSight(wait));
      } else {
        count.decrementAndGet();
      }
      return;
    }
    parts.service().execute(() -> settle(wait, answer));
  }

  /** Whether it waits here: a durable place is told to the client, who polls its ticket. */
  private static boolean isQueued(LockWait wait, Applied applied) {
    return !wait.isDurable() && applied.result() instanceof Result.LockQueued;
  }

  private void settle(LockWait wait, Answer answer) {
    if (!(answer instanceof Answer.Done done)) {
      if (answer instanceof Answer.Unknown && !wait.keyed) {
        lostSight(wait);
      } else {
        over(wait);
      }
      return;
    }
    Applied applied = done.applied();
    if (applied.result() instanceof Result.LockQueued queued) {
      wait.ticket = queued.ticket();
      wait.timing = done.timing();
      wait.queuedIndex = applied.index();
      if (wait.isAnswered()) {
        giveUp(wait, queued.ticket());
      } else {
        register(wait, queued.ticket());
      }
    } else if (applied.result() instanceof Result.LockGranted granted) {
      giveUp(wait, granted.ticket());
    } else {
      over(wait);
    }
  }

  private void register(LockWait wait, TicketId ticket) {
    KvView view = parts.views().get();
    if (waiting.isEmpty()) {
      events.startAfter(view.revision());
    }
    wait.phase = LockWait.Phase.WAITING;
    waiting.computeIfAbsent(wait.holder(ticket), lease -> new ArrayList<>(1)).add(wait);
    sweepOn();
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
              List<LockWait> concerned = waiting.get(named);
              if (concerned != null) {
                List.copyOf(concerned).forEach(wait -> check(wait, view));
              }
            });
    if (!told) {
      scan(view);
    }
  }

  private void scan(KvView view) {
    List<LockWait> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    all.forEach(wait -> check(wait, view));
  }

  /** Looks what has become of a wait's ticket. */
  private void check(LockWait wait, KvView view) {
    TicketId ticket = wait.ticket;
    if (wait.phase != LockWait.Phase.WAITING
        || ticket == null
        || !serves()
        || view.appliedIndex() < wait.queuedIndex) {
      return;
    }
    Result state = view.ticket(ticket);
    if (state instanceof Result.LockGranted) {
      leaveQueue(wait, ticket);
      if (answered(wait, view, state)) {
        over(wait);
      } else {
        giveUp(wait, ticket);
      }
    } else if (!(state instanceof Result.LockQueued)) {
      leaveQueue(wait, ticket);
      if (wait.acquire.holder() instanceof Holder.ExistingLease(LeaseId lease)
          && view.lease(lease, 0) == null) {
        answered(wait, view, view.leaseAbsence(lease));
      } else {
        passed(wait, view);
      }
      over(wait);
    }
  }

  private static boolean answered(LockWait wait, KvView view, Result result) {
    Timing timing = wait.timing;
    Applied applied = new Applied(view.appliedIndex(), view.revision(), false, result);
    return timing != null && wait.answer(new Answer.Done(applied, timing));
  }

  private static void passed(LockWait wait, KvView view) {
    Timing timing = wait.timing;
    if (timing != null) {
      wait.answer(inTheWay(wait.acquire, view, timing));
    }
  }

  /** Who holds it and who waits for it; of several locks the one that will be free last. */
  private static Answer.WaitPassed inTheWay(LockAcquire acquire, KvView view, Timing timing) {
    LockView last = null;
    for (LockName name : acquire.names()) {
      LockView lock = view.lock(name, 0);
      if (lock != null && !isFree(lock) && (last == null || freeIn(lock) > freeIn(last))) {
        last = lock;
      }
    }
    if (last == null) {
      return new Answer.WaitPassed(null, null, 0, 0, timing);
    }
    LockName of = acquire.also().isEmpty() ? null : last.name();
    return new Answer.WaitPassed(
        of, last.holder(), last.queueLength(), last.opensInMillis(), timing);
  }

  private static boolean isFree(LockView lock) {
    return lock.holder() == null && lock.queueLength() == 0 && lock.opensInMillis() == 0;
  }

  /** When it will be free, as far as is known. */
  private static long freeIn(LockView lock) {
    HolderInfo holder = lock.holder();
    return Math.max(holder == null ? 0 : holder.expiresInMillis(), lock.opensInMillis());
  }

  private void abandon(LockWait wait) {
    TicketId ticket = wait.ticket;
    if (wait.phase == LockWait.Phase.WAITING && ticket != null) {
      leaveQueue(wait, ticket);
      giveUp(wait, ticket);
    }
  }

  /** A wait that was over has its grant to give up after all. */
  private void again(LockWait wait, TicketId ticket) {
    wait.phase = LockWait.Phase.ASKED;
    giveUp(wait, ticket);
  }

  /** Gives the place up for good if it is this request's own to give. */
  private void giveUp(LockWait wait, TicketId ticket) {
    if (wait.keyed || !wait.made(ticket)) {
      over(wait);
    } else {
      leave(wait, ticket);
    }
  }

  private void leave(LockWait wait, TicketId ticket) {
    wait.phase = LockWait.Phase.LEAVING;
    leaving.put(wait, ticket);
    sweepOn();
    Request request =
        new Request(
            principal, null, new Command.LockLeave(wait.acquire.name(), ticket, wait.keyed));
    long now = parts.clock().nanoTime();
    wait.leaveAsked = true;
    routing.submitAlways(
        request,
        now + LEAVE_NANOS_MAX,
        answer -> parts.service().execute(() -> left(wait, answer)));
  }

  private void left(LockWait wait, Answer answer) {
    if (answer instanceof Answer.Done done) {
      leaving.remove(wait);
      Refusal refusal = wait.leavingFor;
      if (done.applied().result() instanceof Result.LockGranted) {
        wait.answer(done);
      } else if (refusal == null) {
        passed(wait, parts.views().get());
      } else {
        wait.answer(new Answer.NotApplied(refusal));
      }
      over(wait);
    } else {
      wait.leaveAsked = false;
      wait.leaveAgainNanos = parts.clock().nanoTime() + LEAVE_AGAIN_NANOS;
    }
  }

  private void leaveQueue(LockWait wait, TicketId ticket) {
    LeaseId holder = wait.holder(ticket);
    List<LockWait> same = waiting.get(holder);
    if (same != null) {
      same.remove(wait);
      if (same.isEmpty()) {
        waiting.remove(holder);
      }
    }
  }

  private void over(LockWait wait) {
    if (wait.phase != LockWait.Phase.OVER) {
      wait.phase = LockWait.Phase.OVER;
      count.decrementAndGet();
    }
  }

  /** The acquire's fate is unknown: should it turn up in the queue, nobody waits for it. */
  private void lostSight(LockWait wait) {
    orphans.add(wait, parts.clock().nanoTime() + LEAVE_NANOS_MAX);
    sweepOn();
  }

  private void sweepOn() {
    if (swept.compareAndSet(false, true)) {
      sweeper.add(this);
    }
  }

  @Override
  public boolean sweep(long nowNanos) {
    if (!serves()) {
      endAll(Refusal.DIVERGED);
    }
    List<LockWait> due = new ArrayList<>();
    for (List<LockWait> waits : waiting.values()) {
      for (LockWait wait : waits) {
        if (nowNanos - wait.waitDeadlineNanos >= 0) {
          due.add(wait);
        }
      }
    }
    due.forEach(this::waitPassed);
    for (Map.Entry<LockWait, TicketId> entry : List.copyOf(leaving.entrySet())) {
      LockWait wait = entry.getKey();
      if (nowNanos - wait.leaveDeadlineNanos >= 0) {
        wait.answer(new Answer.Unknown());
      }
      if (!wait.leaveAsked && nowNanos - wait.leaveAgainNanos >= 0) {
        leave(wait, entry.getValue());
      }
    }
    slowly(nowNanos);
    swept.set(!waiting.isEmpty() || !leaving.isEmpty() || !orphans.isEmpty());
    return !swept.get();
  }

  /** What is looked at about once a second. */
  private void slowly(long nowNanos) {
    long period = TimeUnit.MILLISECONDS.toNanos(options.aliveMillis());
    if (nowNanos - scannedAtNanos >= period) {
      scannedAtNanos = nowNanos;
      scan(parts.views().get());
      for (Orphans.Found found : orphans.look(nowNanos)) {
        found.lockWait().ticket = found.ticket();
        leave(found.lockWait(), found.ticket());
      }
      orphans.ended().forEach(this::over);
    }
    boolean someoneWaits = !waiting.isEmpty() || !leaving.isEmpty();
    if (someoneWaits && nowNanos - aliveAtNanos >= period) {
      aliveAtNanos = nowNanos;
      Command alive = new Command.ServerAlive(new Server(parts.self(), parts.startNumber()));
      routing.submitAlways(new Request(principal, null, alive), nowNanos + period, answer -> {});
    }
  }

  private void waitPassed(LockWait wait) {
    TicketId ticket = wait.ticket;
    KvView view = parts.views().get();
    check(wait, view);
    if (wait.phase == LockWait.Phase.WAITING && ticket != null) {
      leaveQueue(wait, ticket);
      if (wait.endsWithWait(ticket)) {
        leave(wait, ticket);
      } else {
        passed(wait, view);
        over(wait);
      }
    }
  }

  private void endAll(Refusal reason) {
    List<LockWait> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    for (LockWait wait : all) {
      TicketId ticket = wait.ticket;
      if (ticket != null) {
        wait.leavingFor = reason;
        leaveQueue(wait, ticket);
        if (wait.keyed) {
          // Its place stays, for a retry to take up, and may be granted before that comes.
          wait.answer(new Answer.Unknown());
          over(wait);
        } else if (!wait.made(ticket)) {
          wait.answer(new Answer.NotApplied(reason));
          over(wait);
        } else {
          leave(wait, ticket);
        }
      }
    }
  }
}
