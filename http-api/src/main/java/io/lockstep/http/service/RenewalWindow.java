package io.lockstep.http.service;

import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result.Renewed;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.node.Completion;
import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeClock;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.node.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gathers renewals for a few milliseconds and proposes them as one entry, on the service loop. A
 * renewal of a lease that falls due within the window does not wait.
 */
final class RenewalWindow {
  /** Tells which renewals cannot wait. */
  interface Urgency {
    /** Whether what {@code renewal} renews ends within {@code millis}, as far as known. */
    boolean endsWithin(Renewal renewal, long millis);
  }

  private record Waiting(Proposal proposal, Renew renew, long sinceNanos) {}

  private final RaftHandle<Applied> raft;
  private final Loop service;
  private final NodeClock clock;
  private final Urgency urgency;
  private final CoordinatorOptions options;
  private final String principal;
  private List<Waiting> waiting = new ArrayList<>();
  private int count;
  private long window;

  RenewalWindow(
      RaftHandle<Applied> raft,
      Loop service,
      NodeClock clock,
      Urgency urgency,
      CoordinatorOptions options,
      String principal) {
    this.raft = raft;
    this.service = service;
    this.clock = clock;
    this.urgency = urgency;
    this.options = options;
    this.principal = principal;
  }

  /** Callable from any thread. */
  void add(Proposal proposal, Renew renew) {
    proposal.queued();
    Waiting one = new Waiting(proposal, renew, clock.nanoTime());
    service.execute(() -> gather(one));
  }

  private void gather(Waiting one) {
    int more = one.renew().renewals().size();
    if (count + more > options.renewalsMax()) {
      flush();
    }
    waiting.add(one);
    count += more;
    if (count >= options.renewalsMax() || urgent(one.renew())) {
      flush();
    } else if (waiting.size() == 1) {
      long mine = window;
      service.executeAfter(
          TimeUnit.MILLISECONDS.toNanos(options.renewalWindowMillis()),
          () -> {
            if (window == mine) {
              flush();
            }
          });
    }
  }

  private boolean urgent(Renew renew) {
    for (Renewal renewal : renew.renewals()) {
      // Twice the window: the entry itself takes its time to the log.
      if (urgency.endsWithin(renewal, 2 * options.renewalWindowMillis())) {
        return true;
      }
    }
    return false;
  }

  private void flush() {
    window++;
    List<Waiting> begun = new ArrayList<>(waiting.size());
    List<Renewal> renewals = new ArrayList<>(count);
    for (Waiting one : waiting) {
      if (one.proposal().begin()) {
        begun.add(one);
        renewals.addAll(one.renew().renewals());
      }
    }
    waiting = new ArrayList<>();
    count = 0;
    if (!begun.isEmpty()) {
      Request request = new Request(principal, null, new Renew(renewals));
      raft.propose(RequestCodec.encode(request), new Shared(begun, clock.nanoTime()));
    }
  }

  /** Hands each proposal its share of the one result, and counts its wait here as queue. */
  private record Shared(List<Waiting> begun, long offeredNanos) implements Completion<Applied> {
    @Override
    public void applied(long index, Applied result, Timing timing) {
      int from = 0;
      for (Waiting one : begun) {
        int to = from + one.renew().renewals().size();
        Timing own = timing.afterWaiting(offeredNanos - one.sinceNanos());
        one.proposal().applied(index, share(result, from, to), own);
        from = to;
      }
    }

    private static Applied share(Applied whole, int from, int to) {
      return whole.result() instanceof Renewed renewed
          ? new Applied(
              whole.index(),
              whole.revision(),
              whole.replayed(),
              new Renewed(renewed.results().subList(from, to)))
          : whole;
    }

    @Override
    public void failed(Outcome outcome) {
      for (Waiting one : begun) {
        one.proposal().failed(outcome);
      }
    }
  }
}
