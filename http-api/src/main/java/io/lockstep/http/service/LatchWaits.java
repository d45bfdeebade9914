package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.gate.Latch;
import io.lockstep.raft.bytes.Bytes;
import java.util.Comparator;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Those who have arrived at a latch and wait until it is open, by this node's own state. A publish
 * looks at each latch that is waited for, not at each who waits. Thread-safe.
 */
final class LatchWaits {
  private final Supplier<KvView> views;
  private final Sweeper sweeper;
  private final int waitsMax;
  private final ConcurrentSkipListMap<Wait, Boolean> waiting = new ConcurrentSkipListMap<>();
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();

  LatchWaits(Supplier<KvView> views, Sweeper sweeper, CoordinatorOptions options) {
    this.views = views;
    this.sweeper = sweeper;
    this.waitsMax = options.waitsMax();
  }

  /** One who waits; those at one latch follow each other. */
  private final class Wait implements Sweeper.Open, Comparable<Wait> {
    private static final Comparator<Wait> ORDER =
        Comparator.<Wait, Bytes>comparing(wait -> wait.latch)
            .thenComparingLong(wait -> wait.number);

    final Bytes latch;
    final long number;
    final long deadlineNanos;
    final @Nullable ReadSink sink;
    final AtomicBoolean done = new AtomicBoolean();

    Wait(Bytes latch, long number, long deadlineNanos, @Nullable ReadSink sink) {
      this.latch = latch;
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

  /** Tells {@code sink} when the latch is open in the published state. */
  void await(Bytes latch, long deadlineNanos, ReadSink sink) {
    if (outstanding.incrementAndGet() > waitsMax) {
      outstanding.decrementAndGet();
      sink.refused(Refusal.OVERLOADED);
      return;
    }
    Wait wait = new Wait(latch, numbers.incrementAndGet(), deadlineNanos, sink);
    waiting.put(wait, true);
    // After it is in the list, for a publish before that has not seen it.
    if (open(latch)) {
      finish(wait, null);
    } else {
      sweeper.add(wait);
    }
  }

  private boolean open(Bytes name) {
    Latch latch = views.get().latch(name);
    return latch != null && latch.open();
  }

  int outstanding() {
    return outstanding.get();
  }

  /** The state machine has published a new view. */
  void published() {
    var next = waiting.firstEntry();
    while (next != null) {
      Bytes latch = next.getKey().latch;
      Wait behind = new Wait(latch, Long.MAX_VALUE, 0, null);
      if (open(latch)) {
        waiting.subMap(next.getKey(), behind).keySet().forEach(wait -> finish(wait, null));
      }
      next = waiting.higherEntry(behind);
    }
  }

  /** Refuses all who wait. */
  void shutDown() {
    waiting.keySet().forEach(wait -> finish(wait, Refusal.SHUTTING_DOWN));
  }

  private void finish(Wait wait, @Nullable Refusal refusal) {
    waiting.remove(wait);
    ReadSink sink = wait.sink;
    if (sink != null && wait.done.compareAndSet(false, true)) {
      outstanding.decrementAndGet();
      if (refusal == null) {
        sink.current();
      } else {
        sink.refused(refusal);
      }
    }
  }
}
