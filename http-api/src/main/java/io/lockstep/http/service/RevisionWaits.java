package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Readers that wait until this node's state is as new as a revision that they know. A publish costs
 * by those whom it serves, not by those that wait. Thread-safe.
 */
final class RevisionWaits {
  private final Supplier<KvView> views;
  private final Sweeper sweeper;
  private final int waitsMax;
  private final ConcurrentSkipListMap<Wait, Boolean> waiting = new ConcurrentSkipListMap<>();
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();

  RevisionWaits(Supplier<KvView> views, Sweeper sweeper, CoordinatorOptions options) {
    this.views = views;
    this.sweeper = sweeper;
    this.waitsMax = options.readsMax();
  }

  /** One reader; those of a lower revision come first. */
  private final class Wait implements Sweeper.Open, Comparable<Wait> {
    private static final Comparator<Wait> ORDER =
        Comparator.<Wait>comparingLong(wait -> wait.revision)
            .thenComparingLong(wait -> wait.number);

    final long revision;
    final long number;
    final long deadlineNanos;
    final ReadSink sink;
    final AtomicBoolean done = new AtomicBoolean();

    Wait(long revision, long number, long deadlineNanos, ReadSink sink) {
      this.revision = revision;
      this.number = number;
      this.deadlineNanos = deadlineNanos;
      this.sink = sink;
    }

    @Override
    public int compareTo(Wait other) {
      return ORDER.compare(this, other);
    }

    @Override
    public boolean sweep(long nowNanos) {
      if (nowNanos - deadlineNanos >= 0) {
        finish(this, Refusal.NOT_REACHED);
      }
      return done.get();
    }
  }

  /** Tells {@code sink} when the published state is at {@code revision} or later. */
  void await(long revision, long deadlineNanos, ReadSink sink) {
    if (views.get().revision() >= revision) {
      sink.current();
      return;
    }
    if (outstanding.incrementAndGet() > waitsMax) {
      outstanding.decrementAndGet();
      sink.refused(Refusal.OVERLOADED);
      return;
    }
    Wait wait = new Wait(revision, numbers.incrementAndGet(), deadlineNanos, sink);
    waiting.put(wait, true);
    // Again, for a publish before the reader was in the list has not seen it.
    if (views.get().revision() >= revision) {
      finish(wait, null);
    } else {
      sweeper.add(wait);
    }
  }

  int outstanding() {
    return outstanding.get();
  }

  /** The state machine has published a new view. */
  void published() {
    Map.Entry<Wait, Boolean> first = waiting.firstEntry();
    if (first == null) {
      return;
    }
    long reached = views.get().revision();
    while (first != null && first.getKey().revision <= reached) {
      finish(first.getKey(), null);
      first = waiting.firstEntry();
    }
  }

  /** Refuses all who wait. */
  void shutDown() {
    waiting.keySet().forEach(wait -> finish(wait, Refusal.SHUTTING_DOWN));
  }

  private void finish(Wait wait, @Nullable Refusal refusal) {
    waiting.remove(wait);
    if (wait.done.compareAndSet(false, true)) {
      outstanding.decrementAndGet();
      if (refusal == null) {
        wait.sink.current();
      } else {
        wait.sink.refused(refusal);
      }
    }
  }
}
