package io.lockstep.http.error;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.result.Failure;
import io.lockstep.kv.result.HolderInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told of refusals that have to do with locks, elections, semaphores and their
 * queues.
 */
public final class LockProblems {
  private static final String DELAY = "lock-delay";

  private LockProblems() {}

  static Problem of(Failure.OfLock failure) {
    return switch (failure) {
      case Failure.LockHeld held -> ofHeld(held);
      case Failure.OneHeld one -> named(one.name(), ofHeld(one.held()));
      case Failure.LocksDiffer differ ->
          named(
              differ.name(),
              Problem.of(
                  ProblemCode.LOCKS_DIFFER,
                  "this lease has it together with other locks than these, or waits so; release"
                      + " them, or use another lease"));
      case Failure.NotHolder not -> ofNotHolder(not.holder());
      case Failure.GrantLost lost ->
          Problem.of(ProblemCode.GRANT_LOST, "the grant ended against its holder's will")
              .with("token", lost.token());
      case Failure.AmbiguousToken ambiguous ->
          Problem.of(
                  ProblemCode.AMBIGUOUS_TOKEN,
                  "several hold it or held it under this token; give \"lease\" instead")
              .with("token", ambiguous.token());
      case Failure.CandidateNotFound none ->
          Problem.of(
                  ProblemCode.CANDIDATE_NOT_FOUND, "no candidate has this name; see the election")
              .with("to", none.owner());
      case Failure.ModeConflict conflict -> ofMode(conflict.mode());
      case Failure.PermitsDiffer differ ->
          Problem.of(
                  ProblemCode.PERMITS_DIFFER,
                  "this lease has "
                      + differ.permits()
                      + " permits, or waits for them; release them, or take others"
                      + " for another lease")
              .with("permits", differ.permits());
      case Failure.SemaphoreLimitDiffers differs ->
          Problem.of(
                  ProblemCode.SEMAPHORE_LIMIT_DIFFERS,
                  "those who hold permits or wait for them have said "
                      + differs.stored()
                      + "; ask with that limit, or come when nobody holds or waits: then"
                      + " yours counts")
              .with("given", differs.given())
              .with("current", differs.stored());
      case Failure.TicketEnded ended ->
          Problem.of(ProblemCode.TICKET_ENDED, "the place in the queue has ended");
      case Failure.TicketNotFound none ->
          Problem.of(ProblemCode.TICKET_NOT_FOUND, "there was never such a place in this queue");
    };
  }

  /**
   * A wait that passed without a grant.
   *
   * @param of which of several locks was not free; null when one was asked for
   * @param queueLength how many still wait
   * @param opensInMillis until a delay ends; 0 when none holds it up
   */
  public static Problem waitPassed(
      @Nullable LockName of, @Nullable HolderInfo holder, long queueLength, long opensInMillis) {
    Problem problem =
        Problem.of(ProblemCode.LOCK_HELD, "it did not come free in time; the place is given up");
    if (of != null) {
      problem = named(of, problem);
    }
    if (holder == null && opensInMillis > 0) {
      return problem
          .with("reason", DELAY)
          .with("queue_length", queueLength)
          .retryAfter(opensInMillis);
    }
    if (holder == null) {
      return problem
          .with("reason", queueLength == 0 ? "held" : "reserved")
          .with("queue_length", queueLength)
          .retryAfter(Problems.jittered());
    }
    problem = problem.with("reason", queueLength == 0 ? "held" : "queued");
    return withHolder(problem, holder)
        .with("queue_length", queueLength)
        .retryAfter(Math.max(holder.expiresInMillis() + 1, opensInMillis));
  }

  private static Problem ofHeld(Failure.LockHeld held) {
    Problem problem =
        Problem.of(ProblemCode.LOCK_HELD, "it is not free")
            .with(
                "reason",
                switch (held.reason()) {
                  case HELD -> "held";
                  case QUEUED -> "queued";
                  case RESERVED -> "reserved";
                  case DELAY -> DELAY;
                });
    HolderInfo holder = held.holder();
    return (holder == null ? problem : withHolder(problem, holder))
        .with("queue_length", held.queueLength())
        .retryAfter(Math.max(1, held.retryAfterMillis()));
  }

  /** Of several locks the one that it is about. */
  private static Problem named(LockName name, Problem problem) {
    return problem.with("name", name.text().utf8());
  }

  private static Problem ofMode(LockMode mode) {
    return switch (mode) {
      case SHARED ->
          Problem.of(
                  ProblemCode.MODE_CONFLICT,
                  "this lease shares the lock, or waits to: a shared lock is not upgraded; release"
                      + " it and acquire it exclusively")
              .with("mode", "shared");
      case EXCLUSIVE ->
          Problem.of(
                  ProblemCode.MODE_CONFLICT,
                  "this lease holds the lock exclusively, or waits to: release it and acquire it"
                      + " shared")
              .with("mode", "exclusive");
    };
  }

  private static Problem ofNotHolder(@Nullable HolderInfo holder) {
    return holder == null
        ? Problem.of(ProblemCode.NOT_HOLDER, "nobody holds it")
        : withHolder(Problem.of(ProblemCode.NOT_HOLDER, "someone else holds it"), holder);
  }

  private static Problem withHolder(Problem problem, HolderInfo holder) {
    JsonText json =
        new JsonText(128)
            .begin()
            .field("owner", holder.owner())
            .field("token", holder.token())
            .field("since_revision", holder.sinceRevision())
            .field("expires_in_ms", holder.expiresInMillis())
            .end();
    return problem
        .with(new Problem.Member.Json("holder", json))
        .with("expires_in_ms", holder.expiresInMillis());
  }
}
