package io.lockstep.sim;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.request.StoredAnswer;
import org.jspecify.annotations.Nullable;

/** Rules of one node that go wrong once its state was restored from a snapshot. */
abstract class AfterRestore extends Rules {
  private boolean restored;

  /** The state is that of a snapshot now. */
  void restored() {
    restored = true;
  }

  boolean isRestored() {
    return restored;
  }

  /** The answers that were stored before are missing. */
  static final class AnswersMissing extends AfterRestore {
    private @Nullable RequestTable missing;

    @Override
    void restored() {
      super.restored();
      missing = null;
    }

    @Override
    protected @Nullable StoredAnswer remembered(RequestTable requests, RequestKey key) {
      StoredAnswer answer = super.remembered(requests, key);
      if (!isRestored()) {
        return answer;
      }
      if (missing == null) {
        missing = requests;
      }
      return missing.get(key.scope(), key.text()) == null ? answer : null;
    }
  }

  /** Leases run for some seconds more. */
  static final class DeadlinesReset extends AfterRestore {
    private static final long MORE_MILLIS = 5_000;

    @Override
    protected boolean due(long clusterTimeMillis, long deadlineMillis) {
      return super.due(
          clusterTimeMillis, isRestored() ? deadlineMillis + MORE_MILLIS : deadlineMillis);
    }
  }
}
