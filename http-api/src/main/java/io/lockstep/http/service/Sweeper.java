package io.lockstep.http.service;

import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Visits what is open every few milliseconds on the service loop, until it is done. Rests while
 * nothing is open. {@link #add} is callable from any thread.
 */
final class Sweeper {
  /** Something that is open for a while. */
  interface Open {
    /** Does what time demands; true when there is nothing more to do, now or later. */
    boolean sweep(long nowNanos);
  }

  private final Loop service;
  private final NodeClock clock;
  private final long periodNanos;
  private final ConcurrentLinkedQueue<Open> added = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private List<Open> open = new ArrayList<>();

  Sweeper(Loop service, NodeClock clock, long periodMillis) {
    this.service = service;
    this.clock = clock;
    this.periodNanos = TimeUnit.MILLISECONDS.toNanos(periodMillis);
  }

  void add(Open entry) {
    added.add(entry);
    schedule();
  }

  private void schedule() {
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      service.executeAfter(periodNanos, this::sweep);
    }
  }

  private void sweep() {
    long now = clock.nanoTime();
    List<Open> still = new ArrayList<>();
    for (Open entry : open) {
      if (!entry.sweep(now)) {
        still.add(entry);
      }
    }
    @Nullable Open entry;
    while ((entry = added.poll()) != null) {
      if (!entry.sweep(now)) {
        still.add(entry);
      }
    }
    open = still;
    scheduled.set(false);
    if (!open.isEmpty() || !added.isEmpty()) {
      schedule();
    }
  }
}
