package io.lockstep.raft.node;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Input;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.MembershipChange;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Membership changes that were asked for and not answered. Any thread offers; all else is the raft
 * loop's.
 */
final class Changes {
  private static final int UNANSWERED_MAX = 16;

  private final Queue<Wish> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final Slots<ChangeCompletion> open = new Slots<>();
  private long lastTicket;

  private record Wish(MembershipChange change, List<Contact> known, ChangeCompletion completion) {}

  /** Returns false, and keeps nothing, when too many are unanswered. */
  boolean offer(MembershipChange change, List<Contact> known, ChangeCompletion completion) {
    if (unanswered.incrementAndGet() > UNANSWERED_MAX) {
      unanswered.decrementAndGet();
      return false;
    }
    queue.add(new Wish(change, known, completion));
    return true;
  }

  /** The next that the core has not been told; null for none. */
  Input.@Nullable ChangeMembership take() {
    Wish wish = queue.poll();
    if (wish == null) {
      return null;
    }
    open.put(++lastTicket, wish.completion());
    return new Input.ChangeMembership(lastTicket, wish.change(), wish.known());
  }

  void answered(long ticket, ChangeOutcome outcome) {
    ChangeCompletion completion =
        Invariant.present(open.take(ticket), "a change's ticket is completed once");
    unanswered.decrementAndGet();
    completion.answered(outcome);
  }

  /** Ends all: what the core has begun as unknown, the rest as not begun. */
  void closeAll() {
    ChangeCompletion completion;
    while ((completion = open.takeOldest()) != null) {
      unanswered.decrementAndGet();
      completion.answered(new ChangeOutcome.Unknown());
    }
    Wish wish;
    while ((wish = queue.poll()) != null) {
      unanswered.decrementAndGet();
      wish.completion().answered(new ChangeOutcome.NotLeader(null));
    }
  }
}
