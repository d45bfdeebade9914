package io.lockstep.http.service;

import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.RaftHandle;
import org.jspecify.annotations.Nullable;

/**
 * Brings requests to the log: through this node's own when it leads, else through the leader's.
 * Thread-safe.
 */
final class Routing {
  private final RaftHandle<Applied> raft;
  private final Admission admission;
  private final Sweeper sweeper;
  private final RenewalWindow renewals;
  private final IdBlocks ids;
  private final Forwards forwards;

  Routing(
      RaftHandle<Applied> raft,
      Admission admission,
      Sweeper sweeper,
      RenewalWindow renewals,
      IdBlocks ids,
      Forwards forwards) {
    this.raft = raft;
    this.admission = admission;
    this.sweeper = sweeper;
    this.renewals = renewals;
    this.ids = ids;
    this.forwards = forwards;
  }

  /** Submits a client's request. */
  void submit(Request request, long deadlineNanos, AnswerSink sink) {
    if (admission.isShuttingDown()) {
      sink.answer(new Answer.NotApplied(Refusal.SHUTTING_DOWN));
    } else {
      submitAlways(request, deadlineNanos, sink);
    }
  }

  /** Submits a request of this node's own too while it is stopping. */
  void submitAlways(Request request, long deadlineNanos, AnswerSink sink) {
    Lane lane = Lane.of(request.command());
    Bytes payload = RequestCodec.encode(request);
    if (!admission.enter(lane, payload.length())) {
      sink.answer(new Answer.NotApplied(Refusal.OVERLOADED));
      return;
    }
    Submission submission =
        new Submission(this, payload, lane, apart(request), deadlineNanos, sink);
    attempt(submission);
    sweeper.add(submission);
  }

  /**
   * The request if it does not simply become an entry. Renewals with a key do: their answer is
   * stored with it.
   */
  static @Nullable Request apart(Request request) {
    boolean renews = request.key() == null && request.command() instanceof Renew;
    return renews || request.command() instanceof TakeIds ? request : null;
  }

  /** Tries to bring a submission to the log; one that stays here is tried again by the sweep. */
  void attempt(Submission submission) {
    RaftStatus status = raft.status();
    if (status.isLeader()) {
      propose(submission);
      return;
    }
    NodeId leader = status.leader();
    if (leader != null && !leader.equals(status.self()) && submission.begin()) {
      forwards.send(leader, submission);
    }
  }

  /** Proposes to this node's own log. */
  void propose(Proposal proposal) {
    if (!Admission.hasRoom(raft, proposal.lane)) {
      if (proposal.begin()) {
        proposal.refused(Refusal.NO_SPACE);
      }
    } else if (proposal.apart != null && proposal.apart.command() instanceof Renew renew) {
      renewals.add(proposal, renew);
    } else if (proposal.apart != null && proposal.apart.command() instanceof TakeIds take) {
      ids.take(proposal, proposal.apart, take);
    } else if (proposal.begin()) {
      raft.propose(proposal.payload, proposal);
    }
  }

  /** A submission has its answer. */
  void left(Submission submission) {
    admission.leave(submission.payload.length());
    long id = submission.forwardId();
    if (id != 0) {
      forwards.forget(id);
    }
  }
}
