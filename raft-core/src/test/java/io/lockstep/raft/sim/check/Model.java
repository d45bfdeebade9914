package io.lockstep.raft.sim.check;

import org.jspecify.annotations.Nullable;

/**
 * How one object behaves when its calls come one after the other.
 *
 * @param <S> its state; immutable, compared by {@code equals}
 * @param <C> a call
 * @param <R> a response
 */
public interface Model<S, C, R> {
  S initial();

  /**
   * The state after {@code call} answered {@code response} in {@code state}, or null when it could
   * not have. A null response stands for one that nobody heard: then the state after the call took
   * effect, or null when it would change nothing here.
   */
  @Nullable S step(S state, C call, @Nullable R response);

  /** Whether a call with this answer changes nothing in any state in which it can have it. */
  boolean onlyLooks(C call, R response);
}
