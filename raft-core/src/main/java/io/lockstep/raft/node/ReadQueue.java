package io.lockstep.raft.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Readers that wait to be put behind the next read ticket. The bound counts them until they are
 * answered. Any thread offers, the raft loop takes.
 */
final class ReadQueue {
  private final Queue<ReadCompletion> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger inflight = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();
  private final int inflightMax;

  ReadQueue(NodeOptions options) {
    this.inflightMax = options.readsMax();
  }

  /** Returns false, and keeps nothing, when too many are unanswered. */
  boolean offer(ReadCompletion reader) {
    if (inflight.incrementAndGet() > inflightMax) {
      inflight.decrementAndGet();
      refused.incrementAndGet();
      return false;
    }
    queue.add(reader);
    return true;
  }

  /** All who wait now; empty when nobody does. */
  List<ReadCompletion> takeAll() {
    ReadCompletion reader = queue.poll();
    if (reader == null) {
      return List.of();
    }
    List<ReadCompletion> readers = new ArrayList<>();
    do {
      readers.add(reader);
      reader = queue.poll();
    } while (reader != null);
    return readers;
  }

  void answered(int readers) {
    inflight.addAndGet(-readers);
  }

  int inflight() {
    return inflight.get();
  }

  long refused() {
    return refused.get();
  }
}
