package io.lockstep.http.service;

import io.lockstep.raft.Outcome;
import io.lockstep.raft.node.NodeClock;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.node.ReadCompletion;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Linearizable reads: all that wait share one read round, and none joins a round that began before
 * it came (Raft thesis 6.4). A round that fails or takes too long is not asked again: its waiters
 * go into a new one, until their deadlines. Thread-safe.
 */
final class SharedReads {
  private final RaftHandle<?> raft;
  private final NodeClock clock;
  private final Sweeper sweeper;
  private final int readsMax;
  private final long retryNanos;
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicReference<@Nullable Waiter> waiting = new AtomicReference<>();
  private final AtomicReference<@Nullable Round> current = new AtomicReference<>();
  private final AtomicBoolean swept = new AtomicBoolean();

  SharedReads(RaftHandle<?> raft, NodeClock clock, Sweeper sweeper, CoordinatorOptions options) {
    this.raft = raft;
    this.clock = clock;
    this.sweeper = sweeper;
    this.readsMax = options.readsMax();
    this.retryNanos = TimeUnit.MILLISECONDS.toNanos(options.readRetryMillis());
  }

  /** One read; a link of the list of those that wait. */
  private static final class Waiter {
    final long deadlineNanos;
    final ReadSink sink;
    final AtomicBoolean done = new AtomicBoolean();
    @Nullable Waiter next;

    Waiter(long deadlineNanos, ReadSink sink) {
      this.deadlineNanos = deadlineNanos;
      this.sink = sink;
    }
  }

  void read(long deadlineNanos, ReadSink sink) {
    if (outstanding.incrementAndGet() > readsMax) {
      outstanding.decrementAndGet();
      sink.refused(Refusal.OVERLOADED);
      return;
    }
    push(new Waiter(deadlineNanos, sink));
    if (!swept.get() && swept.compareAndSet(false, true)) {
      sweeper.add(this::sweep);
    }
    if (current.get() == null) {
      begin();
    }
  }

  int outstanding() {
    return outstanding.get();
  }

  private void push(Waiter waiter) {
    Waiter before;
    do {
      before = waiting.get();
      waiter.next = before;
    } while (!waiting.compareAndSet(before, waiter));
  }

  /** Begins a round for all that wait now, unless another is under way or nobody waits. */
  private void begin() {
    while (waiting.get() != null) {
      Round round = new Round(clock.nanoTime());
      if (!current.compareAndSet(null, round)) {
        return;
      }
      // Taken after this round became the current one and before it is asked for.
      Waiter taken = waiting.getAndSet(null);
      if (taken != null) {
        round.waiters.set(taken);
        raft.read(round);
        return;
      }
      current.compareAndSet(round, null);
    }
  }

  private void finish(Waiter waiter, @Nullable Refusal refusal) {
    if (waiter.done.compareAndSet(false, true)) {
      outstanding.decrementAndGet();
      if (refusal == null) {
        waiter.sink.current();
      } else {
        waiter.sink.refused(refusal);
      }
    }
  }

  /** One read that was asked of the node, and those that wait for it. */
  private final class Round implements ReadCompletion {
    final long beganNanos;

    /** Taken by one: who confirms, who fails, or who gives up on this round. */
    final AtomicReference<@Nullable Waiter> waiters = new AtomicReference<>();

    Round(long beganNanos) {
      this.beganNanos = beganNanos;
    }

    @Override
    public void current(long index) {
      Waiter waiter = oldestFirst(waiters.getAndSet(null));
      current.compareAndSet(this, null);
      begin();
      while (waiter != null) {
        Waiter next = waiter.next;
        finish(waiter, null);
        waiter = next;
      }
    }

    @Override
    public void failed(Outcome outcome) {
      // The sweep begins the next round: at once would be a busy loop while there is no leader.
      giveBack();
      current.compareAndSet(this, null);
    }

    void giveBack() {
      Waiter waiter = waiters.getAndSet(null);
      while (waiter != null) {
        Waiter next = waiter.next;
        if (!waiter.done.get()) {
          push(waiter);
        }
        waiter = next;
      }
    }
  }

  private boolean sweep(long nowNanos) {
    Round round = current.get();
    expire(waiting.get(), nowNanos);
    if (round != null) {
      expire(round.waiters.get(), nowNanos);
      if (nowNanos - round.beganNanos > retryNanos && current.compareAndSet(round, null)) {
        round.giveBack();
      }
    }
    if (current.get() == null) {
      begin();
    }
    if (outstanding.get() > 0 || current.get() != null) {
      return false;
    }
    swept.set(false);
    return outstanding.get() == 0 || !swept.compareAndSet(false, true);
  }

  private void expire(@Nullable Waiter first, long nowNanos) {
    Refusal refusal = raft.status().leader() == null ? Refusal.NO_LEADER : Refusal.NOT_CONFIRMED;
    for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
      if (nowNanos - waiter.deadlineNanos >= 0) {
        finish(waiter, refusal);
      }
    }
  }

  private static @Nullable Waiter oldestFirst(@Nullable Waiter newestFirst) {
    Waiter reversed = null;
    Waiter waiter = newestFirst;
    while (waiter != null) {
      Waiter next = waiter.next;
      waiter.next = reversed;
      reversed = waiter;
      waiter = next;
    }
    return reversed;
  }
}
