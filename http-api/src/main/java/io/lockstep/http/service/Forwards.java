package io.lockstep.http.service;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.transport.Transport;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests that this node has sent to a leader. Each is sent once: when the link goes down or the
 * leader says nothing, its fate is unknown. Only a definite refusal, or a link that certainly did
 * not take it, gives it back. Thread-safe.
 */
final class Forwards {
  private record Sent(NodeId to, Submission submission) {}

  private final Transport transport;
  private final long startNumber;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentHashMap<Long, Sent> open = new ConcurrentHashMap<>();

  Forwards(Transport transport, long startNumber) {
    this.transport = transport;
    this.startNumber = startNumber;
  }

  /** Sends; the submission has begun. */
  void send(NodeId leader, Submission submission) {
    long id = ids.incrementAndGet();
    submission.forwardedAs(id);
    open.put(id, new Sent(leader, submission));
    ServiceMessage message =
        new ServiceMessage.Forward(startNumber, id, submission.lane, submission.payload);
    if (!transport.sendService(leader, ServiceCodec.encode(message)) && open.remove(id) != null) {
      submission.back(Refusal.NO_LEADER);
    }
  }

  /** The submission has its answer; what the leader still says of it is dropped. */
  void forget(long id) {
    open.remove(id);
  }

  void answered(NodeId from, ServiceMessage.Answered message) {
    Submission submission = take(from, message.startNumber(), message.id());
    if (submission != null) {
      submission.applied(message.applied().index(), message.applied(), message.timing());
    }
  }

  void refused(NodeId from, ServiceMessage.Refused message) {
    Submission submission = take(from, message.startNumber(), message.id());
    if (submission == null) {
      return;
    }
    switch (message.refusal()) {
      case NO_LEADER, SHUTTING_DOWN, DIVERGED -> submission.back(Refusal.NO_LEADER);
      case OVERLOADED, NO_SPACE, NOT_CONFIRMED, NOT_REACHED ->
          submission.refused(message.refusal());
    }
  }

  void unknown(NodeId from, ServiceMessage.FateUnknown message) {
    Submission submission = take(from, message.startNumber(), message.id());
    if (submission != null) {
      submission.unknown();
    }
  }

  /** What was sent on the link to {@code peer} and not answered may have arrived or not. */
  void disconnected(NodeId peer) {
    for (Map.Entry<Long, Sent> entry : open.entrySet()) {
      if (entry.getValue().to().equals(peer) && open.remove(entry.getKey()) != null) {
        entry.getValue().submission().unknown();
      }
    }
  }

  /** The submission behind an answer, null when the answer is not, or not any more, awaited. */
  private @org.jspecify.annotations.Nullable Submission take(NodeId from, long start, long id) {
    if (start != startNumber) {
      return null;
    }
    Sent sent = open.get(id);
    return sent != null && sent.to().equals(from) && open.remove(id) != null
        ? sent.submission()
        : null;
  }
}
