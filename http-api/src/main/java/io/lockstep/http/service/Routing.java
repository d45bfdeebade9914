package io.lockstep.http.service;

import io.lockstep.kv.command.Command.Renew;
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
  private final Forwards forwards;

  Routing(
      RaftHandle<Applied> raft,
      Admission admission,
      Sweeper sweeper,
      RenewalWindow renewals,
      Forwards forwards) {
    this.raft = raft;
    this.admission = admission;
    this.sweeper = sweeper;
    this.renewals = renewals;
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
        new Submission(this, payload, lane, shareable(request), deadlineNanos, sink);
    attempt(submission);
    sweeper.add(submission);
  }

  /**
   * The renewals of a request that may share an entry: one with a key needs an entry of its own.
   */
  static @Nullable Renew shareable(Request request) {
    return request.key() == null && request.command() instanceof Renew renew ? renew : null;
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
    } else if (proposal.shared != null) {
      renewals.add(proposal, proposal.shared);
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
