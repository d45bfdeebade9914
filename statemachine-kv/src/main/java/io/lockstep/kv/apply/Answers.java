package io.lockstep.kv.apply;

import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.request.StoredAnswer;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Failure.AnswersFull;
import io.lockstep.kv.result.Failure.RequestMismatch;
import io.lockstep.kv.result.Result;
import org.jspecify.annotations.Nullable;

/** Requests with an idempotency key: answered again or, the first time, remembered. */
final class Answers {
  private Answers() {}

  /**
   * The answer that a request with {@code key} gets without being executed; null when it is to be
   * executed.
   */
  static @Nullable Applied known(Draft draft, RequestKey key) {
    StoredAnswer stored = draft.rules.remembered(draft.requests, key);
    if (stored == null) {
      return makeRoom(draft)
          ? null
          : answer(draft, new AnswersFull(draft.limits.storedAnswersMax()));
    }
    if (!stored.key().fingerprint().equals(key.fingerprint())) {
      return answer(draft, new RequestMismatch());
    }
    return Replay.of(draft.state(), stored, draft.index);
  }

  static void remember(Draft draft, RequestKey key, Result result) {
    draft.requests =
        draft.requests.with(
            StoredAnswer.of(
                key,
                draft.index,
                draft.revision(),
                draft.now,
                result,
                draft.limits.storedAnswerBytesMax()));
  }

  private static Applied answer(Draft draft, Result result) {
    return new Applied(draft.index, draft.revision(), false, result);
  }

  /** Forgets the oldest answers to make room for one; false when they are too young for that. */
  private static boolean makeRoom(Draft draft) {
    long max = draft.limits.storedAnswersMax();
    for (int i = 0; i < Expiry.FORGOTTEN_AN_ENTRY && draft.requests.size() >= max; i++) {
      StoredAnswer oldest = draft.requests.oldest();
      if (oldest == null || max == 0) {
        return false;
      }
      if (draft.now - oldest.clusterTimeMillis() < draft.limits.storedAnswerMillisMin()) {
        return false;
      }
      draft.requests = draft.requests.without(oldest);
    }
    return true;
  }
}
