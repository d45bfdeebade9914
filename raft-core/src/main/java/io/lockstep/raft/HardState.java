package io.lockstep.raft;

import org.jspecify.annotations.Nullable;

/**
 * What a node must never forget: the latest term it has seen and the candidate it voted for in it
 * (thesis figure 3.1).
 *
 * @param term 0 only in {@link #INITIAL}
 * @param votedFor null while no vote was given in {@code term}
 */
public record HardState(long term, @Nullable NodeId votedFor) {
  /** The state of a node that has never heard of a term. */
  public static final HardState INITIAL = new HardState(0, null);
}
