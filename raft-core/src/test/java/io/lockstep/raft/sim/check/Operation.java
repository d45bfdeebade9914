package io.lockstep.raft.sim.check;

import org.jspecify.annotations.Nullable;

/**
 * One call that a client made, and what it heard.
 *
 * @param client who called; one client makes one call at a time
 * @param call what was asked
 * @param response what came back; null when the outcome is unknown: the call may take effect at any
 *     time after its invocation, or never
 * @param invokedAt when it was asked; any clock that orders all events of the history
 * @param returnedAt when the answer came; {@link #NEVER} when the outcome is unknown
 */
public record Operation<C, R>(
    String client, C call, @Nullable R response, long invokedAt, long returnedAt) {
  /** The return time of a call whose outcome is unknown. */
  public static final long NEVER = Long.MAX_VALUE;

  public Operation {
    if ((response == null) != (returnedAt == NEVER) || invokedAt > returnedAt) {
      throw new IllegalArgumentException(
          "no history: " + call + " " + invokedAt + " " + returnedAt);
    }
  }

  /** A call that was answered. */
  public static <C, R> Operation<C, R> answered(
      String client, C call, R response, long invokedAt, long returnedAt) {
    return new Operation<>(client, call, response, invokedAt, returnedAt);
  }

  /** A call whose outcome nobody knows. */
  public static <C, R> Operation<C, R> unknown(String client, C call, long invokedAt) {
    return new Operation<>(client, call, null, invokedAt, NEVER);
  }

  public boolean isAnswered() {
    return response != null;
  }
}
