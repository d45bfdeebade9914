package io.lockstep.raft.node;

import io.lockstep.raft.bytes.Bytes;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Proposals on their way to the core, in order of arrival. Bounded by count, by bytes, and by the
 * age of the oldest: a queue that does not move is full, however short it is. Any thread offers,
 * the raft loop polls.
 */
final class ProposalQueue<R> {
  private final Queue<OpenProposal<R>> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final int sizeMax;
  private final long bytesMax;
  private final long ageNanosMax;

  ProposalQueue(NodeOptions options) {
    this.sizeMax = options.proposalsMax();
    this.bytesMax = options.proposalBytesMax();
    this.ageNanosMax = TimeUnit.MILLISECONDS.toNanos(options.proposalAgeMillisMax());
  }

  /** Returns false, and keeps nothing, when the queue is full. */
  boolean offer(Bytes command, Completion<R> completion, long nowNanos) {
    OpenProposal<R> oldest = queue.peek();
    boolean stalled = oldest != null && nowNanos - oldest.offeredNanos() > ageNanosMax;
    if (stalled || size.incrementAndGet() > sizeMax) {
      return refuse(stalled ? 0 : 1, 0);
    }
    if (bytes.addAndGet(command.length()) > bytesMax) {
      return refuse(1, command.length());
    }
    queue.add(new OpenProposal<>(command, completion, nowNanos));
    return true;
  }

  private boolean refuse(int sizeBack, int bytesBack) {
    size.addAndGet(-sizeBack);
    bytes.addAndGet(-bytesBack);
    refused.incrementAndGet();
    return false;
  }

  @Nullable OpenProposal<R> poll() {
    OpenProposal<R> next = queue.poll();
    if (next != null) {
      size.decrementAndGet();
      bytes.addAndGet(-next.command().length());
    }
    return next;
  }

  int size() {
    return size.get();
  }

  long refused() {
    return refused.get();
  }
}
