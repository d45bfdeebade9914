package io.lockstep.raft.sim.check;

/** What a checker concludes about a history. */
public sealed interface Verdict {
  /** Some order of the calls explains every response. */
  record Legal() implements Verdict {}

  /** No order does. {@code explanation} names where the longest attempt got stuck. */
  record Illegal(String explanation) implements Verdict {}

  /**
   * The effort ran out first. No evidence either way, and so a failure wherever evidence is due.
   */
  record Undecided(long steps) implements Verdict {}

  default boolean isLegal() {
    return this instanceof Legal;
  }
}
