package io.lockstep.http.service;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.node.ChangeCompletion;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Membership changes and hand-overs of leadership that clients ask for, on any node: brought to the
 * leader once. What is not answered in time, or whose link broke, has an unknown outcome.
 * Thread-safe.
 */
final class MembershipRequests {
  private final CoordinatorParts parts;
  private final Sweeper sweeper;
  private final AtomicLong ids = new AtomicLong();
  private final ConcurrentHashMap<Long, Sent> sent = new ConcurrentHashMap<>();

  private record Sent(NodeId to, ChangeCompletion completion) {}

  MembershipRequests(CoordinatorParts parts, Sweeper sweeper) {
    this.parts = parts;
    this.sweeper = sweeper;
  }

  /** Asks for another membership; {@code completion} hears of it once, from any thread. */
  void change(MembershipChange change, long deadlineNanos, ChangeCompletion completion) {
    RaftStatus status = parts.raft().status();
    NodeId leader = status.leader();
    if (leader == null) {
      completion.answered(new ChangeOutcome.NotLeader(null));
      return;
    }
    long id = ids.incrementAndGet();
    Waiting waiting = new Waiting(id, deadlineNanos, completion);
    sweeper.add(waiting);
    if (status.isLeader()) {
      parts.raft().changeMembership(change, parts.contacts().get(), waiting);
    } else {
      sent.put(id, new Sent(leader, waiting));
      send(leader, waiting, new ServiceMessage.AskChange(parts.startNumber(), id, change));
    }
  }

  private void send(NodeId leader, Waiting waiting, ServiceMessage message) {
    if (!parts.transport().sendService(leader, ServiceCodec.encode(message))) {
      waiting.answered(new ChangeOutcome.NotLeader(leader));
    }
  }

  /** Another node's client asks; only a leader does something about it. */
  void asked(NodeId from, ServiceMessage.AskChange ask) {
    parts
        .raft()
        .changeMembership(
            ask.change(),
            parts.contacts().get(),
            outcome ->
                parts
                    .transport()
                    .sendService(
                        from,
                        ServiceCodec.encode(
                            new ServiceMessage.ChangeAnswered(
                                ask.startNumber(), ask.id(), outcome))));
  }

  void answered(NodeId from, ServiceMessage.ChangeAnswered message) {
    Sent asked = sent.get(message.id());
    if (asked != null && asked.to().equals(from) && message.startNumber() == parts.startNumber()) {
      asked.completion().answered(message.outcome());
    }
  }

  /** What was sent on the link to {@code peer} and not answered may have arrived or not. */
  void disconnected(NodeId peer) {
    for (Map.Entry<Long, Sent> entry : sent.entrySet()) {
      if (entry.getValue().to().equals(peer)) {
        entry.getValue().completion().answered(new ChangeOutcome.Unknown());
      }
    }
  }

  /**
   * Asks the leader to hand over to {@code to}, or to whom it likes when null; {@code completion}
   * hears once who leads instead, null for nobody in time.
   */
  void transfer(@Nullable NodeId to, long deadlineNanos, TransferCompletion completion) {
    RaftStatus status = parts.raft().status();
    NodeId leader = status.leader();
    if (leader == null) {
      completion.answered(null);
    } else if (leader.equals(to)) {
      completion.answered(leader);
    } else {
      handOver(to);
      sweeper.add(now -> transferred(leader, now - deadlineNanos >= 0, completion));
    }
  }

  /**
   * Asks this node's core, or sends it on; no answer is needed, for the new leader will be seen.
   */
  private void handOver(@Nullable NodeId to) {
    RaftStatus status = parts.raft().status();
    NodeId leader = status.leader();
    if (status.isLeader()) {
      parts.raft().transferLeadership(to);
    } else if (leader != null) {
      ServiceMessage ask =
          new ServiceMessage.AskTransfer(parts.startNumber(), ids.incrementAndGet(), to);
      parts.transport().sendService(leader, ServiceCodec.encode(ask));
    }
  }

  private boolean transferred(NodeId before, boolean late, TransferCompletion completion) {
    NodeId leader = parts.raft().status().leader();
    if (leader != null && !leader.equals(before)) {
      completion.answered(leader);
      return true;
    }
    if (late) {
      completion.answered(null);
    }
    return late;
  }

  /** A change on its way; the first answer counts. */
  private final class Waiting implements ChangeCompletion, Sweeper.Open {
    private final long id;
    private final long deadlineNanos;
    private final ChangeCompletion completion;
    private final AtomicBoolean answered = new AtomicBoolean();

    Waiting(long id, long deadlineNanos, ChangeCompletion completion) {
      this.id = id;
      this.deadlineNanos = deadlineNanos;
      this.completion = completion;
    }

    @Override
    public void answered(ChangeOutcome outcome) {
      if (answered.compareAndSet(false, true)) {
        sent.remove(id);
        completion.answered(outcome);
      }
    }

    @Override
    public boolean sweep(long nowNanos) {
      if (nowNanos - deadlineNanos >= 0) {
        answered(new ChangeOutcome.Unknown());
      }
      return answered.get();
    }
  }
}
