package io.lockstep.http.error;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.result.Failure;

/** What a client is told when ids or a fence refuse: a total switch. */
final class IdProblems {
  private static final int CONFLICT = 409;
  private static final int TOKEN_LENGTH = 32;

  private IdProblems() {}

  static Problem of(Failure.OfIds failure) {
    return switch (failure) {
      case Failure.IdsExhausted none ->
          Problem.of(ProblemCode.IDS_EXHAUSTED, "so many ids are not left in this sequence");
      case Failure.LimitDiffers(long given, long stored) ->
          Problem.of(
                  ProblemCode.LIMIT_DIFFERS,
                  "it was begun with " + stored + "; ask for that, or use another name")
              .with("given", given)
              .with("current", stored);
      case Failure.PoolExhausted(long limit, long retryAfter) ->
          Problems.limited(ProblemCode.POOL_EXHAUSTED, "numbers in this pool", limit)
              .retryAfter(retryAfter == 0 ? Problems.jittered() : retryAfter);
      case Failure.LatchNotFound none ->
          Problem.of(ProblemCode.LATCH_NOT_FOUND, "nobody has arrived at this latch");
      case Failure.PeriodRunning(long token, long expiresIn) ->
          Problem.of(ProblemCode.PERIOD_RUNNING, "another is at work on this period")
              .with("token", token)
              .with("expires_in_ms", expiresIn)
              .retryAfter(expiresIn + 1);
      case Failure.PeriodDone(long token) ->
          Problem.of(ProblemCode.PERIOD_DONE, "the work of this period was done")
              .with("token", token);
      case Failure.ClaimLost(long token) ->
          Problem.of(ProblemCode.GRANT_LOST, "there is no good claim under this token")
              .with("token", token);
      case Failure.StaleFence(long given, long current) -> {
        JsonText seen = new JsonText(TOKEN_LENGTH).begin().field("token", current).end();
        yield Problem.of(ProblemCode.STALE_TOKEN, "the fence has seen a greater token than this")
            .withStatus(CONFLICT)
            .with("given", given)
            .with(new Problem.Member.Json("current", seen));
      }
    };
  }
}
