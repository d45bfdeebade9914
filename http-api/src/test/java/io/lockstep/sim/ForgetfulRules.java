package io.lockstep.sim;

import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.request.StoredAnswer;
import org.jspecify.annotations.Nullable;

/**
 * Rules by which a stored answer is forgotten, however young, when so many newer ones are there.
 */
final class ForgetfulRules extends Rules {
  private static final int KEPT = 3;

  @Override
  protected @Nullable StoredAnswer remembered(RequestTable requests, RequestKey key) {
    StoredAnswer answer = super.remembered(requests, key);
    if (answer == null) {
      return null;
    }
    int newer = 0;
    RequestTable.Cursor all = requests.cursor();
    for (StoredAnswer other = all.next(); other != null; other = all.next()) {
      newer += other.index() > answer.index() ? 1 : 0;
    }
    return newer < KEPT ? answer : null;
  }
}
