package io.lockstep.raft.node;

import io.lockstep.raft.Entry;
import io.lockstep.raft.Input;
import io.lockstep.raft.Message;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Messages from other members on their way to the core. When it is full, what comes is dropped and
 * counted: the protocol takes that for a loss on the way. Transport threads offer, the raft loop
 * polls.
 */
final class MessageQueue {
  private final Queue<Input.Received> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final int sizeMax;
  private final long bytesMax;

  MessageQueue(NodeOptions options) {
    this.sizeMax = options.messagesMax();
    this.bytesMax = options.messageBytesMax();
  }

  /** Returns false when the message was dropped. */
  boolean offer(Input.Received received) {
    long weight = weightBytes(received.message());
    if (size.incrementAndGet() > sizeMax) {
      size.decrementAndGet();
      drop();
      return false;
    }
    long before = bytes.getAndAdd(weight);
    if (before > 0 && weight > 0 && before + weight > bytesMax) {
      size.decrementAndGet();
      bytes.addAndGet(-weight);
      drop();
      return false;
    }
    queue.add(received);
    return true;
  }

  Input.@Nullable Received poll() {
    Input.Received next = queue.poll();
    if (next != null) {
      size.decrementAndGet();
      bytes.addAndGet(-weightBytes(next.message()));
    }
    return next;
  }

  /** Counts a message that its taker dropped. */
  void drop() {
    dropped.incrementAndGet();
  }

  int size() {
    return size.get();
  }

  long dropped() {
    return dropped.get();
  }

  /** The entries that a message carries, in bytes; 0 for all that carry none. */
  static long weightBytes(Message message) {
    return message instanceof Message.Append append ? weightBytes(append) : 0;
  }

  private static long weightBytes(Message.Append append) {
    long weight = 0;
    for (Entry entry : append.entries()) {
      weight += entry.weightBytes();
    }
    return weight;
  }
}
