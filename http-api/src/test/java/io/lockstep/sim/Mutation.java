package io.lockstep.sim;

import io.lockstep.raft.sim.check.ExactlyOnce;
import io.lockstep.raft.sim.check.Operation;
import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One write that a client wants, over all its attempts, and what it heard of it. */
final class Mutation {
  final String client;
  final Call call;

  /** The value that only this write puts; null for one without. */
  final @Nullable String value;

  /** Whether its key is changed by such calls alone, and not by the ends of leases. */
  final boolean judged;

  final long invokedAt;
  int attempts;
  private int refusedAttempts;
  private @Nullable Response response;
  private long returnedAt;
  private boolean failed;
  private final List<String> answers = new ArrayList<>();

  Mutation(String client, Call call, @Nullable String value, boolean judged, long invokedAt) {
    this.client = client;
    this.call = call;
    this.value = value;
    this.judged = judged;
    this.invokedAt = invokedAt;
  }

  /** An attempt was certainly not applied. */
  void refused() {
    refusedAttempts++;
  }

  /** An attempt was answered by the state machine; null when the key was not even looked at. */
  void answered(@Nullable Response heard, long at) {
    boolean done = heard instanceof Response.Written || heard instanceof Response.Deleted;
    if (done) {
      answers.add(heard.toString());
    } else {
      failed = true;
    }
    if (response == null && heard != null) {
      response = heard;
      returnedAt = at;
    }
  }

  boolean isAnswered() {
    return response != null || failed;
  }

  private boolean hadNoEffect() {
    return failed && response == null || attempts == refusedAttempts;
  }

  /** As it goes into the history; null for what had no effect and saw nothing. */
  @Nullable Operation<Call, Response> operation() {
    if (response != null) {
      return Operation.answered(client, call, response, invokedAt, returnedAt);
    }
    return hadNoEffect() ? null : Operation.unknown(client, call, invokedAt);
  }

  void addTo(ExactlyOnce checker) {
    if (value == null) {
      return;
    }
    answers.forEach(answer -> checker.applied(value, answer));
    if (failed && !answers.isEmpty()) {
      checker.applied(value, "also refused");
    } else if (failed || hadNoEffect()) {
      checker.refused(value);
    }
  }
}
